/* judge_test - verdicts over books as they would be */
#include "limits/judge.h"

#include "base/test.h"
#include "limits/rules.h"

enum { BEGAN = 1767225600, HOUR = 3600, DAY = 86400 };

static struct arena arena;
static struct ledger *ledger;
static struct limits_rules *rules;
static int64_t score_hold; /* 0: as shipped */

static void
start(void)
{
	struct limits_settings s;
	struct class_spec bulk;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	if (score_hold)
		s.score_hold = score_hold;
	ledger = ledger_new(&(struct ledger_options){.max_subjects = 1000});
	rules = rules_new(&s);
	setting_put_defaults(&rules_class_fields, &arena, &bulk);
	bulk.name = "bulk";
	rules_add_class(rules, &bulk, STR("news@x.example"), &err);
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

/* n recipients, one each `every` seconds, the last at `until`. */
static void
send_mail(const char *account, int n, int64_t every, int64_t until)
{
	for (int i = 0; i < n; i++) {
		char rcpt[32];
		struct ledger_touched touched;
		struct text t;

		text_init(&t, rcpt, sizeof(rcpt));
		text_printf(&t, "r%d@out.example", i);
		struct fact f = {.kind = FACT_RECIPIENT,
		    .is_outward = true,
		    .at = until - (n - 1 - i) * every,
		    .account = str_from(account),
		    .domain = STR("x.example"),
		    .recipient = text_view(&t),
		    .n = 1};

		f.accepted_at = f.at;
		ledger_add(ledger, &f, &touched);
	}
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
the_ladder_as_documented(void)
{
	static const struct {
		const char *what, *account;
		int n;
		int64_t every;
		enum standing rung;
		const char *rule; /* "": no reasons at all */
	} cases[] = {
	    {"a normal day", "p@x.example", 30, 900, STANDING_GOOD, ""},
	    {"a party", "p@x.example", 60, 1, STANDING_GOOD, "burst"},
	    {"a small club", "p@x.example", 90, 1, STANDING_GOOD, "burst"},
	    {"a club", "p@x.example", 150, 1, STANDING_WATCHED, "burst"},
	    {"nearly", "p@x.example", 245, 10, STANDING_GOOD, "person-hour"},
	    {"a large club", "p@x.example", 260, 1, STANDING_WATCHED, "burst"},
	    {"quick newsletter", "p@x.example", 301, 5, STANDING_THROTTLED,
		"person-hour"},
	    {"all at once", "p@x.example", 301, 1, STANDING_THROTTLED,
		"person-hour"},
	    {"slow newsletter", "p@x.example", 301, 11, STANDING_THROTTLED,
		"person-hour"},
	    {"slower", "p@x.example", 1001, 86, STANDING_THROTTLED,
		"person-day"},
	    {"hour and day", "p@x.example", 1300, 11, STANDING_THROTTLED,
		"person-day"},
	    {"bulk", "news@x.example", 3000, 0, STANDING_GOOD, ""},
	    {"bulk, too much", "news@x.example", 5001, 0, STANDING_THROTTLED,
		"bulk-hour"},
	    {"a uid", "uid:www-data", 9000, 0, STANDING_THROTTLED,
		"shared-hour"},
	    {"a forward", "fwd:p@x.example", 9000, 0, STANDING_THROTTLED,
		"forward-hour"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict v;

		start();
		send_mail(cases[i].account, 1, 0, BEGAN);
		send_mail(cases[i].account, cases[i].n, cases[i].every,
		    BEGAN + 2 * DAY);
		struct judge_input in = input(cases[i].account);

		judge(&in, &v);
		if (v.rung != cases[i].rung ||
		    (*cases[i].rule ? !has_reason(&v, cases[i].rule)
				    : v.n_reasons > 0))
			test_fail(__FILE__, __LINE__, "%s: %s, score %d, %zu",
			    cases[i].what, standing_text(v.rung), v.score,
			    v.n_reasons);
		stop();
	}
}

static void
reasons_read_well(void)
{
	static const struct {
		struct reason r;
		const char *words;
	} cases[] = {
	    {{.count = COUNT_RECIPIENTS,
		 .window = 600,
		 .value = 412,
		 .bound = 9,
		 .is_own = true},
		"412 recipients in 10 minutes, usually at most 9"},
	    {{.count = COUNT_RECIPIENTS,
		 .window = 3600,
		 .value = 301,
		 .bound = 300,
		 .is_limit = true},
		"301 recipients in 1 hour, the limit is 300"},
	    {{.count = COUNT_MESSAGES,
		 .window = 7 * DAY,
		 .value = 81,
		 .bound = 100,
		 .is_warning = true},
		"81 messages in 7 days, near the limit of 100"},
	    {{.count = LIMIT_DISTINCT_NETWORKS,
		 .window = 5400,
		 .value = 9,
		 .bound = 5,
		 .is_limit = true},
		"9 different networks in 90 minutes, the limit is 5"},
	    {{.count = COUNT_RECIPIENTS,
		 .window = 600,
		 .value = 150,
		 .bound = 30},
		"150 recipients in 10 minutes, usual for such accounts is "
		"at most 30"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char buf[160];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		reason_print(&cases[i].r, &t);
		CHECK_STR(text_view(&t), str_from(cases[i].words));
	}
}

static void
what_is_asked_and_pending_counts(void)
{
	struct verdict v;

	start();
	send_mail("p@x.example", 1, 0, BEGAN);
	send_mail("p@x.example", 298, 12, BEGAN + DAY);
	struct judge_input in = input("p@x.example");

	in.asked = 1;
	in.admitted = 1;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(v.retry_after, 0);
	in.asked = 2;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK(v.reasons[0].is_limit);
	CHECK_INT(v.reasons[0].value, 301);
	CHECK_INT(v.reasons[0].bound, 300);
	CHECK(v.retry_after >= 60 && v.retry_after <= HOUR);
	stop();
}

static void
young_accounts_have_less(void)
{
	struct verdict v;

	start();
	send_mail("old@x.example", 1, 0, BEGAN);
	send_mail("young@x.example", 51, 60, BEGAN + 8 * DAY);
	send_mail("old@x.example", 51, 60, BEGAN + 8 * DAY);
	struct judge_input in = input("young@x.example");

	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK(has_reason(&v, "new-hour"));
	CHECK(has_reason(&v, "newcomer"));
	in = input("old@x.example");
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(v.n_reasons, 0);
	stop();
	/* Soon after the books began nobody is known to be young. */
	start();
	send_mail("old@x.example", 1, 0, BEGAN);
	send_mail("young@x.example", 51, 60, BEGAN + 2 * DAY);
	in = input("young@x.example");
	judge(&in, &v);
	CHECK_INT(v.n_reasons, 0);
	stop();
}

static void
the_exempt_are_left_alone_with_reasons(void)
{
	struct verdict v;

	start();
	send_mail("p@x.example", 400, 1, BEGAN);
	struct judge_input in = input("p@x.example");

	in.is_exempt = true;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(v.score, 25);
	CHECK_INT(v.n_reasons, 2);
	CHECK_STR(str_from(v.reasons[0].rule), STR("person-hour"));
	in.is_exempt = false;
	in.is_shared = true;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	stop();
}

static void
overrides_and_probation_move_limits(void)
{
	struct limits_override more = {"person-hour", 2000, BEGAN + 9 * DAY};
	struct verdict v;

	start();
	send_mail("p@x.example", 1, 0, BEGAN);
	send_mail("p@x.example", 900, 0, BEGAN + DAY);
	struct judge_input in = input("p@x.example");

	in.overrides = &more;
	in.n_overrides = 1;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK(!has_reason(&v, "person-hour"));
	CHECK(!has_reason(&v, "burst"));
	more.until = BEGAN;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	more = (struct limits_override){"person-hour", 5, BEGAN + 9 * DAY};
	stop();

	start();
	send_mail("p@x.example", 1, 0, BEGAN);
	send_mail("p@x.example", 6, 60, BEGAN + DAY);
	in = input("p@x.example");
	in.overrides = &more;
	in.n_overrides = 1;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	in.n_overrides = 0;
	judge(&in, &v);
	CHECK_INT(v.n_reasons, 0);
	send_mail("p@x.example", 151, 20, BEGAN + 3 * DAY);
	in = input("p@x.example");
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	in.standing = STANDING_PROBATION;
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK_INT(v.reasons[0].bound, 150);
	stop();
}

static void
own_history_decides_when_there_is_one(void)
{
	struct verdict v;

	start();
	/* Two days of 5 recipients each half hour: many active windows. */
	for (int64_t at = BEGAN; at < BEGAN + DAY; at += 1800)
		send_mail("quiet@x.example", 5, 1, at + 30);
	for (int64_t at = BEGAN + DAY; at < BEGAN + DAY + 20 * HOUR; at += 1200)
		send_mail("busy@x.example", 140, 0, at);
	send_mail("quiet@x.example", 200, 1, BEGAN + 2 * DAY);
	struct judge_input in = input("quiet@x.example");

	judge(&in, &v);
	CHECK(has_reason(&v, "burst"));
	CHECK(v.reasons[0].is_own);
	CHECK_INT(v.reasons[0].bound, 5);
	CHECK_INT(v.rung, STANDING_WATCHED);
	send_mail("busy@x.example", 200, 1, BEGAN + 2 * DAY);
	in = input("busy@x.example");
	judge(&in, &v);
	CHECK(!has_reason(&v, "burst"));
	stop();
}

static void
domains_have_limits_only(void)
{
	struct verdict v;

	start();
	for (int i = 0; i < 6; i++) {
		char account[] = "p0@x.example";

		account[1] = (char)('0' + i);
		send_mail(account, 900, 0, BEGAN);
	}
	struct judge_input in = {.rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_DOMAIN, STR("x.example")),
	    .now = ledger_now(ledger)};

	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK_INT(v.n_reasons, 1);
	CHECK_STR(str_from(v.reasons[0].rule), STR("domain-hour"));
	stop();
}

static void
a_lift_starts_afresh(void)
{
	struct verdict v;

	start();
	send_mail("p@x.example", 400, 1, BEGAN);
	struct judge_input in = input("p@x.example");

	ledger_mark(ledger, in.subject, BEGAN);
	judge(&in, &v);
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(v.n_reasons, 0);
	stop();
}

/* Who was held, and let go, isn't held again for the same; a limit holds. */
static void
what_was_let_go_is_watched(void)
{
	score_hold = 1;
	start();
	score_hold = 0;
	send_mail("p@x.example", 7, 0, BEGAN);
	struct judge_input in = input("p@x.example");
	struct verdict v;

	in.asked = 400;
	judge(&in, &v);
	CHECK(v.rung == STANDING_HELD);
	in.passed = in.now - 60;
	judge(&in, &v);
	CHECK(v.rung == STANDING_THROTTLED);
	in.passed = in.now - 7 * 3600;
	judge(&in, &v);
	CHECK(v.rung == STANDING_HELD);
	stop();
}

static void
count_limit(void *ctx, const struct limit_state *state)
{
	uint64_t *sum = ctx;

	*sum += state->max + state->value;
}

static void
effective_limits_are_listed(void)
{
	uint64_t sum = 0;

	start();
	send_mail("p@x.example", 7, 0, BEGAN);
	struct judge_input in = input("p@x.example");

	judge_each_limit(&in, count_limit, &sum);
	CHECK_INT(sum, 300 + 1000 + 7 + 7);
	stop();
}

TESTS(TEST(the_ladder_as_documented), TEST(reasons_read_well),
    TEST(what_is_asked_and_pending_counts), TEST(young_accounts_have_less),
    TEST(the_exempt_are_left_alone_with_reasons),
    TEST(overrides_and_probation_move_limits),
    TEST(own_history_decides_when_there_is_one), TEST(domains_have_limits_only),
    TEST(a_lift_starts_afresh), TEST(what_was_let_go_is_watched),
    TEST(effective_limits_are_listed))
