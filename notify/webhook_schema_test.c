/* webhook_schema_test - what the program writes is what etc/webhook.schema.json
 * says, which is what others write their receivers by */
#include <stdio.h>

#include "base/json.h"
#include "base/test.h"
#include "base/time.h"
#include "notify/webhook.h"

static struct json *schema;

static void
read_schema(void)
{
	char buf[65536];
	FILE *f = fopen("etc/webhook.schema.json", "r");
	size_t n = f ? fread(buf, 1, sizeof(buf), f) : 0;
	struct error err = {0};

	if (f)
		fclose(f);
	schema = json_parse(str_make(buf, n), &err);
	CHECK(schema != NULL);
}

static bool
is_type(struct str type, const struct json *v)
{
	if (str_is(type, STR("string")))
		return json_is_string(v);
	if (str_is(type, STR("integer")))
		return json_is_number(v);
	if (str_is(type, STR("array")))
		return json_is_array(v);
	if (str_is(type, STR("object")))
		return json_is_object(v);
	if (str_is(type, STR("boolean")) && json_is_true(v))
		return true;
	char word[16];
	struct text t;

	text_init(&t, word, sizeof(word));
	json_print(&t, v);
	return str_is(text_view(&t),
	    str_is(type, STR("null")) ? STR("null") : STR("false"));
}

static bool fits(const struct json *rule, const struct json *v);

struct members {
	const struct json *properties;
	bool is_good;
};

static void
check_member(void *ctx, struct str key, struct json *value)
{
	struct members *m = ctx;
	char name[80];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_str(&t, key);
	const struct json *rule = json_get(m->properties, name);

	m->is_good &= rule && fits(rule, value);
}

static bool
fits_object(const struct json *rule, const struct json *v)
{
	const struct json *required = json_get(rule, "required");
	struct members m = {json_get(rule, "properties"), true};
	char name[80];
	struct text t;

	if (!m.properties)
		return true;
	for (size_t i = 0; i < json_count(required); i++) {
		text_init(&t, name, sizeof(name));
		text_str(&t, json_text(json_at(required, i)));
		m.is_good &= json_get(v, name) != NULL;
	}
	json_each(v, check_member, &m);
	return m.is_good;
}

static bool
fits_type(const struct json *type, const struct json *v)
{
	bool is_one = !type || is_type(json_text(type), v);

	for (size_t i = 0; type && !is_one && i < json_count(type); i++)
		is_one = is_type(json_text(json_at(type, i)), v);
	return is_one;
}

static bool
fits_const(const struct json *wanted, const struct json *v)
{
	if (!wanted)
		return true;
	if (json_is_string(wanted))
		return str_is(json_text(wanted), json_text(v));
	return json_number(wanted, 0) == json_number(v, -1);
}

/* What of JSON Schema that file uses. */
static bool
fits(const struct json *rule, const struct json *v)
{
	struct str ref = json_text(json_get(rule, "$ref"));
	const struct json *any = json_get(rule, "oneOf");
	const struct json *items = json_get(rule, "items");
	size_t n = 0;
	bool is_good = true;

	if (str_take(&ref, STR("#/$defs/"))) {
		char name[80];
		struct text t;

		text_init(&t, name, sizeof(name));
		text_str(&t, ref);
		rule = json_get(json_get(schema, "$defs"), name);
		CHECK(rule != NULL);
		return rule && fits(rule, v);
	}
	for (size_t i = 0; i < json_count(any); i++)
		n += fits(json_at(any, i), v);
	if (any)
		return n == 1;
	for (size_t i = 0; items && i < json_count(v); i++)
		is_good &= fits(items, json_at(v, i));
	return is_good && fits_type(json_get(rule, "type"), v) &&
	       fits_const(json_get(rule, "const"), v) &&
	       (!json_is_object(v) || fits_object(rule, v));
}

static bool
is_valid(struct webhook_request *r)
{
	struct error err;
	struct json *doc = json_parse(text_view(&r->body), &err);
	bool is_good = doc && fits(schema, doc);

	json_free(&doc);
	text_done(&r->body);
	return is_good;
}

/* With every member that an event can have. */
static void
fill(struct event *e, enum event_type type)
{
	*e = (struct event){.type = type,
	    .at_us = 1763764800000000,
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .kind = "account",
	    .subject = "\"a\"@example.com",
	    .rung = "suspended",
	    .rule = "person-hour",
	    .class = "small",
	    .how = "braked",
	    .config = "12",
	    .cause = "00112233445566778899aabbccddeeff",
	    .after = "00112233445566778899aabbccddeef0",
	    .file = "00112233445566778899aabbccddeef1",
	    .until = TIME_NEVER,
	    .mark = 1763764800,
	    .is_operator = true,
	    .is_innocent = true,
	    .is_again = true,
	    .by = "root",
	    .reason = "why \xff",
	    .evidence = "{\"counts\":{\"a\":1}}"};
}

static void
bodies_fit_the_schema(void)
{
	const struct webhook_settings w = {
	    .name = "x", .url = "http://x/", .secret = "", .format = "json"};
	static struct event e, bare = {.type = EVENT_ALARM};
	const char *const ids[] = {"a", "b", "c"};
	const struct webhook_flood flood = {ids, 3, {&e, &e}, 2};
	struct webhook_request r;

	read_schema();
	for (int i = 0; i < EVENT_TYPES; i++) {
		fill(&e, (enum event_type)i);
		webhook_write(&w, &e, 1, &r);
		CHECK(is_valid(&r));
		webhook_write_flood(&w, &flood, 1, &r);
		CHECK(is_valid(&r));
	}
	webhook_write(&w, &bare, 1, &r);
	CHECK(is_valid(&r));
	webhook_write_test(&w, "root", 1, &r);
	CHECK(is_valid(&r));
	json_free(&schema);
}

static void
the_checker_refuses(void)
{
	static const char *const bad[] = {"{}", "[]",
	    "{\"version\":2,\"id\":\"a\",\"type\":\"test\",\"text\":\"\"}",
	    "{\"version\":1,\"id\":7,\"type\":\"test\",\"text\":\"\"}",
	    "{\"version\":1,\"id\":\"a\",\"type\":\"test\"}",
	    "{\"version\":1,\"id\":\"a\",\"type\":\"event\",\"text\":\"\"}",
	    "{\"version\":1,\"id\":\"\",\"type\":\"test\",\"text\":\"\",\"x\":1}"};

	read_schema();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json *doc = json_parse(str_from(bad[i]), NULL);

		CHECK(doc && !fits(schema, doc));
		json_free(&doc);
	}
	json_free(&schema);
}

TESTS(TEST(bodies_fit_the_schema), TEST(the_checker_refuses))
