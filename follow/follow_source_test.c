/* follow_source_test - one log file under everything that happens to one */
#include "follow/follow_source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "follow/follow.h"

static struct {
	char dir[32], path[64], old[64];
	struct follow_source source;
	struct error err;
	struct text got; /* the lines, each with a '|' behind it */
	size_t longest;
	unsigned gaps;
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	(void)ctx;
	(void)source;
	if (line.n > t.longest)
		t.longest = line.n;
	text_str(&t.got, str_head(line, 40));
	text_char(&t.got, '|');
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	(void)ctx;
	(void)source;
	CHECK(strstr(why, "mail.log") != NULL);
	t.gaps++;
}

static const struct follow_sink sink = {on_line, on_gap, NULL, 0, 0};

static void
put(const char *path, int flags, const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		fatal("%s: can't be written", path);
	close(fd);
}

static void
append(const char *words)
{
	put(t.path, O_APPEND, words, strlen(words));
}

static void
rewrite(const char *words)
{
	put(t.path, O_TRUNC, words, strlen(words));
}

/* Reads until there is nothing more; the lines since the last call. */
static struct str
lines(void)
{
	text_clear(&t.got);
	while (follow_source_read(&t.source, &sink, &t.err) > 0)
		;
	return text_view(&t.got);
}

static struct str
lines_later(void)
{
	struct text all;
	static char buf[4096];

	text_init(&all, buf, sizeof(buf));
	for (int i = 0; i < 60; i++) {
		text_str(&all, lines());
		if (all.n > 0)
			break;
		usleep(25 * 1000);
	}
	return text_view(&all);
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	snprintf(t.path, sizeof(t.path), "%s/mail.log", t.dir);
	snprintf(t.old, sizeof(t.old), "%s/mail.log.1", t.dir);
	text_grow(&t.got, 1 << 20);
	follow_source_init(&t.source, str_from(t.path));
}

static void
end(void)
{
	follow_source_done(&t.source);
	text_done(&t.got);
	unlink(t.path);
	unlink(t.old);
	rmdir(t.dir);
}

/* The daemon was stopped and starts again, with what it saved. */
static void
restart(void)
{
	char buf[4096], copy[4096];
	struct follow_place p;
	struct text saved;

	text_init(&saved, buf, sizeof(buf));
	follow_source_print(&t.source, &saved);
	memcpy(copy, buf, saved.n);
	struct str in = str_make(copy, saved.n);

	follow_source_done(&t.source);
	follow_source_init(&t.source, str_from(t.path));
	if (in.n == 0)
		return;
	CHECK(follow_place_take(&in, &p));
	CHECK_INT(in.n, 0);
	CHECK_STR(p.path, str_from(t.path));
	follow_source_place(&t.source, &p);
}

static void
it_follows_what_is_appended(void)
{
	begin();
	append("one\ntwo\n");
	CHECK_STR(lines(), STR("one|two|"));
	CHECK_STR(lines(), STR(""));
	append("three\n");
	CHECK_STR(lines(), STR("three|"));
	CHECK_INT(follow_source_behind(&t.source), 0);
	append("four\n");
	CHECK_INT(follow_source_behind(&t.source), 5);
	end();
}

static void
line_ends(void)
{
	begin();
	append("one\r\n\n\r\ntwo\rb\nth");
	CHECK_STR(lines(), STR("one|two\rb|"));
	append("ree");
	CHECK_STR(lines(), STR(""));
	append("\nfour\r");
	CHECK_STR(lines(), STR("three|"));
	append("\n");
	CHECK_STR(lines(), STR("four|"));
	end();
}

static void
a_renamed_file_is_read_to_its_end(void)
{
	begin();
	append("one\n");
	CHECK_STR(lines(), STR("one|"));
	rename(t.path, t.old);
	CHECK_STR(lines(), STR(""));
	put(t.old, O_APPEND, "two\n", 4);
	append("new\n");
	CHECK_STR(lines(), STR("two|"));
	put(t.old, O_APPEND, "la", 2);
	CHECK_STR(lines(), STR(""));
	put(t.old, O_APPEND, "st", 2);
	CHECK_STR(lines(), STR(""));
	CHECK_STR(lines_later(), STR("last|new|"));
	put(t.old, O_APPEND, "late\n", 5);
	append("newer\n");
	CHECK_STR(lines(), STR("newer|"));
	end();
}

static void
an_empty_successor_waits(void)
{
	begin();
	append("one\n");
	CHECK_STR(lines(), STR("one|"));
	rename(t.path, t.old);
	rewrite("");
	for (int i = 0; i < 12; i++) {
		CHECK_STR(lines(), STR(""));
		usleep(100 * 1000);
	}
	put(t.old, O_APPEND, "still\n", 6);
	CHECK_STR(lines(), STR("still|"));
	append("new\n");
	CHECK_STR(lines_later(), STR("new|"));
	end();
}

static void
copytruncate(void)
{
	begin();
	append("one\ntwo\nthr");
	CHECK_STR(lines(), STR("one|two|"));
	rewrite("");
	CHECK_STR(lines(), STR("thr|"));
	append("four\n");
	CHECK_STR(lines(), STR("four|"));
	rewrite("5\n");
	CHECK_STR(lines(), STR("5|"));
	end();
}

/* What was written since is as long as what was there, or longer. */
static void
copytruncate_and_grown_at_once(void)
{
	begin();
	append("one\n");
	CHECK_STR(lines(), STR("one|"));
	rewrite("two\n");
	CHECK_STR(lines(), STR("two|"));
	rewrite("three\nfour\n");
	CHECK_STR(lines(), STR("three|four|"));
	end();
}

/* A writer without O_APPEND goes on where it was: a hole of NULs. */
static void
holes_are_dropped(void)
{
	static char zeros[3 * FOLLOW_SLICE];

	begin();
	append("one\n");
	CHECK_STR(lines(), STR("one|"));
	int fd = open(t.path, O_WRONLY);

	CHECK(lseek(fd, 0, SEEK_END) == 4);
	rewrite("");
	CHECK(write(fd, "two\n", 4) == 4);
	CHECK_STR(lines(), STR("two|"));
	close(fd);
	put(t.path, O_APPEND, zeros, sizeof(zeros));
	CHECK_STR(lines(), STR(""));
	append("three\n");
	CHECK_STR(lines(), STR("three|"));
	put(t.path, O_APPEND, "to\0\0rn\0four\nfive\0\n", 18);
	CHECK_STR(lines(), STR("four|five|"));
	/* A crash tore a line; what follows the hole is another one. */
	append("torn");
	CHECK_STR(lines(), STR(""));
	put(t.path, O_APPEND, zeros, FOLLOW_LINE + 10);
	CHECK_STR(lines(), STR(""));
	append("six\nseven\n");
	CHECK_STR(lines(), STR("six|seven|"));
	end();
}

static void
a_long_line_is_cut(void)
{
	static char big[2 * FOLLOW_SLICE];

	begin();
	memset(big, 'x', sizeof(big));
	put(t.path, O_APPEND, big, FOLLOW_LINE);
	append("\nshort\n");
	lines();
	CHECK_INT(t.longest, FOLLOW_LINE);
	CHECK(str_ends(text_view(&t.got), STR("x|short|")));
	put(t.path, O_APPEND, big, sizeof(big));
	CHECK_STR(lines(), STR(""));
	/* Not twice: neither its rest, nor after a restart. */
	restart();
	CHECK_STR(lines(), STR(""));
	append("tail\nnext\n");
	CHECK(str_ends(lines(), STR("x|next|")));
	CHECK_INT(t.got.n, 40 + 1 + 5);
	CHECK_INT(t.longest, FOLLOW_LINE);
	end();
}

/* Root reads everything: be nobody for a moment. */
static void
a_file_without_permission(void)
{
	bool is_root = geteuid() == 0;

	begin();
	chmod(t.dir, 0755);
	rewrite("one\n");
	chmod(t.path, 0);
	if (is_root && seteuid(65534) != 0)
		fatal("can't be nobody");
	CHECK_INT(follow_source_read(&t.source, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, t.path) != NULL);
	CHECK(strstr(t.err.text, "ermission") != NULL);
	if (is_root && seteuid(0) != 0)
		fatal("can't be root again");
	chmod(t.path, 0600);
	CHECK_STR(lines(), STR("one|"));
	end();
}

static void
what_is_no_file(void)
{
	begin();
	CHECK_INT(follow_source_read(&t.source, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, t.path) != NULL);
	mkdir(t.path, 0700);
	CHECK_INT(follow_source_read(&t.source, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, "director") != NULL);
	rmdir(t.path);
	mkfifo(t.path, 0600);
	CHECK_INT(follow_source_read(&t.source, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, t.path) != NULL);
	unlink(t.path);
	append("one\n");
	CHECK_STR(lines(), STR("one|"));
	end();
}

static void
it_goes_on_where_it_was(void)
{
	begin();
	restart(); /* nothing read: nothing saved */
	append("one\ntwo\nthr");
	CHECK_STR(lines(), STR("one|two|"));
	restart();
	CHECK_STR(lines(), STR(""));
	append("ee\n");
	CHECK_STR(lines(), STR("three|"));
	restart();
	append("four\n");
	restart(); /* before a read: the place is kept */
	CHECK_STR(lines(), STR("four|"));
	end();
}

static void
another_file_is_read_from_its_start(void)
{
	begin();
	append("one\ntwo\n");
	CHECK_STR(lines(), STR("one|two|"));
	restart();
	rename(t.path, t.old);
	append("one\ntwo\nthree\n");
	CHECK_STR(lines_later(), STR("one|two|three|"));
	restart();
	rewrite("xne\ntwo\nthree\nfour\n"); /* the same inode */
	CHECK_STR(lines(), STR("xne|two|three|four|"));
	restart();
	rewrite("xne\n");
	CHECK_STR(lines(), STR("xne|"));
	end();
}

static void
positions_that_are_damaged(void)
{
	static const struct str bad[] = {STR_INIT("/a"), STR_INIT("/a\0"),
	    STR_INIT("/a\0001 2 3\n"), STR_INIT("/a\0001 2 x 4\n"),
	    STR_INIT("/a\0001 2 3 4"), STR_INIT("/a\0001 2 3 4 5\n"),
	    STR_INIT("/a\0-1 2 3 4\n")};
	struct follow_place p;
	struct str in;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		in = bad[i];
		CHECK(!follow_place_take(&in, &p));
	}
	/* An offset that no file has. */
	begin();
	append("one\n");
	p = (struct follow_place){.path = STR("x"), .offset = UINT64_MAX};
	follow_source_place(&t.source, &p);
	CHECK_STR(lines(), STR("one|"));
	end();
}

/* A writer that appends, rotates both ways, tears lines; a reader that reads
 * now and then, and starts again. Each line arrives once, in order. */
static unsigned seed;

static unsigned
roll(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static unsigned next_got, n_wrong;

static void
on_numbered(void *ctx, size_t source, struct str line)
{
	char want[32];

	(void)ctx;
	(void)source;
	snprintf(want, sizeof(want), "line %u", next_got++);
	n_wrong += !str_is(line, str_from(want));
}

static void
write_numbered(unsigned *n)
{
	char line[32];
	unsigned count = 1 + roll(20);

	for (unsigned i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "line %u\n", (*n)++);
		size_t half = roll(2) ? roll((unsigned)strlen(line)) : 0;

		put(t.path, O_APPEND, line, half);
		if (half > 0 && roll(3) == 0) {
			const struct follow_sink s = {
			    on_numbered, NULL, NULL, 0, 0};

			follow_source_read(&t.source, &s, &t.err);
		}
		append(line + half);
	}
}

static void
rotate(const struct follow_sink *s)
{
	while (follow_source_read(&t.source, s, &t.err) > 0)
		;
	if (roll(4) > 0)
		rewrite("");
	else
		rename(t.path, t.old);
}

static void
nothing_is_lost_or_twice(void)
{
	const struct follow_sink s = {on_numbered, NULL, NULL, 0, 0};
	unsigned n = 0, late = 0;

	for (unsigned round = 0; round < 20; round++) {
		begin();
		seed = round * 7919 + 1;
		n = next_got = 0;
		for (unsigned step = 0; step < 120; step++) {
			write_numbered(&n);
			if (roll(2))
				follow_source_read(&t.source, &s, &t.err);
			if (roll(8) == 0)
				restart();
			if (roll(16) == 0 && late++ < 4000)
				rotate(&s);
			if (t.source.fd >= 0 && access(t.path, F_OK) != 0)
				break; /* renamed: the last part, below */
		}
		write_numbered(&n);
		for (int i = 0; i < 60 && next_got < n; i++) {
			while (follow_source_read(&t.source, &s, &t.err) > 0)
				;
			usleep(next_got < n ? 25 * 1000 : 0);
		}
		CHECK_INT(next_got, n);
		CHECK_INT(n_wrong, 0);
		end();
	}
}

TESTS(TEST(it_follows_what_is_appended), TEST(line_ends),
    TEST(a_renamed_file_is_read_to_its_end), TEST(an_empty_successor_waits),
    TEST(copytruncate), TEST(copytruncate_and_grown_at_once),
    TEST(holes_are_dropped), TEST(a_long_line_is_cut),
    TEST(a_file_without_permission), TEST(what_is_no_file),
    TEST(it_goes_on_where_it_was), TEST(another_file_is_read_from_its_start),
    TEST(positions_that_are_damaged), TEST(nothing_is_lost_or_twice))
