/* desk_wrap_test - prose in the width of a terminal */
#include "base/test.h"
#include "daemon/desk_incident_view.h"

static struct str
wrapped(const char *words, size_t indent, size_t width)
{
	static char buf[400];
	static struct text t;

	text_init(&t, buf, sizeof(buf));
	desk_wrap(str_from(words), indent, width, &t);
	return text_view(&t);
}

static void
at_blanks(void)
{
	CHECK_STR(wrapped("", 2, 40), STR("\n"));
	CHECK_STR(wrapped("as it is", 2, 0), STR("as it is\n"));
	CHECK_STR(
	    wrapped("too narrow to wrap", 2, 10), STR("too narrow to wrap\n"));
	CHECK_STR(wrapped("what fits exactly. And more", 2, 25),
	    STR("what fits exactly. And\n  more\n"));
	CHECK_STR(
	    wrapped("https://a.example/of/a/length/that/no/line/has it", 2, 30),
	    STR("https://a.example/of/a/lengt\n  h/that/no/line/has it\n"));
	/* A character is not cut. */
	CHECK_STR(wrapped("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
			  "\xc3\xa4\xc3\xa4\xc3\xa4 x",
		      0, 21),
	    STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		"\xc3\xa4\xc3\xa4\xc3\xa4\nx\n"));
}

TESTS(TEST(at_blanks))
