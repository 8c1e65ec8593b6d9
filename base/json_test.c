/* json_test */
#include "base/json.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"

static void
test_write(void)
{
	char buf[1000];
	struct text t;
	struct json_out j;

	text_init(&t, buf, sizeof(buf));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "s", STR("a"));
	json_i64(&j, "i", INT64_MIN);
	json_open_array(&j, "a");
	json_i64(&j, NULL, 1);
	json_open(&j, NULL);
	json_close(&j);
	json_open_array(&j, NULL);
	json_close_array(&j);
	json_close_array(&j);
	json_bool(&j, "b", true);
	json_nil(&j, "z");
	json_raw(&j, "r", STR("[0]"));
	json_time(&j, "t", 0);
	json_time(&j, "never", TIME_NEVER);
	json_close(&j);
	CHECK_STR(text_view(&t),
	    STR("{\"s\":\"a\",\"i\":-9223372036854775808,"
		"\"a\":[1,{},[]],\"b\":true,"
		"\"z\":null,\"r\":[0],\"t\":\"1970-01-01T00:00:00Z\","
		"\"never\":null}"));
	text_char(&t, '\n');
	json_open(&j, NULL);
	CHECK_INT(j.depth, 1);
}

static void
test_strings(void)
{
	static const struct {
		struct str in;
		const char *out;
	} rows[] = {
	    {STR_INIT(""), ""},
	    {STR_INIT("a\"b\\c/"), "a\\\"b\\\\c/"},
	    {STR_INIT("\b\f\n\r\t"), "\\b\\f\\n\\r\\t"},
	    {STR_INIT("\0\x1b\x7f"), "\\u0000\\u001b\\u007f"},
	    {STR_INIT("\xc2\x9b"), "\\u009b"},
	    {STR_INIT("\xc3\xbc\xf0\x9f\x98\x80"), "\xc3\xbc\xf0\x9f\x98\x80"},
	    {STR_INIT("x\xff\xc3"), "x\xef\xbf\xbd\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[100];
		struct text t;
		struct json_out j;

		text_init(&t, buf, sizeof(buf));
		json_out_init(&j, &t);
		json_str(&j, NULL, rows[i].in);
		struct str got = text_view(&t);

		CHECK(got.n >= 2);
		CHECK_STR(
		    str_make(got.p + 1, got.n - 2), str_from(rows[i].out));
	}
}

static void
on_member(void *ctx, struct str key, struct json *value)
{
	text_str(ctx, key);
	text_char(ctx, '=');
	json_print(ctx, value);
	text_char(ctx, ' ');
}

static void
test_read(void)
{
	struct error err;
	struct json *doc = json_parse(
	    STR("{\"z\":\"text\",\"n\":-5,\"r\":2.75,\"big\":1e30,\"t\":true,"
		"\"a\":[1,\"two\",null],\"o\":{\"k\":{}}}"),
	    &err);

	CHECK(doc != NULL);
	CHECK(json_is_object(doc));
	CHECK_STR(json_text(json_get(doc, "z")), STR("text"));
	CHECK_STR(json_text(json_get(doc, "n")), STR(""));
	CHECK_INT(json_number(json_get(doc, "n"), 9), -5);
	CHECK_INT(json_number(json_get(doc, "r"), 9), 2);
	CHECK_INT(json_number(json_get(doc, "big"), 9), 9);
	CHECK_INT(json_number(json_get(doc, "absent"), 9), 9);
	CHECK(json_is_number(json_get(doc, "r")));
	CHECK(json_is_true(json_get(doc, "t")));
	CHECK(!json_is_true(json_get(doc, "n")));
	struct json *a = json_get(doc, "a");

	CHECK(json_is_array(a));
	CHECK_INT(json_count(a), 3);
	CHECK(json_is_string(json_at(a, 1)));
	CHECK(json_at(a, 3) == NULL);
	CHECK(json_get(json_get(NULL, "x"), "y") == NULL);
	CHECK_INT(json_count(NULL), 0);
	CHECK(!json_is_string(NULL));
	json_each(NULL, on_member, NULL);

	char buf[200];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	json_each(doc, on_member, &t);
	CHECK_STR(text_view(&t), STR("z=\"text\" n=-5 r=2.75 big=1e30 t=true "
				     "a=[1,\"two\",null] o={\"k\":{}} "));
	json_free(&doc);
	CHECK(doc == NULL);
	json_free(&doc);
}

/* Deeper than 32 is refused, brackets in strings don't count. */
static void
test_depth(void)
{
	static const struct {
		int depth;
		bool is_ok;
	} rows[] = {{1, true}, {32, true}, {33, false}, {5000, false}};
	static char buf[20000];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t;
		struct error err;

		text_init(&t, buf, sizeof(buf));
		text_pad(&t, '[', (size_t)rows[i].depth);
		text_add(&t, "\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"");
		text_pad(&t, ']', (size_t)rows[i].depth);
		struct json *doc = json_parse(text_view(&t), &err);

		CHECK_INT(doc != NULL, rows[i].is_ok);
		json_free(&doc);
	}
}

static void
test_refused(void)
{
	static const char *const rows[] = {"", "{", "{\"a\":1,\"a\":2}", "[1,]",
	    "\"text\"", "[1] x", "[\"\xff\"]", "[\"\\u0000\"]", "[NaN]",
	    "[\"a\n\"]", "[99999999999999999999999]"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err;
		struct json *doc = json_parse(str_from(rows[i]), &err);

		if (doc)
			test_fail(__FILE__, __LINE__, "took %s", rows[i]);
		else
			CHECK(str_starts(
			    str_from(err.text), STR("no JSON: line ")));
		CHECK(str_find_char(str_from(err.text), '\n') < 0);
		json_free(&doc);
	}
}

TESTS(TEST(test_write), TEST(test_strings), TEST(test_read), TEST(test_depth),
    TEST(test_refused))
