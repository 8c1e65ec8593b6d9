/* dns_name_test */
#include "base/dns_name.h"

#include "base/test.h"

static void
names_below(void)
{
	struct str top = STR("example.com");

	CHECK(dns_is_below(STR("example.com"), top));
	CHECK(dns_is_below(STR("Mail.Example.COM"), top));
	CHECK(!dns_is_below(STR("badexample.com"), top));
	CHECK(!dns_is_below(STR("com"), top));
	CHECK(!dns_is_below(STR(""), top));
	CHECK(!dns_is_below(STR("com"), STR("")));
	CHECK(!dns_is_below(STR("com."), STR("")));
}

TESTS(TEST(names_below))
