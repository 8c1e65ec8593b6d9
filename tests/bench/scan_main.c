/* scan - the bare pass: finds lines, programs and fields, judges nothing
 *
 * usage: scan FILE...   ("-" is standard input)
 *
 * The yardstick of `make bench`: what any reader of a Postfix log must do at
 * least. It finds each line, its host, program and process id, a queue id
 * if there is one, and cuts the rest into "key=value" fields at commas, up
 * to status=, whose text is one field. Fields are looked up by name in a
 * small table, as a reader would, and numbers are summed, so that nothing is
 * left out because nobody looks. No times are parsed, nothing is stored.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, PROGRAMS_MAX = 256 };

struct view {
	const char *p;
	size_t n;
};

struct program {
	char name[64];
	uint64_t lines;
};

enum name { SIZE, NRCPT, STATUS };

static const struct view names[] = {{"size", 4}, {"nrcpt", 5}, {"status", 6},
    {"client", 6}, {"sasl_method", 11}, {"sasl_username", 13},
    {"message-id", 10}, {"from", 4}, {"to", 2}, {"orig_to", 7}, {"relay", 5},
    {"delay", 5}, {"delays", 6}, {"dsn", 3}};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static struct {
	uint64_t lines, bytes, ids, fields, others, sizes, nrcpts, pids;
	uint64_t by_name[NAMES];
	struct program programs[PROGRAMS_MAX];
} seen;

static void
count_program(struct view name)
{
	size_t i;

	if (name.n == 0 || name.n >= sizeof(seen.programs[0].name))
		return;
	i = name.n * 31 + (unsigned char)name.p[name.n - 1] * 7 +
	    (unsigned char)name.p[name.n / 2];
	for (size_t k = 0; k < PROGRAMS_MAX; k++, i++) {
		struct program *p = &seen.programs[i % PROGRAMS_MAX];

		if (p->lines == 0)
			memcpy(p->name, name.p, name.n);
		else if (memcmp(p->name, name.p, name.n) != 0 ||
			 p->name[name.n] != '\0')
			continue;
		p->lines++;
		return;
	}
}

static uint64_t
number(struct view v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.n && v.p[i] >= '0' && v.p[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(v.p[i] - '0');
	return n;
}

static int
find_name(struct view key)
{
	for (int i = 0; i < NAMES; i++)
		if (names[i].n == key.n &&
		    memcmp(names[i].p, key.p, key.n) == 0)
			return i;
	return -1;
}

/* Counts one field; false after the last one that is worth a cut. */
static bool
count_field(struct view field)
{
	const char *eq = memchr(field.p, '=', field.n);
	struct view key, value;
	int name;

	if (eq == NULL || eq == field.p) {
		seen.others++;
		return true;
	}
	key = (struct view){field.p, (size_t)(eq - field.p)};
	value = (struct view){eq + 1, field.n - key.n - 1};
	name = find_name(key);
	seen.fields++;
	if (name < 0)
		return true;
	seen.by_name[name]++;
	if (name == SIZE)
		seen.sizes += number(value);
	else if (name == NRCPT)
		seen.nrcpts += number(value);
	return name != STATUS;
}

static void
cut_fields(const char *p, const char *end)
{
	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma == NULL ? end : comma;

		if (!count_field((struct view){p, (size_t)(stop - p)}))
			return;
		p = stop + 1;
		while (p < end && *p == ' ')
			p++;
	}
}

/* "4F0C31A2B7: " or a long id; returns what follows. */
static const char *
skip_id(const char *p, const char *end)
{
	const char *q = p;

	while (
	    q < end && ((*q >= '0' && *q <= '9') || (*q >= 'A' && *q <= 'Z') ||
			   (*q >= 'a' && *q <= 'z')))
		q++;
	if (q - p < 6 || end - q < 2 || q[0] != ':' || q[1] != ' ')
		return p;
	seen.ids++;
	return q + 2;
}

static void
read_line(const char *p, const char *end)
{
	/* "Jan 12 08:00:00 " or "2026-01-12T08:00:00.000000+00:00 " */
	bool digits = end - p > 16 && *p >= '0' && *p <= '9';
	const char *tag, *q;

	seen.lines++;
	seen.bytes += (uint64_t)(end - p) + 1;
	tag = digits ? memchr(p, ' ', (size_t)(end - p)) : p + 15;
	if (tag == NULL || end - p < 18)
		return;
	tag = memchr(tag + 1, ' ', (size_t)(end - tag - 1));
	if (tag == NULL)
		return;
	for (q = ++tag; q < end && *q != '[' && *q != ':' && *q != ' ';)
		q++;
	count_program((struct view){tag, (size_t)(q - tag)});
	if (q < end && *q == '[') {
		seen.pids +=
		    number((struct view){q + 1, (size_t)(end - q) - 1});
		q = memchr(q, ']', (size_t)(end - q));
		q = q == NULL ? end : q + 1;
	}
	if (end - q < 2 || q[0] != ':')
		return;
	cut_fields(skip_id(q + 2, end), end);
}

static bool
read_all(int fd)
{
	static char buf[BUFFER];
	size_t have = 0;
	ssize_t k;

	while ((k = read(fd, buf + have, BUFFER - have)) > 0) {
		const char *p = buf, *end = buf + have + k, *nl;

		while ((nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
			read_line(p, nl);
			p = nl + 1;
		}
		have = (size_t)(end - p);
		if (have == BUFFER)
			have = 0;
		memmove(buf, p, have);
	}
	return k == 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int fd =
		    strcmp(argv[i], "-") == 0 ? 0 : open(argv[i], O_RDONLY);

		if (fd < 0 || !read_all(fd)) {
			perror(argv[i]);
			return 1;
		}
		close(fd);
	}
	printf("lines\t%ju\nbytes\t%ju\nids\t%ju\nfields\t%ju\nothers\t%ju\n"
	       "size\t%ju\nnrcpt\t%ju\npids\t%ju\n",
	    (uintmax_t)seen.lines, (uintmax_t)seen.bytes, (uintmax_t)seen.ids,
	    (uintmax_t)seen.fields, (uintmax_t)seen.others,
	    (uintmax_t)seen.sizes, (uintmax_t)seen.nrcpts,
	    (uintmax_t)seen.pids);
	for (size_t i = 0; i < NAMES; i++)
		printf("%s=\t%ju\n", names[i].p, (uintmax_t)seen.by_name[i]);
	for (size_t i = 0; i < PROGRAMS_MAX; i++)
		if (seen.programs[i].lines > 0)
			printf("[%s]\t%ju\n", seen.programs[i].name,
			    (uintmax_t)seen.programs[i].lines);
	return 0;
}
