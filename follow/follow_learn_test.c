/* follow_learn_test - what is there is read at once; following goes on behind
 */
#include "follow/follow.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"

static struct {
	char dir[32];
	struct loop *loop;
	struct loop_timer *stop;
	struct follow *follow;
	struct books *b;
	struct text got;
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	(void)ctx;
	(void)source;
	text_str(&t.got, line);
	text_char(&t.got, '|');
}

static void
on_state(void *ctx, const char *path, const struct error *err)
{
	(void)ctx;
	(void)path;
	(void)err;
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

static const char *
path_of(const char *name)
{
	static char path[8][64];
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
run(const char *fmt, const char *a, const char *b)
{
	char command[256];

	snprintf(command, sizeof(command), fmt, a, b);
	CHECK_INT(system(command), 0);
}

/* The daemon's follower with its positions. */
static void
open_books(const char *pattern)
{
	const struct books_options o = {t.dir, 1 << 24, 1 << 16, 0};
	const struct follow_hooks hooks = {
	    on_line, on_state, on_slice, NULL, NULL};
	const char *v[1] = {path_of(pattern)};
	const struct setting_list files = {v, 1};
	struct error err;

	t.follow = follow_new(&files, &hooks);
	const struct books_part part = follow_part(t.follow);

	t.b = books_open(&o, &part, 1, &err);
	if (!t.b)
		fatal("%s", err.text);
}

static void
close_books(void)
{
	books_close(&t.b);
	follow_free(&t.follow);
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
	append("mail.log.2", "1\n2\n");
	run("gzip %s%s", path_of("mail.log.2"), "");
	append("mail.log.1", "3\n4\n");
	append("mail.log", "5\n6\nhal");
}

static void
end(void)
{
	close_books();
	loop_timer_free(&t.stop);
	loop_free(&t.loop);
	text_done(&t.got);
	run("rm -rf %s%s", t.dir, "");
}

static int
learn(const char *name)
{
	struct error err;

	text_clear(&t.got);
	return follow_learn(t.follow, path_of(name), &err);
}

/* What following finds beyond. */
static struct str
followed(size_t n)
{
	text_clear(&t.got);
	follow_start(t.follow, t.loop);
	for (int i = 0; i == 0 || (t.got.n < n && i < 100); i++) {
		loop_timer_in(t.stop, 50 * 1000);
		loop_run(t.loop);
	}
	return text_view(&t.got);
}

#define CHECK_GOT(text) CHECK_STR(text_view(&t.got), STR(text))
#define CHECK_FOLLOWED(text) CHECK_STR(followed(sizeof(text) - 1), STR(text))

static void
older_generations(void)
{
	begin();
	open_books("mail.log");
	CHECK_INT(learn("mail.log.2.gz"), 1);
	CHECK_GOT("1|2|");
	CHECK_INT(learn("mail.log.1"), 1);
	CHECK_GOT("3|4|");
	close_books();
	open_books("mail.log");
	CHECK_FOLLOWED("5|6|");
	end();
}

static void
the_log_itself_and_a_rotation(void)
{
	begin();
	open_books("mail.log*");
	CHECK_INT(learn("mail.log.2.gz"), 1);
	CHECK_INT(learn("mail.log"), 1);
	CHECK_GOT("3|4|5|6|"); /* and what lies between */
	CHECK_INT(learn("mail.log.1"), 1);
	CHECK_GOT("");
	close_books();
	append("mail.log", "f\n");
	run("mv %s %s", path_of("mail.log.1"), path_of("mail.log.2"));
	run("mv %s %s", path_of("mail.log"), path_of("mail.log.1"));
	append("mail.log", "8\n");
	open_books("mail.log*");
	CHECK_FOLLOWED("half|8|");
	end();
}

static void
others(void)
{
	begin();
	append("other.log.1", "x\n");
	run("cp %s %s", path_of("mail.log.1"), path_of("copy"));
	open_books("mail.log");
	CHECK_INT(learn("other.log.1"), 0);
	CHECK_INT(learn("copy"), 0);
	CHECK(!follow_has_read(t.follow, path_of("copy")));
	CHECK_INT(learn("mail.log.1"), 1);
	CHECK(follow_has_read(t.follow, path_of("copy")));
	CHECK(!follow_has_read(t.follow, path_of("other.log.1")));
	CHECK_INT(learn("mail.log.3"), -1); /* isn't there */
	end();
}

TESTS(
    TEST(older_generations), TEST(the_log_itself_and_a_rotation), TEST(others))
