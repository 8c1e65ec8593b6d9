#include "base/test.h"

#include "base/text.h"
#include "fbl/mime.h"

static const struct mime_limits limits = {20, 3};
static struct arena arena;
static struct mime m;

static size_t
read(struct str bytes)
{
	arena_done(&arena);
	mime_read(bytes, &limits, &arena, &m);
	return m.n;
}

#define TOP "Content-Type: Multipart/Report; boundary=b; report-type=X-y\n\n"

static void
test_parts(void)
{
	CHECK_INT(read(STR(TOP "hello\n--b\n\nplain\n--b\n"
			       "Content-Type: Message/RFC822\n\n"
			       "A: 1\n\n--c\nx\n--b\nContent-Type: text/x;\n"
			       " name=\"a.json\"\nContent-Transfer-Encoding: "
			       "quoted-printable\n\n=41=\nB\n--b--\nend")),
	    3);
	CHECK_STR(m.type, STR("multipart/report"));
	CHECK_STR(m.report_type, STR("X-y"));
	CHECK_STR(m.v[0].type, STR("text/plain"));
	CHECK_STR(m.v[0].body, STR("plain"));
	CHECK_STR(m.v[1].type, STR("message/rfc822"));
	CHECK_STR(m.v[1].body, STR("A: 1\n\n--c\nx"));
	CHECK_STR(m.v[2].body, STR("AB"));
	CHECK_STR(m.v[2].name, STR("a.json"));
	CHECK(!m.is_cut);
}

/* Messages are parts like others: not looked into, their bytes as they are. */
static void
test_messages(void)
{
	CHECK_INT(read(STR(TOP "--b\nContent-Type:\n message/global\n\n"
			       "no header\xff")),
	    1);
	CHECK_STR(m.v[0].type, STR("message/global"));
	CHECK_STR(m.v[0].body, STR("no header\xff"));
	CHECK_INT(
	    read(STR("Content-Type: message/rfc822\n\nSubject: x\n\nbody")), 1);
	CHECK_STR(m.v[0].type, STR("message/rfc822"));
	CHECK_STR(m.v[0].body, STR("Subject: x\n\nbody"));
	read(STR("\n{\"type\": \"message/rfc822\"}"));
	CHECK_STR(m.v[0].body, STR("{\"type\": \"message/rfc822\"}"));
}

static void
test_no_mime(void)
{
	CHECK_INT(read(STR("Subject: x\n\nhello\n")), 1);
	CHECK_STR(m.v[0].type, STR("text/plain"));
	CHECK_STR(m.v[0].body, STR("hello\n"));
	read(STR("Subject: x\r\rhello\r"));
	CHECK_STR(m.v[0].body, STR("hello\n"));
	read(STR(""));
	read(STR("\xff\xfe\0\0\1"));
	read(STR(TOP));
	read(STR(TOP "--b\n--b\n--b--"));
}

/* What would make too many objects is cut. */
static void
test_bounds(void)
{
	struct text t;

	text_grow(&t, 4 << 20);
	text_add(&t, TOP);
	for (int i = 0; i < 100000; i++)
		text_add(&t, "--b\n\n");
	CHECK_INT(read(text_view(&t)), limits.parts);
	CHECK(m.is_cut);
	text_clear(&t);
	for (int i = 0; i < 10000; i++)
		text_printf(&t,
		    "Content-Type: multipart/mixed; boundary=%d\n\n--%d\n", i,
		    i);
	CHECK(read(text_view(&t)) <= limits.parts);
	CHECK(m.is_cut);
	text_clear(&t);
	for (int i = 0; i < 30000; i++)
		text_add(&t, "Content-Type: message/rfc822\n\n");
	CHECK_INT(read(text_view(&t)), 1);
	text_clear(&t);
	text_add(&t, "Content-Type: x/y");
	for (int i = 0; i < 100000; i++)
		text_printf(&t, "; a*%d=/rfc822", i);
	read(text_view(&t));
	text_clear(&t);
	for (int i = 0; i < 300000; i++)
		text_add(&t, "a:\n");
	read(text_view(&t));
	text_done(&t);
	arena_done(&arena);
}

TESTS(TEST(test_parts), TEST(test_messages), TEST(test_no_mime),
    TEST(test_bounds))
