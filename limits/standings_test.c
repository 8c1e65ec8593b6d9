/* standings_test - what the fold of events shows */
#include "limits/standings.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"
#include "limits/sanction.h"

enum { T0 = 1767225600, HOUR = 3600, DAY = 86400 };

static struct standings *
new_standings(void)
{
	return standings_new(&(struct standings_options){1000, 7 * DAY});
}

static struct standing_state
get(struct standings *s, int64_t now)
{
	struct standing_state state;

	standings_get(s, SUBJECT_ACCOUNT, STR("p@x.example"), now, &state);
	return state;
}

static struct sanction_about
about(const struct standing_state *state, int64_t now)
{
	static uint64_t seq;

	return (struct sanction_about){.kind = SUBJECT_ACCOUNT,
	    .key = STR("p@x.example"),
	    .node = "00000000000000aa",
	    .seq = ++seq,
	    .now_us = now * TIME_US,
	    .state = state};
}

/* An automatic sanction as a node that knows `s` would make it at `at`. */
static bool
sanction(struct standings *s, enum standing rung, int64_t at, bool enforcing)
{
	static struct event e;
	struct limits_settings settings;
	struct arena arena;
	struct standing_state state = get(s, at);
	struct sanction_about a = about(&state, at);
	struct verdict v = {.rung = rung, .score = 100, .n_reasons = 1};
	bool is_made;

	v.reasons[0] = (struct reason){.rule = "burst",
	    .count = COUNT_RECIPIENTS,
	    .window = 600,
	    .value = 412,
	    .bound = 9,
	    .is_own = true,
	    .points = 60};
	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &settings);
	is_made = sanction_from_verdict(&a, &settings, &v, at, enforcing, &e);
	arena_done(&arena);
	return is_made && standings_fold(s, &e);
}

static void
set_mode(struct standings *s, bool is_enforcing, int64_t at)
{
	static struct event e;
	struct sanction_about a = about(NULL, at);

	sanction_mode(&a, is_enforcing, STR("root"), STR(""), &e);
	standings_fold(s, &e);
}

static void
lift(struct standings *s, int64_t at)
{
	static struct event e;
	struct standing_state state = get(s, at);
	struct sanction_about a = about(&state, at);

	sanction_lift(&a, at, false, STR("root"), STR("password changed"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(!standings_fold(s, &e));
}

static void
sanctions_rise_expire_and_grow(void)
{
	struct standings *s = new_standings();

	CHECK_INT(get(s, T0).rung, STANDING_GOOD);
	CHECK(sanction(s, STANDING_WATCHED, T0, true));
	CHECK(!sanction(s, STANDING_WATCHED, T0 + 1, true));
	CHECK(sanction(s, STANDING_THROTTLED, T0 + 2, true));
	CHECK_INT(get(s, T0 + 2).rung, STANDING_THROTTLED);
	CHECK_INT(get(s, T0 + 2).until, T0 + 2 + 900);
	CHECK_INT(get(s, T0 + 902).rung, STANDING_WATCHED);
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_GOOD);
	/* Again, with a cause of its own. */
	CHECK(sanction(s, STANDING_THROTTLED, T0 + 903, true));
	CHECK_INT(get(s, T0 + 903).rung, STANDING_THROTTLED);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 904, true));
	CHECK_STR(str_from(get(s, T0 + 904).reason),
	    STR("412 recipients in 10 minutes, usually at most 9"));
	CHECK_INT(get(s, T0 + 904).until, T0 + 904 + DAY);
	int64_t at = T0 + 904 + DAY;

	CHECK_INT(get(s, at).rung, STANDING_PROBATION);
	CHECK_INT(get(s, at).until, at + 7 * DAY);
	CHECK_INT(get(s, at).repeats, 1);
	CHECK(sanction(s, STANDING_SUSPENDED, at + 5, true));
	CHECK_INT(get(s, at + 5).until, at + 5 + 3 * DAY);
	at += 5 + 3 * DAY;
	CHECK(sanction(s, STANDING_SUSPENDED, at + 5, true));
	CHECK(get(s, at + 5).until == TIME_NEVER);
	standings_free(&s);
}

static void
a_lift_is_a_tombstone(void)
{
	struct standings *s = new_standings(), *other = new_standings();

	CHECK(sanction(s, STANDING_SUSPENDED, T0, true));
	lift(s, T0 + 60);
	CHECK_INT(get(s, T0 + 61).rung, STANDING_PROBATION);
	CHECK_INT(get(s, T0 + 61).mark, T0 + 60);
	CHECK_INT(get(s, T0 + 61).repeats, 1);
	/* A node that has not heard of the lift sanctions under the old mark:
	 * the event, although later, changes nothing that is seen. */
	CHECK(sanction(other, STANDING_SUSPENDED, T0 + 100, true));
	lift(other, T0 + 60);
	CHECK_INT(get(other, T0 + 101).rung, STANDING_PROBATION);
	/* New facts, new verdict. */
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 200, true));
	CHECK_INT(get(s, T0 + 201).rung, STANDING_SUSPENDED);
	/* Two lifts while the log stands still have marks of their own. */
	lift(s, T0 + 60);
	CHECK_INT(get(s, T0 + 202).mark, T0 + 61);
	CHECK_INT(get(s, T0 + 202).rung, STANDING_PROBATION);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 203, true));
	CHECK_INT(get(s, T0 + 204).rung, STANDING_SUSPENDED);
	standings_free(&s);
	standings_free(&other);
}

static void
operators_beat_the_automatic(void)
{
	static struct event e;
	struct standings *s = new_standings();
	struct standing_state state;
	struct sanction_about a;

	CHECK(sanction(s, STANDING_SUSPENDED, T0, true));
	state = get(s, T0 + 10);
	a = about(&state, T0 + 10);
	sanction_order(&a, STANDING_THROTTLED, T0 + HOUR, STR("eve"),
	    STR("known sender"), &e);
	CHECK(standings_fold(s, &e));
	CHECK_INT(get(s, T0 + 11).rung, STANDING_THROTTLED);
	CHECK(get(s, T0 + 11).is_operator);
	CHECK_STR(str_from(get(s, T0 + 11).by), STR("eve"));
	CHECK(!sanction(s, STANDING_SUSPENDED, T0 + 12, true));
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_GOOD);
	/* The later operator wins. */
	state = get(s, T0 + 20);
	a = about(&state, T0 + 20);
	sanction_order(
	    &a, STANDING_SUSPENDED, TIME_NEVER, STR("bob"), STR("no"), &e);
	standings_fold(s, &e);
	CHECK_INT(get(s, T0 + 21).rung, STANDING_SUSPENDED);
	lift(s, T0 + 30);
	CHECK_INT(get(s, T0 + 31).rung, STANDING_PROBATION);
	standings_free(&s);
}

static void
exemptions_hide_automatic_sanctions(void)
{
	static struct event e;
	struct standings *s = new_standings();
	struct standing_state state;
	struct sanction_about a;

	CHECK(sanction(s, STANDING_SUSPENDED, T0, true));
	state = get(s, T0 + 1);
	a = about(&state, T0 + 1);
	sanction_exempt(
	    &a, true, T0 + HOUR, STR("eve"), STR("election day"), &e);
	standings_fold(s, &e);
	CHECK_INT(get(s, T0 + 2).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + 2).exempt_until, T0 + HOUR);
	CHECK_STR(str_from(get(s, T0 + 2).exempt_reason), STR("election day"));
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_SUSPENDED);
	CHECK_INT(standings_next_end(s), T0 + HOUR);
	sanction_exempt(&a, false, TIME_NEVER, STR("eve"), STR(""), &e);
	e.at_us += 1000000;
	standings_fold(s, &e);
	CHECK_INT(get(s, T0 + 3).rung, STANDING_SUSPENDED);
	standings_free(&s);
}

static void
observed_sanctions_have_no_effect(void)
{
	struct standings *s = new_standings();

	CHECK(!standings_is_enforcing(s));
	CHECK(sanction(s, STANDING_SUSPENDED, T0, false));
	CHECK_INT(get(s, T0).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0).observed, STANDING_SUSPENDED);
	CHECK(!sanction(s, STANDING_SUSPENDED, T0 + 1, false));
	set_mode(s, true, T0 + 2);
	CHECK(standings_is_enforcing(s));
	CHECK_INT(get(s, T0 + 2).observed, STANDING_GOOD);
	/* The same verdict now takes effect. */
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 3, true));
	CHECK_INT(get(s, T0 + 3).rung, STANDING_SUSPENDED);
	set_mode(s, false, T0 + 4);
	CHECK(!standings_is_enforcing(s));
	CHECK_INT(get(s, T0 + 5).rung, STANDING_SUSPENDED);
	standings_free(&s);
}

static void
overrides_are_the_latest_per_limit(void)
{
	static struct event e;
	struct standings *s = new_standings();
	struct standing_state state = get(s, T0);
	struct sanction_about a = about(&state, T0);
	struct limits_override out[STANDINGS_OVERRIDES];
	struct str key = STR("p@x.example");

	sanction_limit(
	    &a, STR("person-hour"), 900, T0 + DAY, STR("eve"), STR("club"), &e);
	CHECK(standings_fold(s, &e));
	a = about(&state, T0 + 1);
	sanction_limit(&a, STR("person-day"), 5000, TIME_NEVER, STR("eve"),
	    STR("club"), &e);
	CHECK(standings_fold(s, &e));
	CHECK_INT(standings_overrides(s, SUBJECT_ACCOUNT, key, T0, out), 2);
	CHECK_INT(
	    standings_overrides(s, SUBJECT_ACCOUNT, key, T0 + DAY, out), 1);
	CHECK_STR(str_from(out[0].limit), STR("person-day"));
	CHECK_INT(out[0].max, 5000);
	a = about(&state, T0 + 2);
	sanction_limit(
	    &a, STR("person-day"), -1, TIME_NEVER, STR("eve"), STR(""), &e);
	CHECK(standings_fold(s, &e));
	CHECK_INT(standings_overrides(s, SUBJECT_ACCOUNT, key, T0, out), 1);
	standings_free(&s);
}

static bool
set_limit(struct standings *s, const char *limit, int64_t at)
{
	static struct event e;
	struct standing_state state = get(s, at);
	struct sanction_about a = about(&state, at);

	sanction_limit(
	    &a, str_from(limit), 900, TIME_NEVER, STR("eve"), STR("club"), &e);
	return standings_fold(s, &e);
}

/* The helper's verdicts are of the rule "burst". */
static void
a_new_maximum_ends_its_throttle(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_THROTTLED, T0, true));
	CHECK(set_limit(s, "person-hour", T0 + 5));
	CHECK_INT(get(s, T0 + 5).rung, STANDING_THROTTLED);
	CHECK(set_limit(s, "burst", T0 + 10));
	CHECK_INT(get(s, T0 + 10).rung, STANDING_GOOD);
	CHECK(sanction(s, STANDING_THROTTLED, T0 + 20, true));
	CHECK_INT(get(s, T0 + 20).rung, STANDING_THROTTLED);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 30, true));
	CHECK(set_limit(s, "burst", T0 + 40));
	CHECK_INT(get(s, T0 + 40).rung, STANDING_SUSPENDED);
	standings_free(&s);
}

static struct event told;
static int n_told;

static void
tell(void *ctx, const struct standings_ended *ended)
{
	struct standing_state state = get(ctx, ended->until);
	struct sanction_about a = about(&state, ended->until);

	n_told++;
	sanction_expire(&a, ended, &told);
}

static void
each_ended(struct standings *s, int64_t now)
{
	while (standings_end_next(s, now, tell, s))
		;
}

static void
ends_are_told_once(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_SUSPENDED, T0, true));
	CHECK_INT(standings_next_end(s), T0 + DAY);
	n_told = 0;
	each_ended(s, T0 + DAY - 1);
	CHECK_INT(n_told, 0);
	each_ended(s, T0 + DAY);
	CHECK_INT(n_told, 1);
	CHECK(standings_fold(s, &told));
	each_ended(s, T0 + DAY);
	CHECK_INT(n_told, 1);
	CHECK_INT(standings_next_end(s), T0 + 8 * DAY);
	each_ended(s, T0 + 8 * DAY);
	CHECK_INT(n_told, 1);
	CHECK_INT(standings_next_end(s), TIME_NEVER);
	standings_free(&s);
}

static void
room_is_made_by_the_idle(void)
{
	struct standings *s =
	    standings_new(&(struct standings_options){10, 7 * DAY});
	static struct event e;

	CHECK(sanction(s, STANDING_SUSPENDED, T0, true));
	for (int i = 0; i < 100; i++) {
		char key[16];
		struct standing_state state;
		struct sanction_about a = about(&state, T0 + 100 * i);

		snprintf(key, sizeof(key), "s%d", i);
		a.key = str_from(key);
		standings_get(s, a.kind, a.key, T0 + 100 * i, &state);
		sanction_order(&a, STANDING_THROTTLED, T0 + 100 * i + 50,
		    STR("eve"), STR(""), &e);
		CHECK(standings_fold(s, &e));
	}
	CHECK(standings_count(s) <= 10);
	CHECK_INT(get(s, T0 + 10).rung, STANDING_SUSPENDED);
	standings_free(&s);
}

TESTS(TEST(sanctions_rise_expire_and_grow), TEST(a_lift_is_a_tombstone),
    TEST(operators_beat_the_automatic),
    TEST(exemptions_hide_automatic_sanctions),
    TEST(observed_sanctions_have_no_effect),
    TEST(overrides_are_the_latest_per_limit),
    TEST(a_new_maximum_ends_its_throttle), TEST(ends_are_told_once),
    TEST(room_is_made_by_the_idle))
