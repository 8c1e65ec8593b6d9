/* lines_test - blocks, last lines, long lines */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/text.h"
#include "cli/lines.h"

struct seen {
	size_t n, bytes, last;
};

static void
count(void *ctx, struct str line)
{
	struct seen *s = ctx;

	s->n++;
	s->bytes += line.n;
	s->last = line.n;
}

static struct seen
read_text(const char *text, size_t n)
{
	char path[] = "/tmp/outpost-lines-XXXXXX";
	struct seen s = {0};
	struct error err;
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	close(fd);
	CHECK_INT(lines_read(path, count, NULL, &s, &err), 0);
	unlink(path);
	return s;
}

static void
reads_lines(void)
{
	struct seen s = read_text("a\nbc\n\nlast", 10);

	CHECK_INT(s.n, 4);
	CHECK_INT(s.bytes, 7);
	CHECK_INT(s.last, 4);
	CHECK_INT(read_text("", 0).n, 0);
	CHECK_INT(read_text("\n", 1).n, 1);
}

static void
cuts_long_lines(void)
{
	size_t n = 3u << 20;
	char *big = malloc(n + 2);

	memset(big, 'x', n);
	big[n] = '\n';
	big[n + 1] = 'y';
	struct seen s = read_text(big, n + 2);

	CHECK_INT(s.bytes, n + 1);
	CHECK_INT(s.last, 1);
	free(big);
}

static void
names_what_is_missing(void)
{
	struct seen s = {0};
	struct error err;

	CHECK_INT(lines_read("/nonexistent/x", count, NULL, &s, &err), -1);
	CHECK(strstr(err.text, "/nonexistent/x") != NULL);
}

TESTS(TEST(reads_lines), TEST(cuts_long_lines), TEST(names_what_is_missing))
