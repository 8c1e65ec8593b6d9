/* patterns_test - the first of many expressions that is found */
#include "reputation/patterns.h"

#include "base/test.h"

static bool
all(void *ctx, uint32_t id)
{
	(void)ctx;
	(void)id;
	return true;
}

static bool
not_this(void *ctx, uint32_t id)
{
	return id != *(uint32_t *)ctx;
}

static void
finds(void)
{
	static const char *const regexes[] = {"user unknown|no such user",
	    "over ?quota", "(spam|junk) (mail|message)", "^550 5[.]7[.]1 ",
	    "listed (at|in) [^ ]+", "^x$"};
	static const struct {
		const char *text;
		int want; /* -1: none */
	} v[] = {
	    {"550 no such user here", 0},
	    {"552 overquota", 1},
	    {"552 over quota", 1},
	    {"554 junk message", 2},
	    {"554 junkmessage", -1},
	    {"550 5.7.1 junk mail", 2},
	    {"550 5.7.1 no", 3},
	    {"1550 5.7.1 no", -1},
	    {"listed at here", 4},
	    {"listed at ", -1},
	    {"x", 5},
	    {"", -1},
	};
	struct patterns *p = patterns_new();
	struct error err;
	uint32_t id, but = 2;

	for (uint32_t i = 0; i < sizeof(regexes) / sizeof(*regexes); i++)
		CHECK_INT(patterns_add(p, str_from(regexes[i]), i, &err), 0);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		int got = patterns_find(p, str_from(v[i].text), all, NULL, &id)
			      ? (int)id
			      : -1;
		if (got != v[i].want)
			test_fail(__FILE__, __LINE__, "\"%s\": %d, not %d",
			    v[i].text, got, v[i].want);
	}
	CHECK(
	    patterns_find(p, STR("550 5.7.1 junk mail"), not_this, &but, &id));
	CHECK_INT(id, 3);
	patterns_free(&p);
}

static void
bad_ones(void)
{
	static const struct {
		const char *regex, *want;
	} v[] = {
	    {"", "1 to 4096"},
	    {"a||b", "an alternative is empty"},
	    {"a|", "an alternative is empty"},
	    {"a(b", "missing closing parenthesis at byte 3"},
	    {"a[b", "at byte 3"},
	    {"a\\", "\\ at end of pattern"},
	    {"Spam", "in lower case at \"Spam\""},
	};
	struct patterns *p = patterns_new();
	struct error err;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		CHECK_INT(patterns_add(p, str_from(v[i].regex), 0, &err), -1);
		if (str_find(str_from(err.text), str_from(v[i].want)) < 0)
			test_fail(__FILE__, __LINE__, "%s", err.text);
	}
	patterns_free(&p);
}

/* One that could go on for ever is given up. */
static void
hostile(void)
{
	static char text[1000];
	struct patterns *p = patterns_new();
	struct error err;
	uint32_t id;

	memset(text, 'a', sizeof(text));
	CHECK_INT(patterns_add(p, STR("(a+)+(a+)+b"), 0, &err), 0);
	CHECK_INT(patterns_add(p, STR("aaa"), 1, &err), 0);
	CHECK(patterns_find(p, str_make(text, sizeof(text)), all, NULL, &id));
	CHECK_INT(id, 1);
	patterns_free(&p);
}

TESTS(TEST(finds), TEST(bad_ones), TEST(hostile))
