/* crlf_test - line ends */
#include "base/crlf.h"

#include "base/test.h"

static void
ends_each_line(void)
{
	static const char *const rows[][2] = {
	    {"", "\r\n"},
	    {"a", "a\r\n"},
	    {"a\n", "a\r\n"},
	    {"a\r\n", "a\r\n"},
	    {"a\rb", "a\r\nb\r\n"},
	    {"a\n\nb\n", "a\r\n\r\nb\r\n"},
	    {"a\r\r\nb", "a\r\n\r\nb\r\n"},
	    {"\n", "\r\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char buf[64];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		crlf_text(&t, str_from(rows[i][0]));
		CHECK_STR(text_view(&t), str_from(rows[i][1]));
	}
}

static void
knows_control_characters(void)
{
	CHECK(crlf_is_plain(STR("")));
	CHECK(crlf_is_plain(STR("X: y \xc3\xa4")));
	CHECK(!crlf_is_plain(STR("a\nb")));
	CHECK(!crlf_is_plain(STR("a\0b")));
	CHECK(!crlf_is_plain(STR("a\x7f")));
}

TESTS(TEST(ends_each_line), TEST(knows_control_characters))
