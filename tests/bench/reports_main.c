/* reports - how many feedback reports a core reads in a second
 *
 * usage: reports SECONDS FILE...
 *
 * Reads each file again and again, whose message it was included (no reference
 * opens: each costs its decryption). Prints reports a second.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "fbl/owner.h"

enum { FILES_MAX = 1000, FILE_MAX_BYTES = 1 << 20 };

static struct str files[FILES_MAX];

static size_t
read_files(char **paths, size_t n)
{
	char *buf = xalloc(1, FILE_MAX_BYTES);
	size_t read = 0;

	for (size_t i = 0; i < n && read < FILES_MAX; i++) {
		FILE *f = fopen(paths[i], "rb");
		size_t size = f ? fread(buf, 1, FILE_MAX_BYTES, f) : 0;

		if (f)
			fclose(f);
		if (size > 0)
			files[read++] =
			    str_make(str_dup(str_make(buf, size)), size);
	}
	free(buf);
	return read;
}

static void
read_one(struct str bytes, const struct owner_rules *rules)
{
	enum fbl_unread unread;
	struct fbl_report r;
	struct arena arena;
	struct owner owner;
	struct error err;

	arena_init(&arena);
	if (fbl_report_parse(
		bytes, &fbl_limits_default, &arena, &r, &unread, &err) == 0)
		owner_find(rules, &r, NULL, NULL, &owner);
	arena_done(&arena);
}

int
main(int argc, char **argv)
{
	int64_t us = argc > 2 ? strtoll(argv[1], NULL, 10) * TIME_US : 0;
	const struct crypto_key secret = {{7}};
	struct ref_keys refs = {0};
	const struct owner_rules rules = {.refs = &refs};
	size_t n = argc > 2 ? read_files(argv + 2, (size_t)argc - 2) : 0;
	int64_t begin = time_cpu_us(), now = begin;
	size_t done = 0;

	if (us <= 0 || n == 0) {
		fputs("usage: reports SECONDS FILE...\n", stderr);
		return 2;
	}
	ref_keys_add(&refs, &secret);
	for (; now - begin < us; now = time_cpu_us())
		for (size_t i = 0; i < n; i++, done++)
			read_one(files[i], &rules);
	printf("%.0f\n", (double)done * 1e6 / (double)(now - begin));
	return 0;
}
