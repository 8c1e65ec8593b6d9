/* error_test */
#include "base/error.h"

#include "base/test.h"

static void
test_sentence(void)
{
	struct error err;

	CHECK_INT(error_set(&err, "%s:%d: unknown key", "a.conf", 12), -1);
	CHECK_STR(str_from(err.text), STR("a.conf:12: unknown key"));
	CHECK_INT(error_prefix(&err, "reload %d", 1), -1);
	CHECK_STR(str_from(err.text), STR("reload 1: a.conf:12: unknown key"));
	error_set(&err, "not: %s", err.text);
	CHECK_STR(
	    str_from(err.text), STR("not: reload 1: a.conf:12: unknown key"));
	CHECK_INT(error_set(NULL, "nobody asks"), -1);
	CHECK_INT(error_prefix(NULL, "nobody asks"), -1);
}

static void
test_long(void)
{
	struct error err;

	error_set(&err, "%0600d", 1);
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
	error_prefix(&err, "%0600d", 2);
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
}

TESTS(TEST(test_sentence), TEST(test_long))
