/* log_test */
#include "base/log.h"

#include <unistd.h>

#include "base/test.h"

/* What one call of `say` writes to stderr. */
static struct str
capture(void (*say)(void), char *buf, size_t cap)
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	CHECK_INT(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	say();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = read(ends[0], buf, cap);
	close(ends[0]);
	return str_make(buf, n > 0 ? (size_t)n : 0);
}

static void
say_all(void)
{
	log_debug("d");
	log_info("i %d", 1);
	log_notice("n");
	log_warning("from <%s>", "a\nb\x1b[2J");
	log_error("e");
}

static void
say_long(void)
{
	log_info("%05000d", 7);
}

static void
test_lines(void)
{
	char buf[5000];

	log_init("outpostd", LOG_LEVEL_INFO, 0);
	CHECK_STR(capture(say_all, buf, sizeof(buf)),
	    STR("outpostd: i 1\noutpostd: n\n"
		"outpostd: warning: from <a?b?[2J>\noutpostd: error: e\n"));
	log_init("outpostd", LOG_LEVEL_DEBUG, 1);
	CHECK_STR(capture(say_all, buf, sizeof(buf)),
	    STR("<7>d\n<6>i 1\n<5>n\n<4>from <a?b?[2J>\n<3>e\n"));
	log_init("outpostd", LOG_LEVEL_ERROR, 1);
	CHECK_STR(capture(say_all, buf, sizeof(buf)), STR("<3>e\n"));
}

static void
test_long(void)
{
	char buf[5000];

	log_init("outpostd", LOG_LEVEL_INFO, 1);
	struct str line = capture(say_long, buf, sizeof(buf));

	CHECK(line.n > 1000 && line.n < 3000);
	CHECK(str_ends(line, STR("0\n")));
}

TESTS(TEST(test_lines), TEST(test_long))
