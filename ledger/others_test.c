/* others_test - other nodes' pages: added up, aged, and marked by lifts */
#include "ledger/others.h"

#include "base/test.h"

enum { T0 = 1767225600, DAY = 86400 };

static const struct ledger_options options = {.max_subjects = 1000};

static struct fact
make(enum fact_kind kind, int64_t at, const char *account)
{
	struct fact f = {
	    .kind = kind,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .domain = STR("example.com"),
	    .recipient = STR("bob@example.net"),
	    .n = 1,
	};

	CHECK(ip_parse(STR("192.0.2.7"), &f.client));
	return f;
}

static void
add(struct ledger *l, const struct fact *f)
{
	struct ledger_touched t;

	ledger_add(l, f, &t);
}

static void
on_changed(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct ledger *other = ctx;
	struct subject *s = ledger_get(other, kind, key);
	static struct others_version version;

	version.seq++;
	const struct others_page page = {.node = STR("0123456789abcdef"),
	    .version = version,
	    .posted_at = T0,
	    .record = record};

	CHECK_INT(others_set(other, s, &page), OTHERS_NEWS);
	CHECK_INT(others_set(other, s, &page), OTHERS_KNOWN);
	const struct others_sketches sets = {version, sketches, false};

	if (sketches.n > 0)
		CHECK_INT(
		    others_set_sketches(s, page.node, &sets), OTHERS_NEWS);
}

static void
others_are_added_up(void)
{
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options);
	int slot = ledger_watch(a, COUNT_RECIPIENTS, 3600);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	ledger_change_all(b);
	add(b, &f);
	f.at = f.accepted_at = T0 + 60;
	add(a, &f);
	f.kind = FACT_PENDING;
	add(b, &f);
	CHECK_INT(ledger_each_changed(b, 100, on_changed, a), 5);
	CHECK_INT(ledger_each_changed(b, 100, on_changed, a), 0);
	struct subject *s =
	    ledger_find(a, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_watched(a, s, slot), 2);
	CHECK_INT(subject_sum(a, s, COUNT_RECIPIENTS, 3600), 2);
	CHECK_INT(subject_pending(s), 1);
	CHECK_INT(subject_distinct_recipients(s, 3600, T0), 1);
	CHECK_INT(subject_first_seen(s), T0);
	ledger_change_all(b);
	ledger_each_changed(b, 100, on_changed, a);
	CHECK_INT(subject_watched(a, s, slot), 2);
	const struct others_page bad = {
	    .node = STR("x"), .record = STR("\xff\xff")};

	CHECK_INT(others_set(a, s, &bad), OTHERS_DAMAGED);
	CHECK_INT(others_count(s), 1);
	ledger_free(&a);
	ledger_free(&b);
}

/* A lift that one node hears of first, or of a subject it has yet to see. */
static void
lifts_count_for_all(void)
{
	const struct str key = STR("a@example.com");
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options),
		      *c = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	ledger_change_all(b);
	add(b, &f);
	ledger_each_changed(b, 100, on_changed, a); /* posted at T0 */
	struct subject *in_a = ledger_find(a, SUBJECT_ACCOUNT, key);
	struct subject *in_b = ledger_find(b, SUBJECT_ACCOUNT, key);

	f.at = f.accepted_at = T0 + 2;
	add(a, &f);
	CHECK_INT(subject_sum(a, in_a, COUNT_RECIPIENTS, 3600), 2);
	ledger_mark(a, in_a, T0 + 3);
	CHECK_INT(subject_sum(a, in_a, COUNT_RECIPIENTS, 3600), 0);
	ledger_mark(b, in_b, T0 + 3);
	f.at = f.accepted_at = T0 + 5;
	f.n = 3;
	add(b, &f);
	CHECK_INT(subject_sum(b, in_b, COUNT_RECIPIENTS, 3600), 3);
	ledger_each_changed(b, 100, on_changed, a);
	CHECK_INT(subject_sum(a, in_a, COUNT_RECIPIENTS, 3600), 3);
	ledger_tick(c, T0 + 10);
	ledger_change_all(b);
	ledger_each_changed(b, 100, on_changed, c);
	CHECK_INT(subject_sum(c, ledger_find(c, SUBJECT_ACCOUNT, key),
		      COUNT_RECIPIENTS, 3600),
	    3);
	ledger_free(&a);
	ledger_free(&b);
	ledger_free(&c);
}

/* A node that knows of the lift posted last; what it counted after the lift
 * stays, though another has yet to hear of it. */
static void
pages_are_taken_as_posted(void)
{
	const struct str key = STR("a@example.com");
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	ledger_tick(a, T0);
	ledger_change_all(b);
	ledger_mark(a, ledger_get(a, SUBJECT_ACCOUNT, key), T0 - 20);
	add(b, &f);
	ledger_each_changed(b, 100, on_changed, a);
	CHECK_INT(subject_sum(a, ledger_find(a, SUBJECT_ACCOUNT, key),
		      COUNT_RECIPIENTS, 3600),
	    1);
	ledger_free(&a);
	ledger_free(&b);
}

/* What is long over holds no memory; nor does who is silent here. */
static void
pages_go(void)
{
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	ledger_change_all(b);
	add(b, &f);
	add(a, &f);
	ledger_each_changed(b, 100, on_changed, a);
	struct subject *s =
	    ledger_find(a, SUBJECT_ACCOUNT, STR("a@example.com"));

	others_set_read_at(s, T0);
	CHECK_INT(others_count(s), 1);
	for (int i = 0; i < 20; i++)
		ledger_tick(a, T0 + 600);
	CHECK_INT(others_count(s), 1);
	for (int i = 0; i < 20; i++)
		ledger_tick(a, T0 + 3600);
	CHECK_INT(others_count(s), 0);
	CHECK_INT(others_read_at(s), 0);
	ledger_free(&a);
	ledger_free(&b);
}

/* While this node catches up, the others' later counts are not its past. */
static void
the_future_counts_later(void)
{
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	ledger_change_all(b);
	add(a, &f);
	add(b, &f);
	f.at = f.accepted_at = T0 + 1200;
	add(b, &f);
	ledger_each_changed(b, 100, on_changed, a);
	struct subject *s =
	    ledger_find(a, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_sum(a, s, COUNT_RECIPIENTS, 3600), 2);
	ledger_tick(a, T0 + 1200);
	CHECK_INT(subject_sum(a, s, COUNT_RECIPIENTS, 3600), 3);
	ledger_free(&a);
	ledger_free(&b);
}

TESTS(TEST(others_are_added_up), TEST(lifts_count_for_all),
    TEST(pages_are_taken_as_posted), TEST(pages_go),
    TEST(the_future_counts_later))
