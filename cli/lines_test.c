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

/* Lines of many lengths, so that blocks end anywhere in them; each as long as
 * it says, and not cut. */
static void
joins_lines_over_blocks(void)
{
	enum { LINES = 2000, LONG = 255 * 1024 };
	size_t room = (size_t)LINES * 300 + LONG + 2, n = 0;
	char *big = malloc(room);

	for (size_t i = 0; i < LINES; i++) {
		size_t length = i * 37 % 299;

		memset(big + n, 'x', length);
		n += length;
		big[n++] = '\n';
	}
	struct seen s = read_text(big, n);

	CHECK_INT(s.n, LINES);
	CHECK_INT(s.bytes, n - LINES);
	memset(big + n, 'y', LONG);
	n += LONG;
	big[n++] = '\n';
	s = read_text(big, n);
	CHECK_INT(s.n, LINES + 1);
	CHECK_INT(s.last, LONG);
	free(big);
}

struct changed {
	struct seen seen;
	const char *path;
	bool is_cut; /* else something is appended */
	bool is_done;
};

static void
change(void *ctx, struct str line)
{
	struct changed *c = ctx;

	count(&c->seen, line);
	if (c->is_done)
		return;
	c->is_done = true;
	if (c->is_cut) {
		CHECK_INT(truncate(c->path, 100), 0);
		return;
	}
	FILE *f = fopen(c->path, "a");

	fputs("x\ny", f);
	fclose(f);
}

static int
read_changed(struct changed *c, struct error *err)
{
	enum { LINES = 60000, EACH = 50 };
	char path[] = "/tmp/outpost-lines-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	for (size_t i = 0; i < LINES; i++)
		fprintf(f, "%*s\n", EACH - 1, "x");
	fputs("unfinished ", f);
	fclose(f);
	c->path = path;
	int status = lines_read(path, change, NULL, c, err);

	unlink(path);
	if (!c->is_cut) {
		CHECK_INT(c->seen.n, LINES + 2);
		CHECK_INT(c->seen.bytes, LINES * (EACH - 1) + 13);
	}
	return status;
}

static void
reads_on_what_grows(void)
{
	struct changed c = {.is_cut = false};
	struct error err;

	CHECK_INT(read_changed(&c, &err), 0);
	CHECK_INT(c.seen.last, 1);
}

/* As copytruncate does with a log. */
static void
tells_of_what_is_cut(void)
{
	struct changed c = {.is_cut = true};
	struct error err;

	CHECK_INT(read_changed(&c, &err), -1);
	CHECK(str_ends(str_from(err.text),
	    STR(": was cut short, or failed, while it was read")));
	CHECK(strncmp(err.text, "/tmp/outpost-lines-", 19) == 0);
	c = (struct changed){.is_cut = false};
	CHECK_INT(read_changed(&c, &err), 0);
}

static void
names_what_is_missing(void)
{
	struct seen s = {0};
	struct error err;

	CHECK_INT(lines_read("/nonexistent/x", count, NULL, &s, &err), -1);
	CHECK(strstr(err.text, "/nonexistent/x") != NULL);
}

TESTS(TEST(reads_lines), TEST(cuts_long_lines), TEST(joins_lines_over_blocks),
    TEST(reads_on_what_grows), TEST(tells_of_what_is_cut),
    TEST(names_what_is_missing))
