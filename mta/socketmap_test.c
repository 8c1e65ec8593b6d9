/* socketmap_test - questions, whole, in parts and broken */
#include "base/test.h"
#include "mta/socketmap.h"

static struct str map, key;
static size_t used;

static enum socketmap_parsed
parse(const char *z)
{
	return socketmap_parse(str_from(z), &map, &key, &used);
}

static void
a_question(void)
{
	CHECK(parse("13:senders a@b.c,5:x y z,") == SOCKETMAP_ASKED);
	CHECK_STR(map, STR("senders"));
	CHECK_STR(key, STR("a@b.c"));
	CHECK_INT(used, 17);
	CHECK(parse("5:x y z,") == SOCKETMAP_ASKED);
	CHECK_STR(key, STR("y z"));
	CHECK(parse("2:x ,") == SOCKETMAP_ASKED);
	CHECK_STR(key, STR(""));
}

static void
in_parts(void)
{
	char part[32] = "";
	const char whole[] = "13:senders a@b.c,";

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		memcpy(part, whole, n);
		part[n] = '\0';
		CHECK(parse(part) == SOCKETMAP_MORE);
	}
}

static void
broken(void)
{
	static const char *const v[] = {":", "x", "3;abc,", "3:abc,", "3:abcd",
	    "99999999999:", "2049:", "0:,", "2: x,", "-1:x", "00000:x",
	    "GET / HTTP/1.1\r\n", "13:senders a@b.c\n"};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		CHECK(parse(v[i]) == SOCKETMAP_BROKEN);
}

static void
answers(void)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	socketmap_print(&t, STR("out1:"));
	CHECK_STR(text_view(&t), STR("8:OK out1:,"));
	text_clear(&t);
	socketmap_print(&t, STR(""));
	CHECK_STR(text_view(&t), STR("9:NOTFOUND ,"));
}

TESTS(TEST(a_question), TEST(in_parts), TEST(broken), TEST(answers))
