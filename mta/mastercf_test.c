/* mastercf_test - services that are there, and those that only look so */
#include "base/test.h"
#include "mta/mastercf.h"

static const char cf[] =
    "# comment\n"
    "smtp      inet  n       -       y       -       -       smtpd\n"
    "  -o syslog_name=postfix/out9\n"
    "qmgr unix n - n 300 1 qmgr\n"
    "#out0 unix - - n - - smtp\n"
    "out1\tunix - - n - - smtp\r\n"
    " -o smtp_bind_address=192.0.2.1\n"
    " out2 unix - - n - - smtp\n"
    "out3 inet n - n - - smtpd\n"
    "\n"
    "out4 unix - - n - - smtp";

static bool
has(const char *name)
{
	return mastercf_has(str_from(cf), str_from(name));
}

static void
finds_services(void)
{
	CHECK(has("qmgr"));
	CHECK(has("out1"));
	CHECK(has("out4"));
}

static void
finds_nothing_else(void)
{
	CHECK(!has("out0")); /* a comment */
	CHECK(!has("#out0"));
	CHECK(!has("out2")); /* goes on with out1 */
	CHECK(!has("out3")); /* no transport */
	CHECK(!has("out"));
	CHECK(!has("out9"));
	CHECK(!has(""));
	CHECK(!mastercf_has(STR(""), STR("out1")));
	CHECK(!mastercf_has(STR("out1"), STR("out1")));
}

static void
reads_what_is_logged(void)
{
	struct str name;
	const struct str qmgr = STR("qmgr");

	CHECK(mastercf_is_missing(qmgr,
	    STR("warning: connect to transport private/out2: No such file or "
		"directory"),
	    &name));
	CHECK_STR(name, STR("out2"));
	CHECK(!mastercf_is_missing(
	    qmgr, STR("warning: connect to transport private/"), &name));
	CHECK(!mastercf_is_missing(STR("smtpd"),
	    STR("warning: connect to transport private/out2: x"), &name));
	CHECK(mastercf_is_read(STR("master"),
	    STR("reload -- version 3.7.11, configuration /etc/postfix")));
	CHECK(mastercf_is_read(
	    STR("master"), STR("daemon started -- version 3.7.11")));
	CHECK(!mastercf_is_read(STR("smtpd"), STR("reload -- version 3")));
	CHECK(!mastercf_is_read(STR("master"), STR("terminating on signal")));
}

TESTS(
    TEST(finds_services), TEST(finds_nothing_else), TEST(reads_what_is_logged))
