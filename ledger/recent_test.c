/* recent_test - the last names are known, older ones are not */
#include "ledger/recent.h"

#include "base/test.h"

static void
knows_the_last(void)
{
	struct recent r;

	recent_init(&r, 2);
	CHECK(!recent_has(&r, STR("a")));
	CHECK(recent_add(&r, STR("a")));
	CHECK(!recent_add(&r, STR("a")));
	CHECK(recent_add(&r, STR("b")));
	CHECK(recent_add(&r, STR("c")));
	CHECK(!recent_has(&r, STR("a")));
	CHECK(recent_has(&r, STR("b")) && recent_has(&r, STR("c")));
	CHECK(recent_add(&r, STR("a")));
	CHECK(!recent_has(&r, STR("b")));
	recent_done(&r);
}

static void
cuts_long_names(void)
{
	char z[200];
	struct recent r;

	memset(z, 'x', sizeof(z));
	recent_init(&r, 2);
	CHECK(recent_add(&r, str_make(z, 200)));
	CHECK(!recent_add(&r, str_make(z, 200)));
	CHECK(recent_has(&r, str_make(z, 200)));
	CHECK(recent_add(&r, STR("b")) && recent_add(&r, STR("c")));
	CHECK(!recent_has(&r, str_make(z, 200)));
	recent_done(&r);
}

TESTS(TEST(knows_the_last), TEST(cuts_long_names))
