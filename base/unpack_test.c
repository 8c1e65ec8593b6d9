#include "base/unpack.h"

#include "base/test.h"
#include "base/text.h"

/* printf 'hello\n' | gzip -n; the same zipped (stored in a folder d/); made by
 * hand: no program is asked. */
static const unsigned char gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb,
    0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0};
static const unsigned char zip[] = {'P', 'K', 3, 4, 20, 0, 0, 0, 8, 0, 0, 0,
    0x21, 0, 0x20, 0x30, 0x3a, 0x36, 8, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 'a',
    0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 'P', 'K', 1, 2, 20, 0, 20, 0, 0,
    0, 8, 0, 0, 0, 0x21, 0, 0x20, 0x30, 0x3a, 0x36, 8, 0, 0, 0, 6, 0, 0, 0, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'a', 'P', 'K', 5, 6, 0,
    0, 0, 0, 1, 0, 1, 0, 47, 0, 0, 0, 39, 0, 0, 0, 0, 0};

static struct str
bytes(const unsigned char *p, size_t n)
{
	return str_make((const char *)p, n);
}

static bool
add(void *ctx, struct str s)
{
	text_str(ctx, s);
	return true;
}

static bool
enough(void *ctx, struct str s)
{
	text_str(ctx, s);
	return false;
}

static int
get(struct str in, size_t max, struct text *t, struct error *err)
{
	text_clear(t);
	return unpack(in, max, add, t, err);
}

static void
forms(void)
{
	struct error err;
	struct text t;
	char two[2 * sizeof(gz)], buf[100];

	text_init(&t, buf, sizeof(buf));
	CHECK_INT(get(STR("plain"), 100, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("plain"));
	CHECK_INT(get(bytes(gz, sizeof(gz)), 6, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("hello\n"));
	CHECK_INT(get(bytes(zip, sizeof(zip)), 6, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("hello\n"));
	memcpy(two, gz, sizeof(gz));
	memcpy(two + sizeof(gz), gz, sizeof(gz));
	CHECK_INT(get(str_make(two, sizeof(two)), 100, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("hello\nhello\n"));
	text_clear(&t);
	CHECK_INT(unpack(bytes(gz, sizeof(gz)), 100, enough, &t, &err), 0);
}

static void
bounds(void)
{
	struct error err;
	struct text t;
	char buf[100];

	text_init(&t, buf, sizeof(buf));
	CHECK_INT(get(STR("plain"), 4, &t, &err), -1);
	CHECK_INT(get(bytes(gz, sizeof(gz)), 5, &t, &err), -1);
	CHECK(strstr(err.text, "too much"));
	CHECK_INT(get(bytes(zip, sizeof(zip)), 5, &t, &err), -1);
	for (size_t n = 2; n + 8 < sizeof(gz); n++)
		CHECK_INT(get(bytes(gz, n), 100, &t, &err), -1);
	for (size_t n = 4; n < sizeof(zip); n++)
		CHECK_INT(get(bytes(zip, n), 100, &t, &err), -1);
}

TESTS(TEST(forms), TEST(bounds))
