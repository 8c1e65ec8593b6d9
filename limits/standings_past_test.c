/* standings_past_test - what a suspension leaves behind, and what undoes it */
#include "base/test.h"
#include "base/time.h"
#include "limits/sanction.h"

enum { T0 = 1767225600, HOUR = 3600, DAY = 24 * HOUR };

static const struct str pat = {"pat@x.example", 13};

static struct standings *
new_standings(void)
{
	return standings_new(&(struct standings_options){1000, 7 * DAY});
}

static struct standing_state
get_of(struct standings *s, struct str key, int64_t now)
{
	struct standing_state state;

	standings_get(s, SUBJECT_ACCOUNT, key, now, &state);
	return state;
}

static struct standing_state
get(struct standings *s, int64_t now)
{
	return get_of(s, pat, now);
}

static struct sanction_about
about(struct str key, const struct standing_state *state, int64_t now)
{
	static uint64_t seq;

	return (struct sanction_about){.kind = SUBJECT_ACCOUNT,
	    .key = key,
	    .node = "00000000000000aa",
	    .seq = ++seq,
	    .now_us = now * TIME_US,
	    .state = state};
}

/* The verdict of a node that holds s, with the settings' defaults. */
static bool
make_sanction(struct standings *s, struct str key, enum standing rung,
    const char *rule, int64_t at, struct event *e)
{
	struct limits_settings settings;
	struct arena arena;
	struct standing_state state = get_of(s, key, at);
	struct sanction_about a = about(key, &state, at);
	struct verdict v = {.rung = rung, .score = 100, .n_reasons = 1};

	v.reasons[0] = (struct reason){.rule = rule,
	    .count = COUNT_RECIPIENTS,
	    .window = 600,
	    .value = 412,
	    .bound = 9,
	    .points = 60};
	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &settings);
	bool is_made = sanction_from_verdict(&a, &settings, &v, at, true, e);

	arena_done(&arena);
	return is_made;
}

static bool
sanction(struct standings *s, enum standing rung, int64_t at)
{
	static struct event e;

	return make_sanction(s, pat, rung, "burst", at, &e) &&
	       standings_fold(s, &e);
}

static void
make_lift(struct standings *s, int64_t at, bool is_innocent, struct event *e)
{
	struct standing_state state = get(s, at);
	struct sanction_about a = about(pat, &state, at);

	sanction_lift(&a, at, is_innocent, STR("root"), STR("seen"), e);
}

static void
lift(struct standings *s, int64_t at, bool is_innocent)
{
	static struct event e;

	make_lift(s, at, is_innocent, &e);
	CHECK(standings_fold(s, &e));
}

static void
make_undo(const char *rule, int64_t since, int64_t at, const char *by,
    struct event *e)
{
	struct sanction_about a = about(STR(""), NULL, at);

	sanction_undo(&a, str_from(rule), STR(""), since, str_from(by),
	    STR("a bad rule"), e);
}

/* Throttle 15 minutes, hold 15 minutes, suspend 24 h, 72 h, until an operator;
 * probation 7 days. */
static void
the_defaults_are_as_promised(void)
{
	struct standings *s = new_standings();
	int64_t at = T0;

	CHECK(sanction(s, STANDING_THROTTLED, at));
	CHECK_INT(get(s, at + 15 * 60 - 1).rung, STANDING_THROTTLED);
	CHECK_INT(get(s, at + 15 * 60).rung, STANDING_GOOD);
	at += HOUR;
	CHECK(sanction(s, STANDING_HELD, at));
	CHECK_INT(get(s, at + 15 * 60 - 1).rung, STANDING_HELD);
	CHECK_INT(get(s, at + 15 * 60).rung, STANDING_GOOD);
	at += HOUR;
	CHECK(sanction(s, STANDING_SUSPENDED, at));
	CHECK_INT(get(s, at + DAY - 1).rung, STANDING_SUSPENDED);
	at += DAY;
	CHECK_INT(get(s, at).rung, STANDING_PROBATION);
	CHECK_INT(get(s, at + 7 * DAY - 1).rung, STANDING_PROBATION);
	CHECK_INT(get(s, at + 7 * DAY).rung, STANDING_GOOD);
	at += 8 * DAY;
	CHECK(sanction(s, STANDING_SUSPENDED, at));
	CHECK_INT(get(s, at + 3 * DAY - 1).rung, STANDING_SUSPENDED);
	at += 3 * DAY;
	CHECK_INT(get(s, at).rung, STANDING_PROBATION);
	CHECK_INT(get(s, at + 7 * DAY).rung, STANDING_GOOD);
	at += 8 * DAY;
	CHECK(sanction(s, STANDING_SUSPENDED, at));
	CHECK(get(s, at).until == TIME_NEVER);
	CHECK_INT(get(s, at + 400 * (int64_t)DAY).rung, STANDING_SUSPENDED);
	standings_free(&s);
}

static void
a_settled_suspension_is_followed_by_probation(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_SUSPENDED, T0));
	lift(s, T0 + HOUR, false);
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_PROBATION);
	CHECK_INT(get(s, T0 + HOUR).until, T0 + HOUR + 7 * DAY);
	CHECK_INT(get(s, T0 + HOUR).repeats, 1);
	/* New facts: the second lasts longer, the third until lifted. */
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + DAY));
	CHECK_INT(get(s, T0 + DAY).until, T0 + DAY + 3 * DAY);
	lift(s, T0 + DAY + HOUR, false);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 2 * DAY));
	CHECK(get(s, T0 + 2 * DAY).until == TIME_NEVER);
	lift(s, T0 + 2 * DAY + HOUR, false);
	CHECK_INT(get(s, T0 + 2 * DAY + HOUR).repeats, 3);
	/* Forgotten after 30 days. */
	CHECK_INT(get(s, T0 + 40 * DAY).repeats, 0);
	CHECK_INT(get(s, T0 + 40 * DAY).rung, STANDING_GOOD);
	standings_free(&s);
}

static void
an_overturned_one_leaves_nothing(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_SUSPENDED, T0));
	lift(s, T0 + HOUR, true);
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + HOUR).repeats, 0);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + DAY));
	CHECK_INT(get(s, T0 + DAY).until, T0 + 2 * DAY);
	/* What was before it stays: that one was right. */
	CHECK_INT(get(s, T0 + 3 * DAY).rung, STANDING_PROBATION);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 3 * DAY));
	lift(s, T0 + 3 * DAY + HOUR, true);
	CHECK_INT(get(s, T0 + 3 * DAY + HOUR).rung, STANDING_PROBATION);
	CHECK_INT(get(s, T0 + 3 * DAY + HOUR).until, T0 + 9 * DAY);
	CHECK_INT(get(s, T0 + 3 * DAY + HOUR).repeats, 1);
	standings_free(&s);
}

static void
a_probation_can_be_lifted(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_SUSPENDED, T0));
	lift(s, T0 + 2 * DAY, false);
	CHECK_INT(get(s, T0 + 2 * DAY).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + 2 * DAY).repeats, 1);
	CHECK(sanction(s, STANDING_SUSPENDED, T0 + 3 * DAY));
	CHECK_INT(get(s, T0 + 7 * DAY).rung, STANDING_PROBATION);
	CHECK_INT(get(s, T0 + 7 * DAY).repeats, 2);
	lift(s, T0 + 7 * DAY, true);
	CHECK_INT(get(s, T0 + 7 * DAY).rung, STANDING_GOOD);
	CHECK(get(s, T0 + 7 * DAY).repeats < 2);
	standings_free(&s);
}

static void
a_throttle_leaves_nothing(void)
{
	struct standings *s = new_standings();

	CHECK(sanction(s, STANDING_THROTTLED, T0));
	lift(s, T0 + 60, false);
	CHECK_INT(get(s, T0 + 60).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + 60).repeats, 0);
	standings_free(&s);
}

/* Two nodes judged the same facts by different rules. */
static void
one_incident_counts_once(void)
{
	struct standings *a = new_standings(), *b = new_standings();
	static struct event e;

	CHECK(sanction(a, STANDING_SUSPENDED, T0));
	CHECK(make_sanction(b, pat, STANDING_SUSPENDED, "unknown", T0, &e));
	CHECK(standings_fold(a, &e));
	CHECK_INT(get(a, T0 + DAY).repeats, 1);
	standings_free(&a);
	standings_free(&b);
}

/* A node that had yet to hear of the lift. */
static void
the_same_facts_never_suspend_again(void)
{
	struct standings *a = new_standings(), *b = new_standings();
	static struct event first, late, lifted;

	CHECK(make_sanction(a, pat, STANDING_SUSPENDED, "burst", T0, &first));
	standings_fold(a, &first);
	make_lift(a, T0 + 60, true, &lifted);
	standings_fold(a, &lifted);
	CHECK(make_sanction(
	    b, pat, STANDING_SUSPENDED, "unknown", T0 + 100, &late));
	standings_fold(a, &late);
	CHECK_INT(get(a, T0 + 101).rung, STANDING_GOOD);
	CHECK_INT(get(a, T0 + 2 * DAY).rung, STANDING_GOOD);
	CHECK_INT(get(a, T0 + 2 * DAY).repeats, 0);
	standings_free(&a);
	standings_free(&b);
}

static void
each_undone(struct standings *s, standings_ended_fn *each, void *ctx)
{
	struct standings_walk w;

	standings_walk_begin(s, &w);
	standings_walk_undone(s, &w, SIZE_MAX, T0 + HOUR, each, ctx);
}

static void
count_undone(void *ctx, const struct standings_ended *e)
{
	(void)e;
	++*(int *)ctx;
}

static void
an_undo_leaves_nothing(void)
{
	struct standings *s = new_standings();
	static struct event bad, good, early, undo;
	const struct str ann = STR("ann@x.example"), tom = STR("tom@x.example");
	int n = 0;

	CHECK(make_sanction(s, tom, STANDING_SUSPENDED, "bad", T0, &early));
	CHECK(make_sanction(s, pat, STANDING_SUSPENDED, "bad", T0 + 60, &bad));
	CHECK(
	    make_sanction(s, ann, STANDING_SUSPENDED, "good", T0 + 60, &good));
	make_undo("bad", T0 + 30, T0 + HOUR, "root", &undo);
	standings_fold(s, &undo);
	standings_fold(s, &early);
	standings_fold(s, &bad); /* heard of late */
	standings_fold(s, &good);
	CHECK_INT(get(s, T0 + HOUR).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + HOUR).mark, T0 + HOUR);
	CHECK_INT(get(s, T0 + 2 * DAY).rung, STANDING_GOOD);
	CHECK_INT(get(s, T0 + 2 * DAY).repeats, 0);
	CHECK_INT(get_of(s, ann, T0 + HOUR).rung, STANDING_SUSPENDED);
	CHECK_INT(get_of(s, ann, T0 + HOUR).mark, 0);
	CHECK_INT(get_of(s, tom, T0 + HOUR).rung, STANDING_SUSPENDED);
	each_undone(s, count_undone, &n);
	CHECK_INT(n, 1);
	/* New facts after it, by the same rule: a new verdict. */
	CHECK(make_sanction(s, pat, STANDING_SUSPENDED, "bad", T0 + DAY, &bad));
	CHECK(standings_fold(s, &bad));
	CHECK_INT(get(s, T0 + DAY).rung, STANDING_SUSPENDED);
	CHECK_INT(get(s, T0 + DAY).until, T0 + 2 * DAY);
	standings_free(&s);
}

static void
on_undone(void *ctx, const struct standings_ended *e)
{
	struct event *out = ctx;
	struct sanction_about a = about(e->key, NULL, T0 + 2 * HOUR);

	sanction_undone(&a, e, out);
}

/* Also when so many orders followed that it is forgotten itself. */
static void
what_was_undone_stays_undone(void)
{
	struct standings *s = new_standings();
	static struct event bad, undo, undone;
	int n = 0;

	CHECK(make_sanction(s, pat, STANDING_SUSPENDED, "bad", T0, &bad));
	standings_fold(s, &bad);
	make_undo("bad", T0, T0 + HOUR, "root", &undo);
	standings_fold(s, &undo);
	each_undone(s, on_undone, &undone);
	CHECK_INT(undone.type, EVENT_UNDONE);
	CHECK_STR(str_from(undone.after), str_from(bad.cause));
	CHECK(standings_fold(s, &undone));
	each_undone(s, count_undone, &n);
	CHECK_INT(n, 0);
	for (int i = 0; i < 40; i++) {
		make_undo("other", T0, T0 + 3 * HOUR + i, "root", &undo);
		standings_fold(s, &undo);
	}
	CHECK_INT(get(s, T0 + 4 * HOUR).rung, STANDING_GOOD);
	CHECK(standings_is_undone(s, &bad));
	standings_free(&s);
}

TESTS(TEST(the_defaults_are_as_promised),
    TEST(a_settled_suspension_is_followed_by_probation),
    TEST(an_overturned_one_leaves_nothing), TEST(a_probation_can_be_lifted),
    TEST(a_throttle_leaves_nothing), TEST(one_incident_counts_once),
    TEST(the_same_facts_never_suspend_again), TEST(an_undo_leaves_nothing),
    TEST(what_was_undone_stays_undone))
