/* report_test - rows for people and programs; totals; names of users */
#include "daemon/report.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/test.h"
#include "base/time.h"
#include "cli/totals.h"
#include "daemon/users.h"

static void
fill(struct report *r, struct str name)
{
	report_column(r, "name", TABLE_LEFT);
	report_column(r, "n", TABLE_RIGHT);
	report_column(r, "until", TABLE_LEFT);
	report_column(r, "is_on", TABLE_LEFT);
	if (name.n == 0)
		return;
	report_str(r, name);
	report_int(r, -12);
	report_time(r, TIME_NEVER);
	report_bool(r, true);
	report_str(r, STR("b"));
	report_int(r, 7);
	report_time(r, 0);
	report_bool(r, false);
}

static void
rows_for_people(void)
{
	struct report *r = report_new(false);
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	fill(r, STR("a\033[2J\n\"x"));
	report_end(&r, 0, "none", &t);
	CHECK(r == NULL);
	CHECK(str_find(text_view(&t), STR("-12")) > 0);
	CHECK(str_find(text_view(&t), STR("never")) > 0);
	CHECK(memchr(buf, '\033', t.n) == NULL);
	text_clear(&t);
	r = report_new(false);
	fill(r, STR(""));
	report_end(&r, 0, "none", &t);
	CHECK_STR(text_view(&t), STR("none\n"));
}

static void
rows_for_programs(void)
{
	struct report *r = report_new(true);
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	fill(r, STR("a\033\n\"x"));
	report_end(&r, 0, "none", &t);
	CHECK_STR(text_view(&t),
	    STR("[{\"name\":\"a\\u001b\\n\\\"x\",\"n\":-12,\"until\":null,"
		"\"is_on\":true},{\"name\":\"b\",\"n\":7,\"until\":null,"
		"\"is_on\":false}]\n"));
	text_clear(&t);
	r = report_new(true);
	fill(r, STR(""));
	report_end(&r, 0, "none", &t);
	CHECK_STR(text_view(&t), STR("[]\n"));
}

static void
fact(struct totals *t, enum fact_kind kind, const char *account)
{
	const struct fact f = {
	    .kind = kind, .account = str_from(account), .n = 1};

	totals_add(t, &f);
}

static void
totals_by_account(void)
{
	struct totals t;
	const struct total **v;
	char buf[1024];
	struct text out;
	size_t n;

	totals_init(&t);
	fact(&t, FACT_ACCEPTED, "b@x");
	fact(&t, FACT_RECIPIENT, "b@x");
	fact(&t, FACT_ACCEPTED, "a@x");
	fact(&t, FACT_RECIPIENT, "b@x");
	fact(&t, FACT_DEFERRED, "b@x"); /* its lines are what counts */
	fact(&t, FACT_DEFERRAL, "b@x");
	fact(&t, FACT_DEFERRAL, "b@x");
	fact(&t, FACT_DELIVERED, "b@x");
	fact(&t, FACT_UNKNOWN_USER, "b@x");
	fact(&t, FACT_REFUSED, "b@x");
	fact(&t, FACT_BOUNCED, "b@x");
	fact(&t, FACT_PENDING, "c@x");
	fact(&t, FACT_LOGIN_FAILED, "c@x");
	fact(&t, FACT_ACCEPTED, "");
	CHECK(totals_find(&t, STR("c@x")) == NULL);
	CHECK_INT(totals_find(&t, STR("b@x"))->bounced, 3);
	text_init(&out, buf, sizeof(buf));
	totals_print_header(&out);
	v = totals_sorted(&t, TOTALS_BY_ACCOUNT, &n);
	for (size_t i = 0; i < n; i++)
		totals_print(v[i], &out);
	free(v);
	CHECK_STR(text_view(&out),
	    STR("account\tmessages\trecipients\tdelivered\tdeferred\tbounced\n"
		"a@x\t1\t0\t0\t0\t0\nb@x\t1\t2\t1\t2\t3\n"));
	v = totals_sorted(&t, TOTALS_BY_RECIPIENTS, &n);
	CHECK_INT(n, 2);
	CHECK_STR(str_from(v[0]->account), STR("b@x"));
	free(v);
	totals_done(&t);
}

static struct str
name_of(uint32_t uid)
{
	static char buf[100];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	users_name(NULL, uid, &t);
	return text_view(&t);
}

static void
users_have_names(void)
{
	for (int i = 0; i < 2; i++) {
		CHECK_STR(name_of(0), STR("root"));
		CHECK_STR(name_of(256 * 1000), STR("")); /* the same slot */
		CHECK_STR(name_of(65534), STR("nobody"));
		CHECK_STR(name_of(UINT32_MAX), STR(""));
	}
}

TESTS(TEST(rows_for_people), TEST(rows_for_programs), TEST(totals_by_account),
    TEST(users_have_names))
