/* header_words_test - a header's words as people read them */
#include "mta/header_words.h"

#include "base/test.h"

static const struct {
	const char *in, *out;
} cases[] = {
    {"", ""},
    {"Hello", "Hello"},
    {"=?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle", "Gr\xc3\xbc\xc3\x9f"
					    "e an alle"},
    {"=?UTF-8?B?WW91IHdvbg==?=", "You won"},
    {"=?utf-8?B?WW91?= =?utf-8?q?_won?=", "You won"},
    {"=?utf-8?B?WW91?=  won", "You  won"},
    {"=?iso-8859-1?q?M=FCll?=", "M\xc3\xbcll"},
    {"=?us-ascii*en?q?a=20b?=", "a b"},
    {"=?koi8-r?b?8NLJ18XU?= x", "=?koi8-r?b?8NLJ18XU?= x"},
    {"=?utf-8?q?no end", "=?utf-8?q?no end"},
    {"=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
    {"=?=?=?utf-8?q?a=?=", "=?=?a="},
    {"50% =? off", "50% =? off"},
    {"=?utf-8?q?a=0?=", "a=0"},
};

static void
test_words(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[256];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		header_words(str_from(cases[i].in), &t);
		CHECK_STR(text_view(&t), str_from(cases[i].out));
	}
}

TESTS(TEST(test_words))
