/* signal_test - what holds and suspends, and what alone does not */
#include "limits/signal.h"

#include <stdio.h>

#include "base/test.h"
#include "limits/rules.h"

enum { BEGAN = 1767225600, HOUR = 3600, DAY = 86400, PAST = 30 };

static struct arena arena;
static struct ledger *ledger;
static struct limits_rules *rules;
static int next_stranger;

static void
start(void)
{
	struct limits_settings s;
	struct class_spec c;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	ledger = ledger_new(&(struct ledger_options){.max_subjects = 1000});
	rules = rules_new(&s);
	setting_put_defaults(&rules_class_fields, &arena, &c);
	c.name = "bulk";
	rules_add_class(
	    rules, &c, STR("news@x.example\nfwd:big@x.example"), &err);
	c.name = "shared";
	rules_add_class(rules, &c, STR("web@x.example"), &err);
	rules_add_shipped(rules);
	CHECK_INT(rules_finish(rules, ledger, &err), 0);
	next_stranger = 100;
}

static void
stop(void)
{
	rules_free(&rules);
	ledger_free(&ledger);
	arena_done(&arena);
}

static struct fact
make(enum fact_kind kind, const char *account, const char *from, int64_t at)
{
	struct fact f = {.kind = kind,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .domain = STR("x.example"),
	    .recipient = STR("r@out.example"),
	    .n = 1};

	CHECK(ip_parse(str_from(from), &f.client));
	return f;
}

static void
add(const struct fact *f)
{
	struct ledger_touched touched;

	ledger_add(ledger, f, &touched);
}

/* A message to the friends from..to-1. */
static void
write_to(const char *account, const char *from, int first, int last, int64_t at)
{
	struct fact f = make(FACT_ACCEPTED, account, from, at);

	add(&f);
	f.kind = FACT_RECIPIENT;
	for (int i = first; i < last; i++) {
		char to[32];

		snprintf(to, sizeof(to), "r%d@out.example", i);
		f.recipient = str_from(to);
		add(&f);
	}
}

static void
write_strangers(const char *account, const char *from, int n, int64_t at)
{
	write_to(account, from, next_stranger, next_stranger + n, at);
	next_stranger += n;
}

#define HOME "192.0.2.1"
#define ABROAD "203.0.113.7"

/* Two weeks of a few friends each working hour, now and then somebody new. */
static int64_t
live(const char *account)
{
	for (int day = 0; day < PAST; day++) {
		for (int h = 8; h < 17; h++)
			write_to(account, HOME, (day + h) % 20,
			    (day + h) % 20 + 3, BEGAN + day * DAY + h * HOUR);
		write_strangers(
		    account, HOME, 2, BEGAN + day * DAY + 12 * HOUR);
	}
	return BEGAN + PAST * DAY + 9 * HOUR;
}

static struct verdict
judge_it(const char *account)
{
	struct str key = str_from(account);
	struct judge_input in = {
	    .rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_ACCOUNT, key),
	    .class_index = rules_class(rules, SUBJECT_ACCOUNT, key),
	    .now = ledger_now(ledger),
	};
	struct verdict v;

	judge(&in, &v);
	return v;
}

static int
points(const struct verdict *v, const char *rule)
{
	for (size_t i = 0; i < v->n_reasons; i++)
		if (strcmp(v->reasons[i].rule, rule) == 0)
			return v->reasons[i].points;
	return 0;
}

static void
strangers_from_abroad_are_held_and_then_suspended(void)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", ABROAD, 7, at);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(v.rung, STANDING_GOOD);
	write_strangers("p@x.example", ABROAD, 5, at + 60);
	v = judge_it("p@x.example");
	CHECK_INT(v.rung, STANDING_HELD);
	CHECK_INT(points(&v, "foreign_strangers"), 70);
	write_strangers("p@x.example", ABROAD, 60, at + 120);
	v = judge_it("p@x.example");
	CHECK_INT(v.rung, STANDING_SUSPENDED);
	CHECK(v.reasons[0].is_own);
	stop();
}

/* A party, an address book of ten years, a bought list: from home. */
static void
one_thing_alone_at_home_never_holds(void)
{
	start();
	int64_t at = live("p@x.example");
	struct verdict v;

	for (int i = 0; i < 5; i++)
		write_to("p@x.example", HOME, 0, 20, at + i);
	v = judge_it("p@x.example");
	CHECK(points(&v, "burst") > 0);
	CHECK(v.rung <= STANDING_WATCHED);
	write_strangers("p@x.example", HOME, 150, at + 60);
	v = judge_it("p@x.example");
	CHECK(points(&v, "strangers") > 0);
	CHECK(v.rung <= STANDING_THROTTLED);
	for (int i = 0; i < 100; i++) {
		struct fact f =
		    make(FACT_UNKNOWN_USER, "p@x.example", HOME, at + 90);

		add(&f);
	}
	v = judge_it("p@x.example");
	CHECK_INT(points(&v, "unknown"), 20);
	CHECK(v.rung <= STANDING_THROTTLED);
	stop();
}

/* The traveller writes to whom he knows. */
static void
abroad_to_friends_is_let_go(void)
{
	start();
	int64_t at = live("p@x.example");

	for (int i = 0; i < 6; i++)
		write_to("p@x.example", ABROAD, i, i + 3, at + i * HOUR / 6);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(points(&v, "foreign_strangers"), 0);
	stop();
}

/* Without a history everybody is a stranger, and nowhere is abroad. */
static void
a_cold_account_is_judged_mildly(void)
{
	start();
	write_strangers("cold@x.example", HOME, 100, BEGAN);
	write_strangers("cold@x.example", ABROAD, 100, BEGAN + 60);
	struct verdict v = judge_it("cold@x.example");

	CHECK_INT(v.rung, STANDING_WATCHED);
	CHECK_INT(v.n_reasons, 1);
	CHECK(!v.reasons[0].is_own);
	stop();
}

static void
who_passes_on_or_is_many_is_spared(void)
{
	static const char *const accounts[] = {"fwd:p@x.example",
	    "fwd:big@x.example", "uid:www-data", "web@x.example"};

	start();
	for (size_t k = 0; k < 4; k++) {
		const char *name = accounts[k];
		int64_t at = live(name);

		write_strangers(name, ABROAD, 40, at);
		for (int i = 0; i < 60; i++) {
			struct fact f =
			    make(FACT_REFUSED, name, ABROAD, at + 10);

			add(&f);
		}
		struct verdict v = judge_it(name);

		CHECK(v.rung <= STANDING_THROTTLED);
		if (k < 2) {
			CHECK_INT(points(&v, "refused"), 0);
			CHECK_INT(points(&v, "unknown"), 0);
		}
		if (k == 0)
			CHECK_INT(v.rung, STANDING_GOOD);
		stop();
		start();
	}
	stop();
}

TESTS(TEST(strangers_from_abroad_are_held_and_then_suspended),
    TEST(one_thing_alone_at_home_never_holds),
    TEST(abroad_to_friends_is_let_go), TEST(a_cold_account_is_judged_mildly),
    TEST(who_passes_on_or_is_many_is_spared))
