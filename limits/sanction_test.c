/* sanction_test - from verdicts and orders to events */
#include "limits/sanction.h"

#include "base/json.h"
#include "base/test.h"
#include "base/time.h"

enum { NOW = 1767225600 };

static struct arena arena;
static struct limits_settings settings;
static struct event e;

static struct sanction_about
about(const struct standing_state *state, int64_t now)
{
	return (struct sanction_about){.kind = SUBJECT_ACCOUNT,
	    .key = STR("p@x.example"),
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .now_us = now * TIME_US,
	    .state = state};
}

static struct verdict
verdict(enum standing rung)
{
	return (struct verdict){.rung = rung,
	    .score = 100,
	    .n_reasons = 3,
	    .reasons = {
		{.rule = "burst",
		    .count = COUNT_RECIPIENTS,
		    .window = 600,
		    .value = 412,
		    .bound = 9,
		    .points = 60,
		    .is_own = true},
		{.rule = "person-hour",
		    .count = COUNT_RECIPIENTS,
		    .window = 3600,
		    .value = 412,
		    .bound = 300,
		    .points = 40,
		    .is_limit = true},
		{.rule = "person-day",
		    .count = COUNT_RECIPIENTS,
		    .window = 86400,
		    .value = 812,
		    .bound = 1000,
		    .is_warning = true},
	    }};
}

static void
start(void)
{
	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &settings);
}

static void
an_event_tells_everything(void)
{
	struct standing_state state = {.mark = 5, .epoch = 9, .repeats = 1};
	struct sanction_about a = about(&state, NOW);
	struct verdict v = verdict(STANDING_SUSPENDED);
	struct error err;

	start();
	CHECK(sanction_from_verdict(&a, &settings, &v, NOW, true, &e));
	CHECK_INT(e.type, EVENT_SANCTION);
	CHECK_STR(str_from(e.kind), STR("account"));
	CHECK_STR(str_from(e.subject), STR("p@x.example"));
	CHECK_STR(str_from(e.rung), STR("suspended"));
	CHECK_STR(str_from(e.rule), STR("burst"));
	CHECK_STR(str_from(e.by), STR("outpost"));
	CHECK_STR(str_from(e.reason),
	    STR("412 recipients in 10 minutes, usually at most 9; "
		"412 recipients in 1 hour, the limit is 300"));
	CHECK_INT(e.until, NOW + settings.suspend_again_for);
	CHECK_INT(e.mark, 9);
	CHECK_INT(strlen(e.cause), 32);
	struct json *doc = json_parse(str_from(e.evidence), &err);

	CHECK_INT(json_number(json_get(doc, "score"), 0), 100);
	CHECK_INT(json_count(json_get(doc, "reasons")), 3);
	json_free(&doc);
	arena_done(&arena);
}

/* It stands in the event, is read from there, and goes on with an order. */
static void
the_evidence_is_told(void)
{
	struct standing_state state = {0};
	struct sanction_about a = about(&state, NOW);
	struct verdict v = verdict(STANDING_SUSPENDED);
	struct evidence evidence = {.began = NOW - 60, .n = 1}, read;
	char buf[8192];
	struct text t;

	start();
	CHECK(ip_net_parse(STR("192.0.2.0/24"), &evidence.known[0]));
	a.evidence = &evidence;
	CHECK(sanction_from_verdict(&a, &settings, &v, NOW, true, &e));
	text_init(&t, buf, sizeof(buf));
	event_print(&e, &t);
	CHECK(evidence_parse(text_view(&t), &read));
	CHECK_INT(read.began, NOW - 60);
	CHECK_INT(read.n, 1);
	CHECK(ip_is(&read.known[0].ip, &evidence.known[0].ip));
	sanction_order(
	    &a, STANDING_SUSPENDED, TIME_NEVER, STR("root"), STR("why"), &e);
	text_clear(&t);
	event_print(&e, &t);
	CHECK(evidence_parse(text_view(&t), &read));
	CHECK_INT(read.began, NOW - 60);
	CHECK(!evidence_parse(STR("{\"evidence\":{}}"), &read));
	CHECK(!evidence_parse(STR(""), &read));
	CHECK_INT(read.n, 0);
	arena_done(&arena);
}

static void
only_what_is_worse_and_still_matters(void)
{
	static const struct {
		enum standing verdict, rung, observed;
		bool is_operator, is_enforcing;
		int64_t age; /* of the fact */
		bool is_made;
	} cases[] = {
	    {STANDING_GOOD, 0, 0, false, true, 0, false},
	    {STANDING_WATCHED, 0, 0, false, true, 0, true},
	    {STANDING_WATCHED, STANDING_PROBATION, STANDING_PROBATION, false,
		true, 0, true},
	    {STANDING_THROTTLED, STANDING_THROTTLED, STANDING_THROTTLED, false,
		true, 0, false},
	    {STANDING_SUSPENDED, STANDING_THROTTLED, STANDING_THROTTLED, false,
		true, 0, true},
	    {STANDING_SUSPENDED, 0, STANDING_SUSPENDED, false, false, 0, false},
	    {STANDING_SUSPENDED, 0, STANDING_SUSPENDED, false, true, 0, true},
	    {STANDING_SUSPENDED, STANDING_WATCHED, STANDING_WATCHED, true, true,
		0, false},
	    /* Catching up: over already, or not. */
	    {STANDING_THROTTLED, 0, 0, false, true, 900, false},
	    {STANDING_THROTTLED, 0, 0, false, true, 899, true},
	    {STANDING_SUSPENDED, 0, 0, false, true, 900, true},
	};

	start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct standing_state state = {.rung = cases[i].rung,
		    .observed = cases[i].observed,
		    .is_operator = cases[i].is_operator};
		struct sanction_about a = about(&state, NOW);
		struct verdict v = verdict(cases[i].verdict);
		bool is_made = sanction_from_verdict(&a, &settings, &v,
		    NOW - cases[i].age, cases[i].is_enforcing, &e);

		if (is_made != cases[i].is_made)
			test_fail(__FILE__, __LINE__, "case %zu", i);
		if (is_made)
			CHECK_INT(e.is_observed, !cases[i].is_enforcing);
	}
	arena_done(&arena);
}

static void
causes_are_alike_on_every_node(void)
{
	struct standing_state state = {.epoch = 9};
	struct sanction_about a = about(&state, NOW), b = a;
	struct verdict v = verdict(STANDING_SUSPENDED);
	static struct event f;

	start();
	b.node = "ffffffffffffffff";
	b.now_us += 5000000;
	b.seq = 99;
	CHECK(sanction_from_verdict(&a, &settings, &v, NOW, true, &e));
	CHECK(sanction_from_verdict(&b, &settings, &v, NOW + 5, true, &f));
	CHECK_STR(str_from(e.cause), str_from(f.cause));
	state.epoch = 10;
	CHECK(sanction_from_verdict(&b, &settings, &v, NOW + 5, true, &f));
	CHECK(strcmp(e.cause, f.cause) != 0);
	CHECK(sanction_from_verdict(&a, &settings, &v, NOW, false, &f));
	CHECK(strcmp(e.cause, f.cause) != 0);
	arena_done(&arena);
}

static void
a_new_event_is_later_than_all_known(void)
{
	struct standing_state state = {.last_us = (NOW + 60) * TIME_US};
	struct sanction_about a = about(&state, NOW);

	sanction_lift(&a, NOW, false, STR("eve"), STR("fine"), &e);
	CHECK_INT(e.at_us, state.last_us + 1);
	CHECK_INT(e.mark, NOW);
	CHECK(e.is_operator);
	state.rung = state.observed = STANDING_SUSPENDED;
	state.rule = "person-hour";
	sanction_lift(&a, NOW, false, STR("eve"), STR("fine"), &e);
	CHECK_STR(str_from(e.rung), STR("suspended"));
	CHECK_STR(str_from(e.rule), STR("person-hour"));
	CHECK(!e.is_observed);
	state.rung = STANDING_GOOD;
	sanction_lift(&a, NOW, false, STR("eve"), STR("fine"), &e);
	CHECK(e.is_observed);
}

static void
warnings_come_once_a_period(void)
{
	struct standings *s =
	    standings_new(&(struct standings_options){100, 0});
	struct standing_state state;
	struct verdict v = verdict(STANDING_GOOD);

	start();
	standings_get(s, SUBJECT_ACCOUNT, STR("p@x.example"), NOW, &state);
	struct sanction_about a = about(&state, NOW);

	CHECK(sanction_warning(s, &a, &v, NOW, true, &e));
	CHECK_STR(str_from(e.rule), STR("person-day"));
	CHECK_STR(str_from(e.reason),
	    STR("812 recipients in 1 day, near the limit of 1000"));
	CHECK(standings_fold(s, &e));
	CHECK(!sanction_warning(s, &a, &v, NOW + 3600, true, &e));
	CHECK(sanction_warning(s, &a, &v, NOW + 86400, true, &e));
	v.n_reasons = 2;
	CHECK(!sanction_warning(s, &a, &v, NOW + 3 * 86400, true, &e));
	standings_free(&s);
	arena_done(&arena);
}

static void
long_texts_are_cut_at_a_character(void)
{
	struct standing_state state = {0};
	struct sanction_about a = about(&state, NOW);
	char long_reason[1200];

	for (size_t i = 0; i + 1 < sizeof(long_reason); i += 2)
		memcpy(long_reason + i, "\xc3\xa9", 2);
	sanction_order(&a, STANDING_SUSPENDED, TIME_NEVER, STR("eve"),
	    str_make(long_reason, sizeof(long_reason)), &e);
	CHECK_INT(strlen(e.reason), 510);
	CHECK_STR(str_from(e.rule), STR("operator"));
}

static void
what_people_order_tells_what_was_before(void)
{
	const struct standing_state state = {
	    .rung = STANDING_THROTTLED, .rule = "", .since = 1795305600};
	const struct sanction_about a = {.kind = SUBJECT_ACCOUNT,
	    .key = STR("a@example.com"),
	    .node = "0123456789abcdef",
	    .state = &state};
	const struct str before = STR("{\"before\":\"throttled\",\"since\":"
				      "\"2026-11-22T00:00:00Z\"}");

	sanction_order(
	    &a, STANDING_SUSPENDED, TIME_NEVER, STR("eve"), STR("x"), &e);
	CHECK_STR(str_from(e.evidence), before);
	sanction_lift(&a, 1, false, STR("eve"), STR("x"), &e);
	CHECK_STR(str_from(e.evidence), before);
	sanction_exempt(&a, true, TIME_NEVER, STR("eve"), STR("x"), &e);
	CHECK_STR(str_from(e.evidence), before);
}

TESTS(TEST(an_event_tells_everything), TEST(the_evidence_is_told),
    TEST(only_what_is_worse_and_still_matters),
    TEST(causes_are_alike_on_every_node),
    TEST(a_new_event_is_later_than_all_known),
    TEST(warnings_come_once_a_period), TEST(long_texts_are_cut_at_a_character),
    TEST(what_people_order_tells_what_was_before))
