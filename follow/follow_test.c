/* follow_test - several files, patterns, states, standard input, the books */
#include "follow/follow.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

static struct {
	char dir[32], books[48];
	struct loop *loop;
	struct loop_timer *stop;
	struct follow *follow;
	struct books *b;
	struct text got, states;
	bool is_numbered;
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	(void)ctx;
	if (t.is_numbered)
		text_printf(&t.got, "%zu:", source);
	text_str(&t.got, line);
	text_char(&t.got, '|');
}

static void
on_state(void *ctx, const char *path, const struct error *err)
{
	(void)ctx;
	text_printf(&t.states, "%s %s|", err ? "bad" : "good",
	    strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	if (err)
		CHECK(str_find(str_from(err->text),
			  str_head(str_from(path), 64)) >= 0);
}

static void
on_slice(void *ctx)
{
	(void)ctx;
}

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

/* What came in so many milliseconds. */
static struct str
lines(int ms)
{
	text_clear(&t.got);
	loop_timer_in(t.stop, ms * 1000LL);
	loop_run(t.loop);
	return text_view(&t.got);
}

/* The same, and longer until so many bytes came: the machine may be busy. */
static struct str
lines_of(int ms, size_t n)
{
	struct str got = lines(ms);

	for (int i = 0; got.n < n && i < 100; i++) {
		loop_timer_in(t.stop, 50 * 1000);
		loop_run(t.loop);
		got = text_view(&t.got);
	}
	return got;
}

#define CHECK_LINES(ms, text) \
	CHECK_STR(lines_of(ms, sizeof(text) - 1), STR(text))

static const char *
path_of(const char *name)
{
	static char path[8][4096];
	static unsigned i;

	i = (i + 1) % 8;
	snprintf(path[i], sizeof(path[i]), "%s/%s", t.dir, name);
	return path[i];
}

static void
append(const char *name, const char *words)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, words, strlen(words)) < 0)
		fatal("%s: can't be written", name);
	close(fd);
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	t.loop = loop_new();
	t.stop = loop_timer_new(t.loop, on_stop, t.loop);
	text_grow(&t.got, 1 << 20);
	text_grow(&t.states, 1 << 20);
}

/* Up to three files or patterns below the directory; "-" is itself. */
static void
open_follow(const char *a, const char *b)
{
	const struct follow_hooks hooks = {
	    on_line, on_state, on_slice, NULL, NULL};
	const char *v[2] = {"", ""};
	struct setting_list files = {v, 0};

	if (a)
		v[files.n++] = strcmp(a, "-") == 0 ? a : path_of(a);
	if (b)
		v[files.n++] = path_of(b);
	t.follow = follow_new(&files, &hooks);
}

static void
start(const char *a, const char *b)
{
	open_follow(a, b);
	follow_start(t.follow, t.loop);
}

static void
end(void)
{
	char command[64];

	follow_free(&t.follow);
	loop_timer_free(&t.stop);
	loop_free(&t.loop);
	text_done(&t.got);
	text_done(&t.states);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

/* The daemon with its books, stopped (books_close) or killed. */
static void
open_books(const char *a, const char *b)
{
	const struct books_options o = {t.dir, 1 << 24, 1 << 16, 0};
	struct error err;

	open_follow(a, b);
	const struct books_part part = follow_part(t.follow);

	t.b = books_open(&o, &part, 1, &err);
	if (!t.b)
		fatal("%s", err.text);
	follow_start(t.follow, t.loop);
}

static void
close_books(void)
{
	books_close(&t.b);
	follow_free(&t.follow);
}

static void
several_files(void)
{
	begin();
	t.is_numbered = true;
	append("a.log", "a1\n");
	append("b.log", "b1\nb2\n");
	start("a.log", "b.log");
	CHECK(!follow_is_idle(t.follow));
	CHECK_LINES(50, "0:a1|1:b1|1:b2|");
	CHECK(follow_is_idle(t.follow));
	CHECK_INT(follow_bytes_behind(t.follow), 0);
	append("b.log", "b3\n");
	append("a.log", "a2\n");
	CHECK_LINES(50, "0:a2|1:b3|"); /* told by inotify */
	CHECK_STR(text_view(&t.states), STR(""));
	end();
}

/* One long file does not keep the others waiting. */
static void
slices_take_turns(void)
{
	begin();
	t.is_numbered = true;
	FILE *f = fopen(path_of("a.log"), "w");

	for (int i = 0; i < 100000; i++)
		fprintf(f, "xxxxxxxxx\n");
	fclose(f);
	append("b.log", "b1\n");
	start("a.log", "b.log");
	lines(400);
	ptrdiff_t at = str_find(text_view(&t.got), STR("1:b1|"));

	CHECK(at >= 0 && at < 2 * FOLLOW_SLICE);
	end();
}

static void
patterns_find_files_that_come_later(void)
{
	begin();
	append("a.log", "a1\n");
	start("*.log", NULL);
	CHECK_LINES(50, "a1|");
	append("b.log", "b1\n");
	append("c.txt", "no\n");
	CHECK_LINES(5300, "b1|");
	append("b.log", "b2\n");
	CHECK_LINES(50, "b2|");
	end();
}

static void
states_are_told_once(void)
{
	begin();
	start("a.log", "x*.log");
	lines(600);
	CHECK_STR(text_view(&t.states), STR("bad x*.log|bad a.log|"));
	text_clear(&t.states);
	append("a.log", "a1\n");
	CHECK_LINES(400, "a1|");
	CHECK_STR(text_view(&t.states), STR("good a.log|"));
	text_clear(&t.states);
	append("xy.log", "x1\n");
	CHECK_LINES(5300, "x1|");
	CHECK_STR(text_view(&t.states), STR("good x*.log|"));
	end();
}

static void
a_path_too_long_for_the_books(void)
{
	char name[256], deep[1024] = "";

	begin();
	memset(name, 'd', 240);
	name[240] = '\0';
	for (int i = 0; i < 3; i++) {
		strcat(deep, i ? "/" : "");
		strcat(deep, name);
		mkdir(path_of(deep), 0700);
	}
	strcat(deep, "/mail.log");
	append(deep, "a\n");
	append("b.log", "b\n");
	open_books(deep, "b.log");
	CHECK_LINES(50, "b|");
	CHECK_STR(text_view(&t.states), STR("bad mail.log|"));
	close_books();
	end();
}

/* The settings that named the files are gone after a reload. */
static void
names_are_its_own(void)
{
	const struct follow_hooks hooks = {
	    on_line, on_state, on_slice, NULL, NULL};
	char *name;

	begin();
	append("a.log", "a1\n");
	name = str_dup(str_from(path_of("a.log")));
	const char *v[] = {name};
	const struct setting_list files = {v, 1};

	t.follow = follow_new(&files, &hooks);
	memset(name, 'x', strlen(name));
	free(name);
	v[0] = NULL;
	follow_start(t.follow, t.loop);
	CHECK_LINES(50, "a1|");
	end();
}

static void
the_books_say_where_to_go_on(void)
{
	begin();
	append("a.log", "a1\na2\nhalf");
	append("b.log", "b1\n");
	open_books("a.log", "b.log");
	CHECK_LINES(50, "a1|a2|b1|");
	books_commit(t.b, NULL, NULL);
	append("a.log", " a3\n");
	CHECK_LINES(50, "half a3|");
	close_books(); /* commits and folds */
	append("a.log", "a4\n");
	open_books("a.log", "b.log");
	CHECK_LINES(50, "a4|");
	/* Saved in pieces, folded in between. */
	for (int i = 0; i < 5; i++) {
		append("b.log", "b2\n");
		CHECK_LINES(20, "b2|");
		books_commit(t.b, NULL, NULL);
		if (i % 2)
			books_fold(t.b);
	}
	close_books();
	unlink(path_of("b.log"));
	append("b.log", "b1\n");
	open_books("a.log", "b.log");
	CHECK_LINES(50, "b1|");
	close_books();
	end();
}

/* What is not configured any more is not read, and is forgotten. */
static void
other_files_are_configured(void)
{
	begin();
	append("a.log", "a1\n");
	append("b.log", "b1\n");
	open_books("a.log", NULL);
	CHECK_LINES(50, "a1|");
	close_books();
	append("a.log", "a2\n");
	open_books("b.log", NULL);
	CHECK_LINES(350, "b1|");
	CHECK_STR(text_view(&t.states), STR(""));
	close_books();
	open_books("a.log", "b.log");
	CHECK_LINES(50, "a1|a2|"); /* forgotten: from its start */
	close_books();
	end();
}

/* A log a day, for longer than there are places. */
static void
dated_files_come_and_go(void)
{
	char name[32];

	begin();
	for (int day = 0; day < 3 * FOLLOW_SOURCES; day += FOLLOW_SOURCES / 2) {
		for (int i = 0; i < FOLLOW_SOURCES / 2; i++) {
			snprintf(name, sizeof(name), "%03d.log", day + i);
			append(name, "x\n");
		}
		open_books("*.log", NULL);
		CHECK_INT(lines_of(50, FOLLOW_SOURCES).n, FOLLOW_SOURCES);
		CHECK_STR(text_view(&t.states), STR(""));
		close_books();
		for (int i = 0; i < FOLLOW_SOURCES / 2; i++) {
			snprintf(name, sizeof(name), "%03d.log", day + i);
			unlink(path_of(name));
		}
	}
	/* More at once than places: said, and the others are read. */
	for (int i = 0; i < FOLLOW_SOURCES + 5; i++) {
		snprintf(name, sizeof(name), "n%03d.log", i);
		append(name, "x\n");
	}
	open_books("*.log", NULL);
	CHECK_INT(
	    lines_of(50, (size_t)2 * FOLLOW_SOURCES).n, 2 * FOLLOW_SOURCES);
	CHECK_STR(text_view(&t.states), STR("bad n064.log|"));
	close_books();
	end();
}

#define LONG "a line has at least some sixty bytes, as those of Postfix have: "

/* A pattern that finds the rotated files, too: they are not read again. */
static void
a_pattern_that_matches_rotated_files(void)
{
	begin();
	append("mail.log", LONG "this is one\nthis is two\n");
	append("mail.log.1", "this is old\n");
	append("mail.log.2.gz", "x");
	append("other.log", LONG "this is another\n");
	open_books("mail.log*", "other.log*");
	CHECK_STR(lines(50),
	    STR(LONG "this is one|this is two|" LONG "this is another|"));
	rename(path_of("mail.log"), path_of("mail.log.1"));
	append("mail.log", LONG "this is three\n");
	rename(path_of("other.log"), path_of("other.log-before"));
	append("other.log-before", "this is late\n");
	append("other.log", LONG "this is four\n");
	lines(1500);
	CHECK(str_find(text_view(&t.got), STR("this is three|")) >= 0);
	CHECK(str_find(text_view(&t.got), STR("this is late|")) >= 0);
	CHECK(str_find(text_view(&t.got), STR("this is four|")) >= 0);
	CHECK_STR(lines(5500), STR("")); /* patterns were expanded again */
	close_books();
	rename(path_of("other.log"), path_of("other.log-again"));
	append("other.log", "this is five\n");
	CHECK_INT(link(path_of("mail.log"), path_of("mail.log~")), 0);
	open_books("mail.log*", "other.log*");
	CHECK_LINES(1800, "this is five|");
	CHECK_STR(lines(5500), STR(""));
	append("mail.log", "this is six\n");
	CHECK_LINES(50, "this is six|");
	CHECK_STR(text_view(&t.states), STR(""));
	close_books();
	end();
}

static void
standard_input(void)
{
	int pipes[2], old = dup(STDIN_FILENO);

	if (pipe(pipes) != 0)
		fatal("no pipe");
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	begin();
	append("a.log", "a1\n");
	start("-", "a.log");
	CHECK(write(pipes[1], "one\ntw", 6) == 6);
	CHECK_LINES(50, "one|a1|");
	CHECK(write(pipes[1], "o\nthree", 7) == 7);
	CHECK_LINES(300, "two|");
	close(pipes[1]);
	CHECK_LINES(600, "three|");
	append("a.log", "a2\n");
	CHECK_LINES(50, "a2|");
	CHECK_STR(text_view(&t.states), STR(""));
	end();
	dup2(old, STDIN_FILENO);
	close(old);
}

TESTS(TEST(several_files), TEST(slices_take_turns),
    TEST(patterns_find_files_that_come_later), TEST(states_are_told_once),
    TEST(a_path_too_long_for_the_books), TEST(names_are_its_own),
    TEST(the_books_say_where_to_go_on), TEST(other_files_are_configured),
    TEST(dated_files_come_and_go), TEST(a_pattern_that_matches_rotated_files),
    TEST(standard_input))
