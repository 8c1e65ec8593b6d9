/* owner_test - what a directory says, also what it should not */
#include "notify/owner.h"

#include "base/test.h"
#include "base/text.h"
#include "notify/directory_parts.h"

static void
a_whole_answer(void)
{
	struct owner_entry e = {0};
	struct error err = {""};
	bool is_known = false;

	CHECK_INT(owner_read_json(&e,
		      STR("{\"addresses\":[\"a@home.example\",\"b@x\"],"
			  "\"language\":\"de\",\"name\":\"A. M\xc3\xbcller\","
			  "\"plan\":\"business\",\"created\":\"2024-03-01\","
			  "\"password_page\":\"https://p.example/\","
			  "\"shoe_size\":42}"),
		      &is_known, &err),
	    0);
	CHECK(is_known);
	CHECK_INT(e.n, 2);
	CHECK_STR(str_from(e.addresses[0]), STR("a@home.example"));
	CHECK_STR(str_from(e.addresses[1]), STR("b@x"));
	CHECK_STR(str_from(e.language), STR("de"));
	CHECK_STR(str_from(e.name), STR("A. M\xc3\xbcller"));
	CHECK_STR(str_from(e.plan), STR("business"));
	CHECK_INT(e.created, 1709251200);
	CHECK_STR(str_from(e.password_page), STR("https://p.example/"));
}

static void
an_answer_that_knows_little(void)
{
	struct owner_entry e = {0};
	struct error err = {""};
	bool is_known = true;

	strcpy(e.language, "fr");
	CHECK_INT(owner_read_json(&e, STR("{}"), &is_known, &err), 0);
	CHECK(!is_known);
	CHECK_INT(owner_read_json(&e,
		      STR("{\"name\":null,\"addresses\":null,\"x\":1}"),
		      &is_known, &err),
	    0);
	CHECK(!is_known);
	CHECK_STR(str_from(e.language), STR("fr"));
	CHECK_INT(
	    owner_read_json(&e, STR("{\"addresses\":[]}"), &is_known, &err), 0);
	CHECK(is_known);
	CHECK_INT(e.n, 0);
}

/* All of it is wrong then: nothing of the entry changes. */
static void
broken_answers(void)
{
	static const char *const broken[] = {"", "x", "[]", "{", "null",
	    "{\"addresses\":\"a@x\"}", "{\"addresses\":[1]}",
	    "{\"addresses\":[\"nobody\"]}",
	    "{\"addresses\":[\"a@x\\r\\nBcc: b@x\"]}",
	    "{\"addresses\":[\"a@x\",\"<b@x>\"]}",
	    "{\"addresses\":[\"a@x\",\"b@x\",\"c@x\",\"d@x\",\"e@x\"]}",
	    "{\"language\":[]}", "{\"language\":\"a-very-long-language\"}",
	    "{\"name\":\"a\\nb\"}", "{\"name\":7}", "{\"created\":\"soon\"}",
	    "{\"created\":5}", "{\"password_page\":\"javascript:x\"}",
	    "{\"password_page\":\"http://a b\"}", "{\"plan\":true}"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct owner_entry e = {0};
		struct error err = {""};
		bool is_known = false;

		if (owner_read_json(&e, str_from(broken[i]), &is_known, &err) ==
		    0)
			test_fail(__FILE__, __LINE__, "taken: %s", broken[i]);
		CHECK(*err.text);
		CHECK_INT(e.n, 0);
		CHECK(!is_known);
	}
}

static void
fields_of_a_hash(void)
{
	struct owner_entry e = {0};
	struct error err = {""};

	CHECK_INT(
	    owner_read_field(&e, STR("addresses"), STR(" a@x , b@x,"), &err),
	    0);
	CHECK_INT(e.n, 2);
	CHECK_STR(str_from(e.addresses[1]), STR("b@x"));
	CHECK_INT(owner_read_field(&e, STR("other"), STR("\n"), &err), 0);
	CHECK_INT(
	    owner_read_field(&e, STR("addresses"), STR("a@x b@x"), &err), -1);
}

static void
patterns_expand(void)
{
	static const struct {
		const char *pattern, *account;
		bool is_url;
		const char *want; /* NULL: no pattern */
	} cases[] = {
	    {"%a", "a@x", false, "a@x"},
	    {"owner+%u@%d", "a@x", false, "owner+a@x"},
	    {"%d", "alice", false, ""},
	    {"%u", "alice", false, "alice"},
	    {"100%%", "a@x", false, "100%"},
	    {"?a=%a", "a+b@x&c=d#\xc3\xbc", true,
		"?a=a%2Bb%40x%26c%3Dd%23%C3%BC"},
	    {"%", "a@x", false, NULL},
	    {"%q", "a@x", false, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		bool is = owner_expand(str_from(cases[i].pattern),
		    str_from(cases[i].account), cases[i].is_url, &t);

		CHECK_INT(is, cases[i].want != NULL);
		if (is)
			CHECK_STR(text_view(&t), str_from(cases[i].want));
	}
}

static void
owners_of_the_settings(void)
{
	static const char *const firm[] = {"*@firm.example", "boss@x"};
	static const char *const all[] = {"*"};
	static const char *const to[] = {"admin@firm.example", "%u@home.%d"};
	const struct owner_settings owners[] = {{.accounts = {firm, 2},
						    .to = {to, 2},
						    .language = "de",
						    .name = "Firm",
						    .plan = "",
						    .password_page = ""},
	    {.accounts = {all, 1},
		.to = {NULL, 0},
		.language = "it",
		.name = "",
		.plan = "free",
		.password_page = "https://p/"}};
	struct notify_settings s = {.owners = owners, .n_owners = 2};
	struct owner_entry e = {0};

	CHECK(owners_find(&s, STR("A@Firm.example"), &e));
	CHECK_INT(e.n, 2);
	CHECK_STR(str_from(e.addresses[1]), STR("A@home.Firm.example"));
	CHECK_STR(str_from(e.language), STR("de"));
	memset(&e, 0, sizeof(e));
	/* What gives no address is left out. */
	CHECK(owners_find(&s, STR("a b@firm.example"), &e));
	CHECK_INT(e.n, 1);
	memset(&e, 0, sizeof(e));
	CHECK(owners_find(&s, STR("c@other.example"), &e));
	CHECK_INT(e.n, 0);
	CHECK_STR(str_from(e.plan), STR("free"));
	s.n_owners = 1;
	CHECK(!owners_find(&s, STR("c@firm.example.org"), &e));
	CHECK(!owners_find(&s, STR(""), &e));
}

TESTS(TEST(a_whole_answer), TEST(an_answer_that_knows_little),
    TEST(broken_answers), TEST(fields_of_a_hash), TEST(patterns_expand),
    TEST(owners_of_the_settings))
