/* standings_trial_test - what rules on trial would do stands apart */
#include "base/test.h"
#include "base/time.h"
#include "limits/brake.h"
#include "limits/sanction.h"
#include "limits/trial.h"

enum { T0 = 1767225600, HOUR = 3600, DAY = 86400 };

static const struct trial_rule rule = {
    .name = "h", .version = 7, .since = T0, .until = T0 + DAY};

static struct standings *
new_standings(void)
{
	return standings_new(&(struct standings_options){1000, 7 * DAY});
}

static struct standing_state
get(struct standings *s, int64_t now)
{
	struct standing_state state;

	standings_get(s, SUBJECT_ACCOUNT, STR("p@x"), now, &state);
	return state;
}

static struct sanction_about
about(const struct standing_state *state, int64_t now)
{
	static uint64_t seq;

	return (struct sanction_about){.kind = SUBJECT_ACCOUNT,
	    .key = STR("p@x"),
	    .class = "person",
	    .node = "00000000000000aa",
	    .seq = ++seq,
	    .now_us = now * TIME_US,
	    .state = state};
}

static bool
find(struct standings *s, enum standing rung, int64_t now)
{
	static struct event e;
	struct standing_state state = get(s, now);
	struct sanction_about a = about(&state, now);
	const struct verdict v = {.rung = rung,
	    .n_reasons = 1,
	    .reasons = {{.rule = "h",
		.count = COUNT_RECIPIENTS,
		.window = HOUR,
		.value = 9,
		.bound = 4,
		.is_limit = true}}};

	sanction_tried(&a, &rule, &v, now, &e);
	return standings_fold(s, &e);
}

static bool
knows(struct standings *s, enum standing rung, int64_t now)
{
	return standings_knows_tried(
	    s, SUBJECT_ACCOUNT, STR("p@x"), &rule, rung, now);
}

static void
count(void *ctx, const struct standings_ended *e)
{
	size_t *n = ctx;

	(void)e;
	++*n;
}

static void
it_has_no_effect(void)
{
	struct standings *s = new_standings();
	size_t n = 0;

	CHECK(find(s, STANDING_SUSPENDED, T0 + 10));
	struct standing_state state = get(s, T0 + 20);

	CHECK_INT(state.rung, STANDING_GOOD);
	CHECK_INT(state.observed, STANDING_GOOD);
	CHECK_INT(state.epoch, 0);
	/* Nor when it is over: no end, no repetition, no probation. */
	state = get(s, T0 + DAY + 10);
	CHECK_INT(state.rung, STANDING_GOOD);
	CHECK_INT(state.repeats, 0);
	CHECK_INT(state.epoch, 0);
	while (standings_end_next(s, T0 + DAY + 10, count, &n))
		;
	standings_each_of_rule(s, STR("h"), T0, T0 + 20, count, &n);
	CHECK_INT(n, 0);
	CHECK(!brake_stops(
	    standings_brake(s), "h", "person", 1, (T0 + 20) * TIME_US));
	standings_free(&s);
}

static void
it_is_known_until_the_trial_ends(void)
{
	struct standings *s = new_standings();
	size_t n = 0;

	CHECK(!knows(s, STANDING_THROTTLED, T0 + 10));
	CHECK(find(s, STANDING_HELD, T0 + 10));
	CHECK(knows(s, STANDING_THROTTLED, T0 + 20));
	CHECK(knows(s, STANDING_HELD, T0 + 20));
	CHECK(!knows(s, STANDING_SUSPENDED, T0 + 20));
	CHECK(!knows(s, STANDING_HELD, T0 + DAY));
	standings_each_tried(s, T0 + 20, count, &n);
	CHECK_INT(n, 1);
	standings_each_tried(s, T0 + DAY, count, &n);
	CHECK_INT(n, 1);
	/* A later trial of the rule knows nothing of this one. */
	const struct trial_rule later = {
	    .name = "h", .since = T0 + 60, .until = T0 + DAY + 60};

	CHECK(!standings_knows_tried(
	    s, SUBJECT_ACCOUNT, STR("p@x"), &later, STANDING_HELD, T0 + 70));
	standings_free(&s);
}

static void
a_lift_ends_it(void)
{
	static struct event e;
	struct standings *s = new_standings();

	CHECK(find(s, STANDING_HELD, T0 + 10));
	struct standing_state state = get(s, T0 + 20);
	struct sanction_about a = about(&state, T0 + 20);

	sanction_lift(&a, T0 + 20, true, STR("eve"), STR("known"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(!knows(s, STANDING_THROTTLED, T0 + 30));
	CHECK(find(s, STANDING_THROTTLED, T0 + 40));
	CHECK(knows(s, STANDING_THROTTLED, T0 + 50));
	standings_free(&s);
}

static void
what_an_operator_allows_is_no_finding(void)
{
	static struct event e;
	struct standings *s = new_standings();

	CHECK(find(s, STANDING_SUSPENDED, T0 + 10));
	struct standing_state state = get(s, T0 + 20);
	struct sanction_about a = about(&state, T0 + 20);

	sanction_limit(
	    &a, STR("other"), 99, T0 + DAY, STR("eve"), STR("x"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(knows(s, STANDING_SUSPENDED, T0 + 21));
	a = about(&state, T0 + 22);
	sanction_limit(&a, STR("h"), 99, T0 + DAY, STR("eve"), STR("x"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(!knows(s, STANDING_THROTTLED, T0 + 23));
	CHECK(find(s, STANDING_THROTTLED, T0 + 24)); /* over that, too */
	CHECK(knows(s, STANDING_THROTTLED, T0 + 25));
	state = get(s, T0 + 26);
	a = about(&state, T0 + 26);
	sanction_exempt(&a, true, T0 + 100, STR("eve"), STR("x"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(!knows(s, STANDING_THROTTLED, T0 + 27));
	CHECK(knows(s, STANDING_THROTTLED, T0 + 101));
	standings_free(&s);
}

static void
what_is_imposed_is_never_pushed_out(void)
{
	static struct event e;
	struct standings *s = new_standings();
	struct limits_settings settings;
	struct arena arena;
	const struct verdict v = {.rung = STANDING_SUSPENDED,
	    .n_reasons = 1,
	    .reasons = {{.rule = "real", .window = HOUR}}};

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &settings);
	struct standing_state state = get(s, T0);
	struct sanction_about a = about(&state, T0);

	CHECK(sanction_from_verdict(&a, &settings, &v, T0, true, &e));
	CHECK(standings_fold(s, &e));
	for (int i = 1; i < 100; i++)
		find(s, STANDING_SUSPENDED, T0 + i);
	CHECK_INT(get(s, T0 + 200).rung, STANDING_SUSPENDED);
	arena_done(&arena);
	standings_free(&s);
}

static void
bad_orders_are_nothing(void)
{
	static const struct {
		const char *rung, *evidence;
		bool is_operator, is_good;
	} cases[] = {
	    {"end", "{\"version\":\"0000000000000007\"}", true, true},
	    {"extend", "{\"version\":\"7\"}", true, true},
	    {"end", "{\"version\":\"0000000000000007\"}", false, false},
	    {"begin", "{\"version\":\"7\"}", true, false},
	    {"end", "{}", true, false},
	    {"end", "{\"version\":7}", true, false},
	    {"end", "{\"version\":\"\"}", true, false},
	    {"end", "{\"version\":\"xyz\"}", true, false},
	    {"end", "{\"version\":\"00000000000000007\"}", true, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct standings *s = new_standings();
		struct standings_trial_order order;
		static struct event e;
		struct text t;

		memset(&e, 0, sizeof(e));
		e.type = EVENT_TRIAL;
		e.at_us = T0 * TIME_US;
		e.is_operator = cases[i].is_operator;
		text_init(&t, e.node, sizeof(e.node));
		text_add(&t, "n");
		text_init(&t, e.rule, sizeof(e.rule));
		text_add(&t, "h");
		text_init(&t, e.rung, sizeof(e.rung));
		text_add(&t, cases[i].rung);
		text_init(&t, e.evidence, sizeof(e.evidence));
		text_add(&t, cases[i].evidence);
		CHECK_INT(standings_fold(s, &e), cases[i].is_good);
		CHECK_INT(standings_get_trial_order(s, "h", 7, &order),
		    cases[i].is_good);
		CHECK(!standings_get_trial_order(s, "h", 8, &order));
		standings_free(&s);
	}
}

TESTS(TEST(it_has_no_effect), TEST(it_is_known_until_the_trial_ends),
    TEST(a_lift_ends_it), TEST(what_an_operator_allows_is_no_finding),
    TEST(what_is_imposed_is_never_pushed_out), TEST(bad_orders_are_nothing))
