/* mime_test - headers and bodies: short lines, 7 bits, nothing gets out */
#include "notify/mime.h"

#include "base/test.h"

static char buf[65536];

static struct str
header(const char *name, struct str value)
{
	struct text t;

	text_init(&t, buf, sizeof(buf));
	mime_write_header(&t, name, value);
	return text_view(&t);
}

static struct str
quoted(struct str s)
{
	struct text t;

	text_init(&t, buf, sizeof(buf));
	mime_write_quoted(&t, s);
	return text_view(&t);
}

static void
check_lines(struct str s)
{
	struct str line;

	while (str_cut(&s, '\n', &line)) {
		CHECK(line.n > 0 && line.p[line.n - 1] == '\r');
		CHECK(line.n <= 77);
		for (size_t i = 0; i + 1 < line.n; i++)
			CHECK(line.p[i] >= ' ' && line.p[i] <= '~');
	}
	CHECK_INT(s.n, 0);
}

static void
headers(void)
{
	CHECK_STR(header("Subject", STR("plain, as it is")),
	    STR("Subject: plain, as it is\r\n"));
	CHECK_STR(header("Subject", STR("Versand gesperrt f\xc3\xbcr a@x")),
	    STR("Subject: "
		"=?utf-8?q?Versand_gesperrt_f=C3=BCr_a=40x?=\r\n"));
	CHECK_STR(header("Subject", STR("=?utf-8?q?fake?=")),
	    STR("Subject: =?utf-8?q?=3D=3Futf=2D8=3Fq=3Ffake=3F=3D?=\r\n"));
	CHECK_STR(header("Subject", STR("a\r\nBcc: b")),
	    STR("Subject: =?utf-8?q?a__Bcc=3A_b?=\r\n"));
	CHECK_STR(header("Subject", STR("")), STR("Subject: \r\n"));
	CHECK_STR(header("Subject",
		      STR("Our mistake: sending from ann@inside.example was "
			  "stopped (case 2D63-0AW1)")),
	    STR("Subject: Our mistake: sending from ann@inside.example was "
		"stopped (case\r\n 2D63-0AW1)\r\n"));
	CHECK_STR(
	    header("S", STR("\xff")), STR("S: =?utf-8?q?=EF=BF=BD?=\r\n"));
}

static void
long_headers_are_folded_at_characters(void)
{
	static char value[3000];

	for (size_t i = 0; i + 3 < sizeof(value); i += 3)
		memcpy(value + i, "\xe2\x82\xac", 3);
	struct str s = header("Subject", str_from(value));

	check_lines(s);
	while (s.n > 0) {
		struct str line;

		CHECK(str_cut(&s, '\n', &line));
		ptrdiff_t at = str_find(line, STR("?q?"));

		CHECK(at > 0);
		/* Whole characters of nine bytes each, then "?=". */
		CHECK_INT((line.n - (size_t)at - 3 - 3) % 9, 0);
	}
	memset(value, 'x', sizeof(value) - 1);
	check_lines(header("Subject", str_from(value)));
	memset(value, ' ', sizeof(value) - 1);
	value[0] = value[sizeof(value) - 2] = 'x';
	check_lines(header("Subject", str_from(value)));
}

static void
addresses(void)
{
	struct text t;

	text_init(&t, buf, sizeof(buf));
	mime_write_address(&t, "From", STR("Example Mail"), STR("a@x"));
	mime_write_address(
	    &t, "From", STR("M\xc3\xbcller \"&\" S"), STR("a@x"));
	mime_write_address(&t, "From", STR("a\" <evil@x>, \\"), STR("a@x"));
	mime_write_address(&t, "To", STR(""), STR("a@x"));
	CHECK_STR(text_view(&t),
	    STR("From: \"Example Mail\"\r\n <a@x>\r\n"
		"From: =?utf-8?q?M=C3=BCller_=22=26=22_S?=\r\n <a@x>\r\n"
		"From: =?utf-8?q?a=22_=3Cevil=40x=3E=2C_=5C?=\r\n <a@x>\r\n"
		"To: a@x\r\n"));
}

static void
bodies(void)
{
	CHECK_STR(quoted(STR("")), STR(""));
	CHECK_STR(quoted(STR("a = b\n\nc")), STR("a =3D b\r\n\r\nc\r\n"));
	CHECK_STR(
	    quoted(STR("gr\xc3\xbc\xc3\x9f \n")), STR("gr=C3=BC=C3=9F=20\r\n"));
	CHECK_STR(quoted(STR(".\n.x\nFrom me\nFroM\na.\rb\n")),
	    STR("=2E\r\n=2Ex\r\n=46rom me\r\nFroM\r\na.=0Db\r\n"));
	static char large[10000];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = ".x=\xff \t"[i % 6];
	check_lines(quoted(str_make(large, sizeof(large))));
}

static void
paragraphs(void)
{
	static const struct {
		const char *s, *want;
	} cases[] = {
	    {"", ""},
	    {"a\nb\n\n\n\nc\n\n", "a b\n\nc\n"},
	    {"\n\na", "a\n"},
	    {"one two three four five six seven eight nine ten eleven twelve "
	     "thirteen fourteen",
		"one two three four five six seven eight nine ten eleven twelve"
		" thirteen\nfourteen\n"},
	    {"x:\n  - one two three four five six seven eight nine ten eleven "
	     "twelve thirteen\n  - two\ny",
		"x:\n  - one two three four five six seven eight nine ten "
		"eleven twelve\n    thirteen\n  - two\ny\n"},
	    {"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	     "\xc3\xbc\xc3\xbc 61 characters, counted as they are seen, all on"
	     " a line",
		"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
		"\xc3\xbc\xc3\xbc\xc3\xbc 61 characters, counted as they are "
		"seen, all on a line\n"},
	    {"https://x.example/"
	     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	     " b",
		"https://x.example/"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa\nb\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t;

		text_init(&t, buf, sizeof(buf));
		mime_wrap(&t, str_from(cases[i].s));
		CHECK_STR(text_view(&t), str_from(cases[i].want));
	}
}

TESTS(TEST(headers), TEST(long_headers_are_folded_at_characters),
    TEST(addresses), TEST(bodies), TEST(paragraphs))
