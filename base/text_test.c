/* text_test */
#include "base/text.h"

#include "base/test.h"

static void
test_fixed(void)
{
	char buf[8];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_add(&t, "abc");
	text_u64(&t, 1234);
	CHECK(!t.is_cut);
	CHECK_STR(text_view(&t), STR("abc1234"));
	text_char(&t, 'x');
	CHECK(t.is_cut);
	CHECK_STR(text_view(&t), STR("abc1234"));
	CHECK_INT(buf[7], 0);
	text_clear(&t);
	text_add(&t, "0123456789");
	CHECK(t.is_cut);
	CHECK_STR(str_from(buf), STR("0123456"));

	text_init(&t, NULL, 0);
	text_add(&t, "");
	CHECK(!t.is_cut);
	text_pad(&t, ' ', 3);
	CHECK(t.is_cut);
	CHECK_STR(text_view(&t), STR(""));
}

static void
test_growing(void)
{
	struct text t;

	text_grow(&t, 1000);
	CHECK_STR(text_view(&t), STR(""));
	for (int i = 0; i < 100; i++)
		text_add(&t, "0123456789");
	CHECK(!t.is_cut);
	CHECK_INT(t.n, 1000);
	text_char(&t, 'x');
	CHECK(t.is_cut);
	CHECK_INT(strlen(t.p), 1000);
	text_clear(&t);
	text_pad(&t, '-', 2000);
	CHECK_INT(t.n, 1000);
	text_clear(&t);
	text_printf(&t, "%0500d|%s", 7, "end");
	CHECK_INT(t.n, 504);
	CHECK(str_ends(text_view(&t), STR("07|end")));
	text_done(&t);
	text_add(&t, "usable after done");
	CHECK_INT(t.n, 17);
	text_done(&t);
}

static void
test_numbers(void)
{
	char buf[100];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_u64(&t, 0);
	text_char(&t, ' ');
	text_u64(&t, UINT64_MAX);
	text_char(&t, ' ');
	text_i64(&t, INT64_MIN);
	text_char(&t, ' ');
	text_i64(&t, -1);
	text_char(&t, ' ');
	text_hex(&t, "\x00\xff\x5a", 3);
	CHECK_STR(text_view(&t),
	    STR("0 18446744073709551615 -9223372036854775808 -1 00ff5a"));
}

static void
test_printable(void)
{
	static const struct {
		struct str in;
		const char *out;
	} rows[] = {
	    {STR_INIT("plain text ~"), "plain text ~"},
	    {STR_INIT("J\xc3\xbcrgen \xe2\x82\xac"),
		"J\xc3\xbcrgen \xe2\x82\xac"},
	    {STR_INIT("a\tb\r\n\x1b[2J\x7f"), "a?b???[2J?"},
	    {STR_INIT("nul\0nul"), "nul?nul"},
	    /* CSI as one C1 character; right-to-left override */
	    {STR_INIT("\xc2\x9b@31m"), "?@31m"},
	    {STR_INIT("moc\xe2\x80\xae.exe"), "moc?.exe"},
	    {STR_INIT("\xff\xc3."), "?\?."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[100];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		text_printable(&t, rows[i].in);
		CHECK_STR(text_view(&t), str_from(rows[i].out));
	}
}

static void
lines_move_whole(void)
{
	struct text from, to;
	size_t done = 0;

	text_grow(&from, 100);
	text_grow(&to, 100);
	text_add(&from, "one\ntwo\nthree\n");
	CHECK_INT(text_move_lines(&from, &done, 0, &to), 10);
	CHECK_STR(text_view(&to), STR("one\n"));
	CHECK_INT(text_move_lines(&from, &done, 4, &to), 6);
	text_add(&from, "four\n");
	CHECK_INT(text_move_lines(&from, &done, 7, &to), 0);
	CHECK_STR(text_view(&to), STR("one\ntwo\nthree\nfour\n"));
	CHECK_INT(from.n + done, 0);
	CHECK_INT(text_move_lines(&from, &done, 7, &to), 0);
	text_done(&from);
	text_done(&to);
}

TESTS(TEST(lines_move_whole), TEST(test_fixed), TEST(test_growing),
    TEST(test_numbers), TEST(test_printable))
