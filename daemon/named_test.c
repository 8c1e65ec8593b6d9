/* named_test - an account is named as a whole word only */
#include "daemon/named.h"

#include "base/test.h"

static void
whole_words(void)
{
	static const struct {
		const char *text, *account;
		bool is_named;
	} rows[] = {
	    {"from=<Bob@Example.com>,", "bob@example.com", true},
	    {"sasl_username=bob", "bob", true},
	    {"sasl_username=bobby", "bob", false},
	    {"jim.bob@example.com", "bob@example.com", false},
	    {"bob@example.com.au", "bob@example.com", false},
	    {"wrote to bob@example.com.", "bob@example.com", true},
	    {"bob+x@example.com", "bob", false},
	    {"a bobby and bob", "bob", true},
	    {"bob", "bob", true},
	    {"", "bob", false},
	    {"bob", "", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (named_in(str_from(rows[i].text),
			str_from(rows[i].account)) != rows[i].is_named)
			test_fail(__FILE__, __LINE__, "%s", rows[i].text);
	}
}

static void
events_are_about_somebody(void)
{
	struct str root =
	    STR("{\"subject\":\"ann@x\",\"by\":\"root\",\"reason\":\"bob@x\"}");

	CHECK(!named_in_event(root, STR("root")));
	CHECK(named_in_event(root, STR("ann@x")));
	CHECK(named_in_event(root, STR("bob@x")));
	CHECK(named_in_event(STR("{\"subject\":\"root\"}"), STR("root")));
	CHECK(!named_in_event(STR("{\"subject\":\"rooty\"}"), STR("root")));
	CHECK(!named_in_event(STR("{\"subject\":\"root"), STR("root")));
	CHECK(!named_in_event(STR("{}"), STR("root")));
}

TESTS(TEST(whole_words), TEST(events_are_about_somebody))
