/* gz_test */
#include "base/gz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/test.h"

static char dir[] = "/tmp/gz_test.XXXXXX";
static char path[sizeof(dir) + 8];

enum { SIZE = 1 << 20 };

static char content[SIZE], got[SIZE + 10];

static void
make_content(void)
{
	uint32_t random = 7;

	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1664525 + 1013904223;
		content[i] = (char)('a' + (random >> 28));
	}
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/file", dir);
}

static void
write_plain(const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	CHECK(f != NULL);
	CHECK_INT(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void
write_gz(const char *mode)
{
	gzFile f = gzopen(path, mode);

	CHECK_INT(gzwrite(f, content, SIZE), SIZE);
	gzclose(f);
}

/* All bytes of the file into `got`; -1 with err. */
static ssize_t
read_all(struct error *err)
{
	struct gz *g = gz_open(path, err);
	size_t at = 0;
	ssize_t n;
	uint64_t done, size;

	if (!g)
		return -1;
	while (
	    (n = gz_read(g, got + at,
		 sizeof(got) - at > 7777 ? 7777 : sizeof(got) - at, err)) > 0)
		at += (size_t)n;
	gz_progress(g, &done, &size);
	if (n == 0)
		CHECK_INT(done, size);
	gz_close(&g);
	CHECK(g == NULL);
	return n < 0 ? -1 : (ssize_t)at;
}

static void
test_whole(void)
{
	struct error err;

	make_content();
	write_plain(content, SIZE);
	CHECK_INT(read_all(&err), SIZE);
	CHECK(memcmp(got, content, SIZE) == 0);
	write_gz("wb1");
	CHECK_INT(read_all(&err), SIZE);
	CHECK(memcmp(got, content, SIZE) == 0);
	write_plain("", 0);
	CHECK_INT(read_all(&err), 0);
	write_plain("\x1f", 1);
	CHECK_INT(read_all(&err), 1);
}

static void
test_is_plain(void)
{
	struct error err;

	write_plain(content, SIZE);
	struct gz *g = gz_open(path, &err);

	CHECK(gz_is_plain(g));
	CHECK_INT(gz_read(g, got, 100, &err), 100);
	CHECK(memcmp(got, content, 100) == 0);
	gz_close(&g);
	write_gz("wb1");
	g = gz_open(path, &err);
	CHECK(!gz_is_plain(g));
	CHECK_INT(gz_read(g, got, 100, &err), 100);
	CHECK(memcmp(got, content, 100) == 0);
	gz_close(&g);
}

/* All that can be looked at, as one piece; the rest by reading. */
static void
test_look(void)
{
	enum { MORE = 3 };
	size_t whole = (size_t)MORE * SIZE + 5, n = 0;
	char *large = malloc(whole);
	const char *first = NULL, *p;
	struct error err;
	uint64_t done, size;
	ssize_t part;

	for (size_t i = 0; i < whole; i++)
		large[i] = content[i % SIZE];
	write_plain(large, whole);
	struct gz *g = gz_open(path, &err);
	struct gz *other = gz_open(path, &err);

	while ((part = gz_look(g, &p, &err)) > 0) {
		first = first ? first : p;
		CHECK(p == first + n);
		n += (size_t)part;
		gz_progress(g, &done, &size);
		CHECK_INT(done, n);
		CHECK_INT(size, whole);
		/* One at a time. */
		CHECK_INT(gz_look(other, &p, &err), 0);
	}
	CHECK_INT(n, whole);
	CHECK(first && memcmp(first, large, whole) == 0);
	FILE *f = fopen(path, "ab");

	fputs("more", f);
	fclose(f);
	CHECK_INT(gz_read(g, got, 3, &err), 3);
	CHECK_INT(gz_look(g, &p, &err), 0); /* what was read isn't again */
	CHECK_INT(gz_read(g, got + 3, 100, &err), 1);
	CHECK(memcmp(got, "more", 4) == 0);
	gz_close(&g);
	CHECK_INT(gz_read(other, got, SIZE, &err), SIZE);
	CHECK_INT(gz_look(other, &p, &err), 0); /* it has begun */
	gz_close(&other);
	write_gz("wb1");
	g = gz_open(path, &err);
	CHECK_INT(gz_look(g, &p, &err), 0);
	CHECK_INT(gz_read(g, got, SIZE, &err), SIZE);
	CHECK(memcmp(got, content, SIZE) == 0);
	gz_close(&g);
	free(large);
}

static void
test_broken(void)
{
	struct error err;

	write_gz("wb1");
	CHECK_INT(truncate(path, 100000), 0);
	CHECK_INT(read_all(&err), -1);
	CHECK(str_ends(
	    str_from(err.text), STR("/file: the gzip data ends early")));

	write_plain("\x1f\x8b\x08", 3);
	CHECK_INT(read_all(&err), -1);

	write_gz("wb1");
	FILE *f = fopen(path, "r+b");

	fseek(f, 5000, SEEK_SET);
	for (int i = 0; i < 64; i++)
		fputc(0xff, f);
	fclose(f);
	CHECK_INT(read_all(&err), -1);
	CHECK(str_find(str_from(err.text), STR("broken gzip data")) > 0);
}

static void
test_no_file(void)
{
	struct error err;

	unlink(path);
	CHECK(gz_open(path, &err) == NULL);
	CHECK(str_ends(
	    str_from(err.text), STR("/file: No such file or directory")));
	CHECK(gz_open(dir, &err) == NULL);
	CHECK(str_ends(str_from(err.text), STR(": is a directory")));
	rmdir(dir);
}

TESTS(TEST(test_whole), TEST(test_is_plain), TEST(test_look), TEST(test_broken),
    TEST(test_no_file))
