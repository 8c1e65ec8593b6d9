/* child_test - a program's lines, its failure, its time limit */
#include "base/child.h"

#include "base/test.h"
#include "base/text.h"
#include "base/time.h"

static char said[512];
static struct text lines;

static void
on_line(void *ctx, struct str line)
{
	(void)ctx;
	text_str(&lines, line);
	text_char(&lines, '|');
}

static int
run(const char *script, struct str input, int timeout_s, struct error *err)
{
	const struct child c = {
	    "/bin/sh", {"-c", script}, input, timeout_s, on_line, NULL};

	text_init(&lines, said, sizeof(said));
	return child_run(&c, err);
}

static void
in_and_out(void)
{
	struct error err;

	CHECK_INT(run("cat; echo end >&2", STR("a\nb\n"), 5, &err), 0);
	CHECK_STR(text_view(&lines), STR("a|b|end|"));
	CHECK_INT(run("printf x", STR(""), 5, &err), 0);
	CHECK_STR(text_view(&lines), STR("x|"));
}

static void
much_in(void)
{
	static char much[300000];
	struct error err;

	memset(much, 'x', sizeof(much));
	CHECK_INT(run("wc -c", str_make(much, sizeof(much)), 5, &err), 0);
	CHECK_STR(text_view(&lines), STR("300000|"));
	/* Who doesn't read is no reason to wait. */
	CHECK_INT(run("exit 0", str_make(much, sizeof(much)), 5, &err), 0);
}

static void
failures(void)
{
	struct error err;
	const struct child none = {.path = "/no/such", .timeout_s = 1};

	CHECK_INT(run("echo so; exit 3", STR(""), 5, &err), -1);
	CHECK_STR(str_from(err.text), STR("/bin/sh failed: so"));
	CHECK_INT(child_run(&none, &err), -1);
	int64_t began = time_mono_us();

	CHECK_INT(run("sleep 20", STR(""), 1, &err), -1);
	CHECK(time_mono_us() - began < 5 * TIME_US);
	CHECK(strstr(err.text, "more than 1 second") != NULL);
}

TESTS(TEST(in_and_out), TEST(much_in), TEST(failures))
