#include "base/test.h"

#include "fbl/date.h"

static int64_t
parse(const char *s)
{
	int64_t at = -1;

	return date_parse(str_from(s), &at) ? at : -1;
}

static void
test_dates(void)
{
	CHECK_INT(parse("Thu, 8 Mar 2005 14:00:00 EDT"), 1110304800);
	CHECK_INT(parse("Thu, 08 Mar 2005 18:00:00 +0000"), 1110304800);
	CHECK_INT(parse("8 Mar 2005 20:00 +0200"), 1110304800);
	CHECK_INT(parse(" Thu,  8 Mar 2005 10:00:00 -0800 (PST) "), 1110304800);
	CHECK_INT(parse("8 Mar 05 18:00:00"), 1110304800);
	CHECK_INT(parse("8 March 2005 18:00:00 XYZ"), 1110304800);
	CHECK_INT(parse("2005-03-08T18:00:00Z"), 1110304800);
	CHECK_INT(parse("2005-03-08T20:00:00.25+02:00"), 1110304800);
}

static void
test_others(void)
{
	static const char *const bad[] = {"", " ", "Thu,", "yesterday",
	    "Thu, 8 Mar", "0 Mar 2005 14:00:00", "8 Foo 2005 14:00:00",
	    "8 Mar 20055 14:00:00", "8 Mar 2005 25:00:00", "8 Mar 2005 14",
	    "99999999999999999999 Mar 2005 14:00"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(parse(bad[i]), -1);
}

TESTS(TEST(test_dates), TEST(test_others))
