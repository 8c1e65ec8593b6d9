/* str_test */
#include "base/str_near.h"

#include <stdlib.h>

#include "base/test.h"

static void
test_find(void)
{
	static const struct {
		const char *s, *needle;
		int first, last, nocase;
	} rows[] = {
	    {"abcabc", "bc", 1, 4, 1},
	    {"abcABC", "ABC", 3, 3, 0},
	    {"abc", "abcd", -1, -1, -1},
	    {"", "a", -1, -1, -1},
	    {"abc", "", 0, 3, 0},
	    {"status=sent", "status=", 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str s = str_from(rows[i].s);
		struct str needle = str_from(rows[i].needle);

		CHECK_INT(str_find(s, needle), rows[i].first);
		CHECK_INT(str_find_last(s, needle), rows[i].last);
		CHECK_INT(str_find_nocase(s, needle), rows[i].nocase);
	}
	CHECK_INT(str_find_char(STR("a=b=c"), '='), 1);
	CHECK_INT(str_find_char(STR(""), '='), -1);
}

static void
test_cut(void)
{
	struct str s = STR(" a=b=c \r\n"), head = STR("kept");

	s = str_trim(s);
	CHECK(str_cut(&s, '=', &head));
	CHECK_STR(head, STR("a"));
	CHECK_STR(s, STR("b=c"));
	CHECK(!str_cut(&s, ';', &head));
	CHECK_STR(head, STR("a"));
	CHECK(str_take(&s, STR("b=")));
	CHECK(!str_take(&s, STR("b")));
	CHECK_STR(s, STR("c"));
	CHECK_STR(str_trim(STR(" \t ")), STR(""));
	CHECK_STR(str_skip(STR("abc"), 9), STR(""));
	CHECK(str_is_nocase(STR("MAILER-Daemon"), STR("mailer-daemon")));
	CHECK(!str_is_nocase(STR("@"), STR("`")));
}

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		bool is_u64, is_i64;
		uint64_t u;
		int64_t i;
	} rows[] = {
	    {"0", true, true, 0, 0},
	    {"007", true, true, 7, 7},
	    {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
	    {"9223372036854775808", true, false, 1ull << 63, 0},
	    {"-9223372036854775808", false, true, 0, INT64_MIN},
	    {"-9223372036854775809", false, false, 0, 0},
	    {"18446744073709551615", true, false, UINT64_MAX, 0},
	    {"18446744073709551616", false, false, 0, 0},
	    {"99999999999999999999", false, false, 0, 0},
	    {"-12", false, true, 0, -12},
	    {"", false, false, 0, 0},
	    {"-", false, false, 0, 0},
	    {"+1", false, false, 0, 0},
	    {"1 ", false, false, 0, 0},
	    {"0x1", false, false, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t u = 0;
		int64_t n = 0;
		struct str s = str_from(rows[i].text);

		CHECK_INT(str_to_u64(s, &u), rows[i].is_u64);
		CHECK(u == rows[i].u);
		CHECK_INT(str_to_i64(s, &n), rows[i].is_i64);
		CHECK_INT(n, rows[i].i);
	}
}

static void
test_distance(void)
{
	CHECK_INT(str_distance(STR("limit"), STR("limit"), 3), 0);
	CHECK_INT(str_distance(STR("limit"), STR("limt"), 3), 1);
	CHECK_INT(str_distance(STR("limit"), STR("ilmit"), 3), 1);
	CHECK_INT(str_distance(STR("limit"), STR(""), 9), 5);
	CHECK_INT(str_distance(STR("suspend"), STR("lift"), 2), 3);
	CHECK(str_compare(STR("ab"), STR("abc")) < 0);
	CHECK(str_compare(STR("b"), STR("abc")) > 0);
	CHECK_INT(str_compare(STR("x"), STR("x")), 0);

	char *copy = str_dup(STR("copy"));

	CHECK_STR(str_from(copy), STR("copy"));
	free(copy);
}

static void
test_utf8(void)
{
	static const struct {
		const char *s;
		size_t n;
		uint32_t rune;
	} rows[] = {
	    {"a", 1, 'a'},
	    {"\xc3\xbc", 2, 0xfc},
	    {"\xe2\x82\xac", 3, 0x20ac},
	    {"\xf0\x9f\x98\x80", 4, 0x1f600},
	    {"\xc0\x80", 0, 0},		/* too long */
	    {"\xed\xa0\x80", 0, 0},	/* a surrogate */
	    {"\xf4\x90\x80\x80", 0, 0}, /* beyond U+10FFFF */
	    {"\xe2\x82", 0, 0},
	    {"\x80", 0, 0},
	    {"\xff", 0, 0},
	    {"", 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t rune = 0;

		CHECK_INT(str_utf8(str_from(rows[i].s), &rune), rows[i].n);
		CHECK_INT(rune, rows[i].rune);
	}
}

/* At each place, with the bytes before it at the edges of what is tricked. */
static void
test_near(void)
{
	char s[64];

	for (size_t at = 0; at < sizeof(s); at++) {
		memset(s, ',' + 1, sizeof(s));
		memset(s + at / 2, ',' ^ 0x80, at - at / 2);
		CHECK(!str_near(s, s + sizeof(s), ','));
		s[at] = ',';
		s[sizeof(s) - 1] = ',';
		CHECK(str_near(s, s + sizeof(s), ',') == s + at);
		CHECK(!str_near(s, s + at, ','));
	}
}

TESTS(TEST(test_near), TEST(test_find), TEST(test_cut), TEST(test_numbers),
    TEST(test_distance), TEST(test_utf8))
