/* complained_test - what complaints do to an account */
#include "limits/complained.h"

#include "base/test.h"

enum { BEGAN = 1767225600, DAY = 86400 };

static struct arena arena;
static struct ledger *ledger;
static struct limits_rules *rules;

static void
start(void)
{
	struct limits_settings s;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	ledger = ledger_new(&(struct ledger_options){.max_subjects = 1000});
	rules = rules_new(&s);
	rules_add_shipped(rules);
	CHECK_INT(rules_finish(rules, ledger, &err), 0);
}

static void
stop(void)
{
	rules_free(&rules);
	ledger_free(&ledger);
	arena_done(&arena);
}

static struct judge_input
input(const char *account)
{
	struct str key = str_from(account);

	return (struct judge_input){
	    .rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_ACCOUNT, key),
	    .class_index = rules_class(rules, SUBJECT_ACCOUNT, key),
	    .now = ledger_now(ledger),
	};
}

static bool
has_reason(const struct verdict *v, const char *rule)
{
	for (size_t i = 0; i < v->n_reasons; i++) {
		if (strcmp(v->reasons[i].rule, rule) == 0)
			return true;
	}
	return false;
}

static void
add_fact(const char *account, enum fact_kind kind, int n, int64_t at)
{
	struct ledger_touched touched;
	struct fact f = {.kind = kind,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .domain = STR("x.example"),
	    .recipient = STR("r@out.example"),
	    .n = 1};

	for (int i = 0; i < n; i++)
		ledger_add(ledger, &f, &touched);
}

static void
complaints_throttle_at_most(void)
{
	static const struct {
		const char *what, *account;
		int delivered, complaints, not_spam, claims;
		int64_t age; /* of the complaints */
		enum standing rung;
		bool has_reason, is_warning;
	} cases[] = {
	    {"none", "p@x.example", 100, 0, 0, 0, 0, STANDING_GOOD, 0, 0},
	    {"one", "p@x.example", 1, 1, 0, 0, 0, STANDING_GOOD, 0, 0},
	    {"two", "p@x.example", 2, 2, 0, 0, 0, STANDING_GOOD, 0, 0},
	    {"three", "p@x.example", 300, 3, 0, 0, 0, STANDING_THROTTLED, 1, 0},
	    {"more than known", "p@x.example", 0, 9, 0, 0, 0,
		STANDING_THROTTLED, 1, 0},
	    {"all", "p@x.example", 500, 500, 0, 0, 0, STANDING_THROTTLED, 1, 0},
	    {"0.3%, perhaps by chance", "p@x.example", 1000, 3, 0, 0, 0,
		STANDING_GOOD, 1, 1},
	    {"0.1%, by chance", "p@x.example", 3000, 3, 0, 0, 0, STANDING_GOOD,
		0, 0},
	    {"0.2%", "p@x.example", 20000, 40, 0, 0, 0, STANDING_GOOD, 1, 1},
	    {"0.5%", "p@x.example", 20000, 100, 0, 0, 0, STANDING_THROTTLED, 1,
		0},
	    {"taken back", "p@x.example", 300, 4, 2, 0, 0, STANDING_GOOD, 0, 0},
	    {"claims", "p@x.example", 300, 2, 0, 5000, 0, STANDING_GOOD, 0, 0},
	    {"days old", "p@x.example", 300, 9, 0, 0, 3 * DAY, STANDING_GOOD, 1,
		1},
	    {"weeks old", "p@x.example", 300, 9, 0, 0, 9 * DAY, STANDING_GOOD,
		0, 0},
	    {"a uid", "uid:www-data", 300, 9, 0, 0, 0, STANDING_GOOD, 1, 1},
	    {"a forward", "fwd:p@x.example", 300, 9, 0, 0, 0, STANDING_GOOD, 1,
		1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *account = cases[i].account;
		int64_t now = BEGAN + 30 * DAY, then = now - cases[i].age;
		struct verdict v;

		start();
		add_fact(account, FACT_COMPLAINT, cases[i].complaints, then);
		add_fact(account, FACT_NOT_SPAM, cases[i].not_spam, then);
		add_fact(account, FACT_CLAIM, cases[i].claims, then);
		add_fact(account, FACT_DELIVERED, cases[i].delivered, now);
		add_fact(account, FACT_LOGIN, 1, now);
		struct judge_input in = input(account);

		judge(&in, &v);
		if (v.rung != cases[i].rung ||
		    has_reason(&v, "complaints") != cases[i].has_reason ||
		    (v.n_reasons > 0 &&
			v.reasons[0].is_warning != cases[i].is_warning))
			CHECK_STR(str_from(cases[i].what),
			    str_from(standing_text(v.rung)));
		stop();
	}
}

/* But one alone is nobody's end. */
static void
a_trap_weighs_more(void)
{
	static const struct {
		int complaints, traps; /* among them */
		enum standing rung;
	} cases[] = {{3, 0, STANDING_GOOD}, {3, 2, STANDING_THROTTLED},
	    {1, 1, STANDING_GOOD}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict v;

		start();
		add_fact(
		    "p@x.example", FACT_COMPLAINT, cases[i].complaints, BEGAN);
		add_fact("p@x.example", FACT_TRAP, cases[i].traps, BEGAN);
		add_fact("p@x.example", FACT_DELIVERED, 1000, BEGAN);
		struct judge_input in = input("p@x.example");

		judge(&in, &v);
		CHECK_INT(v.rung, cases[i].rung);
		stop();
	}
}

/* Others write them: what an account does stays what it is. */
static void
complaints_add_nothing_to_the_rest(void)
{
	struct verdict v;

	start();
	for (int i = 0; i < 301; i++)
		add_fact("p@x.example", FACT_RECIPIENT, 1,
		    BEGAN + DAY - (300 - i) * 11);
	add_fact("p@x.example", FACT_COMPLAINT, 50, BEGAN + DAY);
	struct judge_input in = input("p@x.example");

	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK(has_reason(&v, "complaints"));
	CHECK(!complained_is_over(rules_settings(rules), ledger, in.subject));
	CHECK(complained_is_over(rules_settings(rules), ledger, NULL));
	ledger_mark(ledger, in.subject, BEGAN + DAY + 1);
	judge(&in, &v);
	CHECK_INT(v.n_reasons, 0);
	CHECK(complained_is_over(rules_settings(rules), ledger, in.subject));
	stop();
}

TESTS(TEST(complaints_throttle_at_most), TEST(a_trap_weighs_more),
    TEST(complaints_add_nothing_to_the_rest))
