/* xarf_list - tests */
#include "fbl/xarf_list.h"

#include "base/test.h"
#include "base/text.h"

#define WHO                                                   \
	"{\"org\": \"Isp\", \"contact\": \"a@isp.example\", " \
	"\"domain\": \"isp.example\"}"
#define GOOD                                                                \
	"{\"xarf_version\": \"4.2.0\", \"report_id\": "                     \
	"\"02eb480f-8172-431a-9276-c28ba90f694a\", \"timestamp\": "         \
	"\"2026-11-02T09:00:00Z\", \"reporter\": " WHO ", \"sender\": " WHO \
	", \"category\": \"messaging\", \"type\": \"spam\", "               \
	"\"source_identifier\": \"192.0.2.7\"}"

/* How many; or the error. */
static void
check(struct str body, size_t n, const char *why)
{
	struct xarf_list list;
	struct error err = {""};
	struct arena a;

	arena_init(&a);
	int status = xarf_list_read(body, &a, &list, &err);

	CHECK_INT(status, *why ? -1 : 0);
	if (status == 0)
		CHECK_INT(list.n, n);
	else
		CHECK(str_find(str_from(err.text), str_from(why)) >= 0);
	arena_done(&a);
}

static void
what_is_posted(void)
{
	check(STR(GOOD), 1, "");
	check(STR(" \r\n" GOOD "\n"), 1, "");
	check(STR("[" GOOD "]"), 1, "");
	check(STR("[" GOOD "," GOOD "]"), 2, "");
	check(STR("[" GOOD ",{}]"), 0, "[1]: no report");
	check(STR("[" GOOD ",[]]"), 0, "[1]: not an object");
	check(STR("[" GOOD ","), 0, "unreadable JSON");
	check(STR("[]"), 0, "not of 0");
	check(STR(""), 0, "neither");
	check(STR("\"x\""), 0, "neither");
	check(STR("{\"a\": 1}"), 0, "not XARF");
}

static void
too_much(void)
{
	struct text t;

	text_grow(&t, 1 << 22);
	text_char(&t, '[');
	for (int i = 0; i < 51; i++)
		text_add(&t, i ? "," GOOD : GOOD);
	text_char(&t, ']');
	check(text_view(&t), 0, "not of 51");
	text_clear(&t);
	text_pad(&t, '[', 30000);
	check(text_view(&t), 0, "longer than any");
	text_clear(&t);
	text_pad(&t, '[', 3000);
	check(text_view(&t), 0, "unreadable JSON");
	text_clear(&t);
	text_add(&t, "{\"x\": \"");
	text_pad(&t, 'x', 2000000);
	text_add(&t, "\"}");
	check(text_view(&t), 0, "longer than any");
	text_done(&t);
}

TESTS(TEST(what_is_posted), TEST(too_much))
