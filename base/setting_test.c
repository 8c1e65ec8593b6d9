/* setting_test */
#include "base/setting.h"

#include "base/test.h"

#define SETTINGS(S)                                               \
	S(BOOL, "a", is_on, "true", 0, 0, "A switch.")            \
	S(INT, "a", count, "10", 1, 100, "A number.")             \
	S(INT, "b", offset, "-5", 0, 0, "Without bounds.")        \
	S(SECONDS, "b", wait, "10m", 1, 86400, "A duration.")     \
	S(BYTES, "b", size, "64M", 0, INT64_MAX, "A size.")       \
	S(STRING, "b", name, "mail \"x\\\"", 0, 0, "A text.")     \
	S(STRINGS, "c", names, "www-data, vmail", 0, 0, "Texts.") \
	S(NETS, "c", nets, "127.0.0.0/8, [::1]/128", 0, 0, "Networks.")

struct sample {
	SETTINGS(SETTING_FIELD)
};

#define SETTING_STRUCT sample
static const struct setting rows[] = {SETTINGS(SETTING_ROW)};
static const struct setting_table table = {
    "sample", rows, sizeof(rows) / sizeof(rows[0])};

static void
test_defaults(void)
{
	struct sample s;
	struct arena a;

	arena_init(&a);
	setting_put_defaults(&table, &a, &s);
	CHECK(s.is_on);
	CHECK_INT(s.count, 10);
	CHECK_INT(s.offset, -5);
	CHECK_INT(s.wait, 600);
	CHECK_INT(s.size, 64 << 20);
	CHECK_STR(str_from(s.name), STR("mail \"x\\\""));
	CHECK_INT(s.names.n, 2);
	CHECK_STR(str_from(s.names.v[1]), STR("vmail"));
	CHECK_INT(s.nets.n, 2);
	CHECK(ip_is_loopback(&s.nets.v[0].ip));
	arena_done(&a);
}

/* What is put, and how it is printed; NULL: refused, saying `why`. */
static void
test_put(void)
{
	static const struct {
		const char *section, *name, *value, *printed, *why;
	} tries[] = {
	    {"a", "is_on", "false", "false", NULL},
	    {"a", "is_on", "yes", NULL, "is_on must be true or false"},
	    {"a", "count", "100", "100", NULL},
	    {"a", "count", "101", NULL, "count must be from 1 to 100"},
	    {"a", "count", "ten", NULL, "count must be a whole number"},
	    {"b", "offset", "-100", "-100", NULL},
	    {"b", "wait", "90", "\"90s\"", NULL},
	    {"b", "wait", "120s", "\"2m\"", NULL},
	    {"b", "wait", "2d", NULL, "wait must be from 1 to 86400"},
	    {"b", "wait", "soon", NULL, "wait must be a duration"},
	    {"b", "size", "1536", "1536", NULL},
	    {"b", "size", "2048K", "\"2M\"", NULL},
	    {"b", "size", "99999999999G", NULL, "size must be a size"},
	    {"b", "size", "-1", NULL, "size must be a size"},
	    {"b", "size", "K", NULL, "size must be a size"},
	    {"b", "name", "", "\"\"", NULL},
	    {"b", "name", "a\"\\", "\"a\\\"\\\\\"", NULL},
	    {"c", "names", " a,,b c ", "(\"a\", \"b\", \"c\")", NULL},
	    {"c", "names", "", "()", NULL},
	    {"c", "nets", "10.0.0.0/8 2001:db8::/32",
		"(\"10.0.0.0/8\", \"2001:db8::/32\")", NULL},
	    {"c", "nets", "10.0.0.1/8", NULL, "\"10.0.0.1/8\" is no network"},
	};
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		char buf[200];
		struct text out;
		struct error err;
		struct sample s, before;

		memset(&s, 0, sizeof(s));
		setting_put_defaults(&table, &a, &s);
		before = s;
		const struct setting *row = setting_find(&table,
		    str_from(tries[i].section), str_from(tries[i].name));

		CHECK(row != NULL);
		int result =
		    setting_put(row, str_from(tries[i].value), &a, &s, &err);

		CHECK_INT(result, tries[i].printed ? 0 : -1);
		if (tries[i].why) {
			CHECK_STR(
			    str_head(str_from(err.text), strlen(tries[i].why)),
			    str_from(tries[i].why));
			CHECK(memcmp(&s, &before, sizeof(s)) == 0);
			continue;
		}
		text_init(&out, buf, sizeof(buf));
		setting_print(row, &s, &out);
		CHECK_STR(text_view(&out), str_from(tries[i].printed));
	}
	arena_done(&a);
}

static void
test_find(void)
{
	CHECK(setting_find(&table, STR("a"), STR("wait")) == NULL);
	CHECK(setting_find(&table, STR("b"), STR("wai")) == NULL);
	CHECK(setting_find(&table, STR("b"), STR("wait")) != NULL);
}

TESTS(TEST(test_defaults), TEST(test_put), TEST(test_find))
