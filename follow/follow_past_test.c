/* follow_past_test - generations of a log, found and finished in their order */
#include "follow/follow_past.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "follow/follow.h"
#include "follow/follow_source.h"

static struct {
	char dir[32], path[64], saved[4096];
	struct follow_source source;
	struct error err;
	struct text got; /* the lines, each with a '|' behind it */
	unsigned gaps, next, wrong;
	bool is_stopped;
	bool is_counted; /* lines are numbers, checked only */
	time_t clock;	 /* of the files: long ago */
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	char want[32];

	(void)ctx;
	(void)source;
	if (!t.is_counted) {
		text_str(&t.got, line);
		text_char(&t.got, '|');
		return;
	}
	snprintf(want, sizeof(want), "this is line %u", t.next++);
	t.wrong += !str_is(line, str_from(want));
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	(void)ctx;
	(void)source;
	CHECK(strstr(why, t.dir) != NULL);
	t.gaps++;
}

static const struct follow_sink sink = {on_line, on_gap, NULL, 0, 0};

static const char *
name_of(const char *suffix)
{
	static char path[4][96];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s%s", t.path, suffix);
	return path[i];
}

static void
date(const char *path)
{
	const struct timespec both[2] = {{t.clock, 0}, {t.clock, 0}};

	utimensat(AT_FDCWD, path, both, 0);
}

static void
append(const char *path, const char *words)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, words, strlen(words)) < 0)
		fatal("%s: can't be written", path);
	close(fd);
	date(path);
}

static void
run(const char *fmt, const char *a, const char *b)
{
	char command[256];

	snprintf(command, sizeof(command), fmt, a, b);
	CHECK_INT(system(command), 0);
}

static void
cut(const char *path, off_t n)
{
	CHECK_INT(truncate(path, n), 0);
}

static void
compress(const char *suffix)
{
	run("gzip -f %s%s", name_of(suffix), "");
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	snprintf(t.path, sizeof(t.path), "%s/mail.log", t.dir);
	text_grow(&t.got, 1 << 20);
	t.clock = time_now_us() / TIME_US - 100000;
	follow_source_init(&t.source, str_from(t.path));
}

static void
end(void)
{
	follow_source_done(&t.source);
	text_done(&t.got);
	run("rm -rf %s%s", t.dir, "");
}

static struct str
lines(void)
{
	text_clear(&t.got);
	while (follow_source_read(&t.source, &sink, &t.err) > 0)
		;
	return text_view(&t.got);
}

static void
stop(void)
{
	struct text saved;

	text_init(&saved, t.saved, sizeof(t.saved));
	follow_source_print(&t.source, &saved);
	follow_source_done(&t.source);
	follow_source_init(&t.source, str_from(t.path));
}

static void
start(void)
{
	struct str in = str_from(t.saved);
	struct follow_place p;

	/* The text holds a NUL, behind the path. */
	in.n += 1 + strlen(t.saved + in.n + 1);
	CHECK(follow_place_take(&in, &p));
	follow_source_place(&t.source, &p);
}

static void
names(void)
{
	static const struct {
		const char *name;
		bool is_past;
	} cases[] = {{"mail.log", false}, {"mail.log.1", true},
	    {"mail.log.0", true}, {"mail.log.12.gz", true},
	    {"mail.log-20261122", true}, {"mail.log-20261122.gz", true},
	    {"mail.log.20261122-120000.gz", true}, {"mail-20261122.log", true},
	    {"mail.log-2026-11-22", true}, {"mail.log-1763800000", true},
	    {"mail-20261122.log.gz", true}, {"mail-2.log", false},
	    {"mail.log.bak", false}, {"mail.log.", false}, {"mail.log1", false},
	    {"mail.log.1.xz", false}, {"mail.logs.1", false}, {"mail", false},
	    {"mail.err.1", false}, {"mail.log-", false}, {".gz", false},
	    {"mail.log.123456789", true}, {"mail.log.12345", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (past_is_name("mail.log", cases[i].name) != cases[i].is_past)
			CHECK_STR(str_from(cases[i].name), STR("otherwise"));
	}
}

static void
check_order(const char *want)
{
	struct past *p = past_new(t.path, &t.source.place);

	text_clear(&t.got);
	for (size_t i = 0; i < p->n; i++)
		text_printf(&t.got, "%s ", p->v[i].path + strlen(t.dir) + 6);
	CHECK_STR(text_view(&t.got), str_from(want));
	past_free(&p);
}

static void
order(void)
{
	begin();
	append(t.path, "x");
	/* The time is not asked where the names tell. */
	append(name_of(".2.gz"), "x");
	append(name_of(".10.gz"), "x");
	append(name_of(".1"), "x");
	append(name_of(".1.gz"), "x"); /* being made */
	append(name_of(".bak"), "x");
	check_order("log.10.gz log.2.gz log.1 ");
	end();
	begin();
	append(name_of("-20261122"), "x");
	append(name_of("-20261121.gz"), "x");
	append(name_of("-20261120-1.gz"), "x");
	check_order("log-20261120-1.gz log-20261121.gz log-20261122 ");
	end();
	begin();
	append(name_of("-22112026"), "x");
	t.clock++;
	append(name_of("-01122026"), "x");
	t.clock -= 2;
	append(name_of(".1"), "x");
	check_order("log.1 log-22112026 log-01122026 ");
	end();
}

static void
rotated_while_stopped(void)
{
	begin();
	append(t.path, "one\ntwo\nthr");
	CHECK_STR(lines(), STR("one|two|"));
	stop();
	append(t.path, "ee\nfour\n");
	rename(t.path, name_of(".1"));
	append(t.path, "five\n");
	start();
	CHECK_STR(lines(), STR("three|four|five|"));
	stop();
	append(t.path, "six\n");
	rename(name_of(".1"), name_of(".2"));
	compress(".2");
	rename(t.path, name_of(".1"));
	rename(name_of(".1"), name_of(".2"));
	append(name_of(".1"), "seven\n");
	append(t.path, "eight\n");
	start();
	CHECK_STR(lines(), STR("six|seven|eight|"));
	/* The live one has nothing yet: the old one is read, and kept. */
	stop();
	append(t.path, "nine\n");
	rename(t.path, name_of("-20261122"));
	unlink(name_of(".1"));
	unlink(name_of(".2"));
	unlink(name_of(".2.gz"));
	append(t.path, "");
	start();
	CHECK_STR(lines(), STR("nine|"));
	append(name_of("-20261122"), "late\n");
	CHECK_STR(lines(), STR("late|"));
	append(t.path, "ten\n");
	CHECK_STR(lines(), STR("ten|"));
	CHECK_INT(t.gaps, 0);
	end();
}

/* Compressed from where it was read, and several generations since. */
static void
compressed_while_stopped(void)
{
	begin();
	append(t.path, "one\ntwo\nthr");
	CHECK_STR(lines(), STR("one|two|"));
	stop();
	append(t.path, "ee\nfour\n");
	rename(t.path, name_of(".1"));
	compress(".1");
	rename(name_of(".1.gz"), name_of(".3.gz"));
	append(name_of(".2"), "five\n");
	compress(".2");
	append(name_of(".1"), "");
	append(t.path, "six\n");
	start();
	/* Killed in the middle. */
	follow_source_read(&t.source, &sink, &t.err);
	stop();
	start();
	CHECK_STR(lines(), STR("three|four|five|six|"));
	CHECK_INT(t.gaps, 0);
	/* Cut short: said, and on it goes. */
	stop();
	append(t.path, "seven\neight\n");
	rename(t.path, name_of(".1"));
	compress(".1");
	cut(name_of(".1.gz"), 25);
	append(t.path, "nine\n");
	start();
	CHECK(str_ends(lines(), STR("nine|")));
	CHECK(t.gaps > 0);
	end();
}

static void
copied_and_truncated_while_stopped(void)
{
	begin();
	append(t.path, "one\ntwo\n");
	CHECK_STR(lines(), STR("one|two|"));
	stop();
	append(t.path, "three\n");
	run("cp -p %s %s.1", t.path, t.path);
	cut(t.path, 0);
	append(t.path, "a new beginning\nwhich is longer\n");
	start();
	CHECK_STR(lines(), STR("three|a new beginning|which is longer|"));
	/* In front of our eyes, and quicker than we look. */
	t.clock++;
	append(t.path, "four\n");
	run("cp -p %s %s-20261123", t.path, t.path);
	cut(t.path, 0);
	append(t.path, "five\n");
	CHECK_STR(lines(), STR("four|five|"));
	CHECK_INT(t.gaps, 0);
	end();
}

static void
what_was_read_is_gone(void)
{
	begin();
	append(t.path, "one\n");
	CHECK_STR(lines(), STR("one|"));
	stop();
	unlink(t.path);
	/* Older than what was read; a copy of it; younger. */
	t.clock -= 100;
	append(name_of(".3"), "zero\n");
	t.clock += 101;
	append(name_of(".2"), "on");
	append(name_of(".1"), "two\n");
	append(t.path, "three\n");
	start();
	CHECK_STR(lines(), STR("on|two|three|"));
	CHECK_INT(t.gaps, 1);
	end();
}

/* Root reads everything: be nobody for a moment. */
static void
an_old_one_without_permission(void)
{
	bool is_root = geteuid() == 0;

	begin();
	append(t.path, "one\n");
	CHECK_STR(lines(), STR("one|"));
	stop();
	append(t.path, "two\n");
	rename(t.path, name_of(".1"));
	append(t.path, "three\n");
	chmod(t.dir, 0755);
	chmod(t.path, 0644);
	chmod(name_of(".1"), 0);
	start();
	if (is_root && seteuid(65534) != 0)
		fatal("can't be nobody");
	CHECK_STR(lines(), STR(""));
	CHECK_INT(follow_source_read(&t.source, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, name_of(".1")) != NULL);
	if (is_root && seteuid(0) != 0)
		fatal("can't be root again");
	chmod(name_of(".1"), 0600);
	CHECK_STR(lines(), STR("two|three|"));
	CHECK_INT(t.gaps, 0);
	end();
}

static unsigned seed;

static unsigned
roll(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
write_numbered(unsigned *n)
{
	char line[64];

	for (unsigned count = roll(20); count > 0; count--) {
		snprintf(line, sizeof(line), "this is line %u\n", (*n)++);
		size_t half = roll(2) ? roll((unsigned)strlen(line)) : 0;
		char rest[64];

		strcpy(rest, line + half);
		line[half] = '\0';
		append(t.path, line);
		if (!t.is_stopped && roll(5) == 0)
			follow_source_read(&t.source, &sink, &t.err);
		append(t.path, rest);
	}
}

static void
shift_numbers(bool is_delayed)
{
	char from[16], to[16];

	for (int i = 30; i > 0; i--) {
		for (int z = 0; z < 2; z++) {
			snprintf(
			    from, sizeof(from), ".%d%s", i, z ? ".gz" : "");
			snprintf(
			    to, sizeof(to), ".%d%s", i + 1, z ? ".gz" : "");
			rename(name_of(from), name_of(to));
		}
	}
	if (is_delayed && access(name_of(".2"), F_OK) == 0)
		compress(".2");
}

/* style: numbers, numbers with gzip, dates, dates with gzip, copies. */
static void
rotate(unsigned style, unsigned n)
{
	char suffix[32] = ".1";

	if (style >= 2)
		snprintf(suffix, sizeof(suffix), ".20261122-%06u", n);
	else
		shift_numbers(style == 1);
	if (style < 4) {
		rename(t.path, name_of(suffix));
	} else {
		run("cp -p %s %s", t.path, name_of(suffix));
		cut(t.path, 0);
	}
	if ((style == 1 || style == 3) && roll(2))
		compress(suffix);
	if (roll(2))
		append(t.path, "");
}

static void
step(unsigned style, unsigned *n)
{
	static unsigned rotations;

	write_numbered(n);
	if (roll(2))
		follow_source_read(&t.source, &sink, &t.err);
	t.clock += roll(2);
	if (roll(3) > 0 || access(t.path, F_OK) != 0)
		return;
	/* Stopped, or killed: what was read is what was committed. */
	t.is_stopped = roll(8) > 0;
	if (t.is_stopped)
		stop();
	for (unsigned i = 1 + roll(3); i > 0; i--) {
		write_numbered(n);
		if (access(t.path, F_OK) == 0)
			rotate(style, rotations++);
	}
	write_numbered(n);
	if (t.is_stopped)
		start();
	t.is_stopped = false;
}

static void
each_line_once(void)
{
	unsigned style, n;

	for (unsigned round = 0; round < 40; round++) {
		begin();
		t.is_counted = true;
		seed = round * 7919 + 1;
		style = round % 5;
		n = 0;
		append(t.path, "");
		lines(); /* known from its start */
		for (unsigned i = 0; i < 25; i++)
			step(style, &n);
		append(t.path, "");
		for (int i = 0; i < 400 && t.next < n; i++) {
			lines();
			usleep(t.next < n ? 10 * 1000 : 0);
		}
		if (t.next != n || t.wrong > 0 || t.gaps > 0)
			printf("round %u, style %u\n", round, style);
		CHECK_INT(t.next, n);
		CHECK_INT(t.wrong, 0);
		CHECK_INT(t.gaps, 0);
		end();
	}
}

TESTS(TEST(names), TEST(order), TEST(rotated_while_stopped),
    TEST(compressed_while_stopped), TEST(copied_and_truncated_while_stopped),
    TEST(what_was_read_is_gone), TEST(an_old_one_without_permission),
    TEST(each_line_once))
