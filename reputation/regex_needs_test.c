/* regex_needs_test - what every match of an expression holds */
#include "reputation/regex_needs.h"

#include "base/test.h"

static void
literals(void)
{
	static const struct {
		const char *regex, *want;
		bool is_whole;
	} v[] = {
	    {"user unknown", "user unknown", true},
	    {"5[.]7[.]1 no", "5.7.1 no", true},
	    {"over ?quota", "quota", false},
	    {"(^| )lost connection", "lost connection", false},
	    {"mails? from", " from", false},
	    {"spam.{0,20}found here", "found here", false},
	    {"[a-z]bl[]]x", "bl]x", false},
	    {"[^a-z]spf[^]]", "spf", false},
	    {"a(b|c(d|e))fgh", "fgh", false},
	    {"no.*", "no", false},
	    {"abcdef{2}", "abcde", false},
	    {"\\bhello", "hello", false},
	    {"abc\\x41", "", false},
	    {"(?i)abc", "", false},
	    {"(*UCP)abc", "", false},
	    {"(?:ab|cd)efg", "efg", false},
	    {"", "", false},
	    {"\\", "", false},
	    {"(", "", false},
	    {"[", "", false},
	};
	struct regex_literal got;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		regex_needs_literal(str_from(v[i].regex), &got);
		CHECK_STR(str_make(got.p, got.n), str_from(v[i].want));
		if (got.is_whole != v[i].is_whole)
			test_fail(__FILE__, __LINE__, "%s", v[i].regex);
	}
}

static void
groups(void)
{
	struct str inside, one, regex = STR("a(b|c)?d(e|(f|g)h)i(?:jk|l)");
	size_t at = 0;

	CHECK(regex_needs_group(regex, &at, &inside));
	CHECK_STR(inside, STR("e|(f|g)h"));
	CHECK(regex_needs_next(&inside, &one));
	CHECK_STR(one, STR("e"));
	CHECK(!regex_needs_next(&inside, &one));
	CHECK_STR(one, STR("(f|g)h"));
	CHECK(regex_needs_group(regex, &at, &inside));
	CHECK_STR(inside, STR("jk|l"));
	CHECK(!regex_needs_group(regex, &at, &inside));
	at = 0;
	CHECK(!regex_needs_group(STR("(a|b"), &at, &inside));
	CHECK(!regex_needs_group(STR("(?=a)b"), &at, &inside));
}

static void
alternatives(void)
{
	struct str rest = STR("a[|]b|(c|d)|\\|e"), one;

	CHECK(regex_needs_next(&rest, &one));
	CHECK_STR(one, STR("a[|]b"));
	CHECK(regex_needs_next(&rest, &one));
	CHECK_STR(one, STR("(c|d)"));
	CHECK(!regex_needs_next(&rest, &one));
	CHECK_STR(one, STR("\\|e"));
	CHECK_INT(rest.n, 0);
}

TESTS(TEST(literals), TEST(groups), TEST(alternatives))
