/* signal_test - what holds and suspends, and what alone does not */
#include "limits/signal_bed.h"

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
	CHECK(v.reasons[0].is_own);
	/* A journey with invitations: more of the same is no more evidence. */
	write_strangers("p@x.example", ABROAD, 60, at + 120);
	v = judge_it("p@x.example");
	CHECK(points(&v, "strangers") > 0);
	CHECK_INT(v.rung, STANDING_HELD);
	CHECK_INT(v.score, 99);
	for (int i = 0; i < 16; i++) {
		struct fact f =
		    make(FACT_UNKNOWN_USER, "p@x.example", ABROAD, at + 180);

		add(&f);
	}
	v = judge_it("p@x.example");
	CHECK_INT(v.rung, STANDING_SUSPENDED);
	stop();
}

static void
stop_here(const char *account, int n, int64_t at)
{
	struct fact f = make(FACT_ATTEMPT, account, ABROAD, at);

	f.recipient = STR("");
	f.n = n;
	add(&f);
}

/* So many invitations nobody takes on a journey. */
static void
who_goes_on_and_on_is_no_traveller(void)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", ABROAD, 200, at);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_HELD);
	write_strangers("p@x.example", ABROAD, 30, at + 60);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_SUSPENDED);
	stop();
}

/* Of what waits on hold the log tells nothing. */
static void
what_is_stopped_meanwhile_counts(void)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", ABROAD, 70, at);
	stop_here("p@x.example", 190, at + 60);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(points(&v, "pressing"), 20);
	CHECK_INT(v.rung, STANDING_HELD);
	stop_here("p@x.example", 30, at + 120);
	v = judge_it("p@x.example");
	CHECK_INT(v.rung, STANDING_SUSPENDED);
	CHECK(has_reason(&v, "pressing",
	    "220 recipients stopped here in 1 hour, usual for such "
	    "accounts is at most 1"));
	stop();
}

/* A shop's server moves: all are strangers, as ever. */
static void
what_is_usual_at_home_is_no_more(void)
{
	int64_t at = BEGAN;

	start();
	for (int day = 0; day < PAST; day++, at += DAY)
		for (int h = 8; h < 17; h++)
			write_strangers("p@x.example", HOME, 30, at + h * HOUR);
	for (int h = 8; h < 17; h++)
		write_strangers("p@x.example", ABROAD, 30, at + h * HOUR);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_HELD);
	write_strangers("p@x.example", ABROAD, 200, at + 17 * HOUR);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_HELD);
	write_strangers("p@x.example", ABROAD, 100, at + 17 * HOUR + 60);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_SUSPENDED);
	stop();
}

/* Where is it at home? */
static void
who_came_this_week_may_have_a_list(void)
{
	start();
	write_to("p@x.example", HOME, 0, 3, BEGAN);
	write_strangers("p@x.example", ABROAD, 300, BEGAN + 2 * DAY);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_HELD);
	write_strangers("p@x.example", ABROAD, 750, BEGAN + 2 * DAY + 60);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_SUSPENDED);
	stop();
}

/* From home it never is more than a burst of strangers. */
static void
at_home_it_is_only_much(void)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", HOME, 700, at);
	stop_here("p@x.example", 700, at + 60);
	CHECK(judge_it("p@x.example").rung < STANDING_SUSPENDED);
	stop();
}

/* As much as its operator wants it to weigh. */
static void
a_limit_that_suspends_is_not_outweighed(void)
{
	static const int limits[] = {5, 30, 100, 200};

	start();
	live("p@x.example");
	struct judge_input in = {
	    .rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_ACCOUNT, STR("p@x.example")),
	    .now = ledger_now(ledger),
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct reason v = {
		    .count = COUNT_FOREIGN_STRANGERS, .points = 98};

		signal_weigh(&in, &v, 1, limits[i], false);
		CHECK(limits[i] < 100 ? limits[i] + v.points == 99
				      : v.points >= 0);
	}
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

/* At night, a few an hour, from where it may be: within what is usual. */
static void
strangers_at_odd_hours_are_held(void)
{
	start();
	int64_t night = live("p@x.example") + 17 * HOUR;

	for (int i = 0; i < 4; i++)
		write_strangers("p@x.example", HOME, 1, night + i * 1800);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(v.rung, STANDING_GOOD);
	write_strangers("p@x.example", HOME, 2, night + 2 * HOUR);
	v = judge_it("p@x.example");
	CHECK_INT(v.rung, STANDING_HELD);
	CHECK_INT(points(&v, "odd_hours"), 70);
	stop();
}

/* What he did in the first night isn't usual in the second. */
static void
a_second_night_is_odd_too(void)
{
	start();
	int64_t night = live("p@x.example") + 17 * HOUR;
	struct verdict v;

	for (int k = 0; k < 2; k++, night += DAY) {
		for (int h = 8; h < 17 && k == 1; h++)
			write_to(
			    "p@x.example", HOME, 0, 3, night + (h - 26) * HOUR);
		for (int i = 0; i < 3; i++)
			write_strangers("p@x.example", HOME, 1, night + i * 60);
		v = judge_it("p@x.example");
		CHECK_INT(v.rung, STANDING_GOOD);
	}
	write_strangers("p@x.example", HOME, 2, night - DAY + HOUR);
	v = judge_it("p@x.example");
	CHECK_INT(points(&v, "odd_hours"), 70);
	stop();
}

/* To a shop everybody is a stranger: an evening with an order is its own. */
static void
an_evening_of_a_shop_is_its_own(void)
{
	int64_t at = BEGAN;

	start();
	for (int day = 0; day < PAST; day++, at += DAY)
		for (int h = 8; h < 17; h++)
			write_strangers("p@x.example", HOME, 2, at + h * HOUR);
	write_strangers("p@x.example", HOME, 1, at - DAY + 22 * HOUR);
	for (int h = 8; h < 17; h++)
		write_strangers("p@x.example", HOME, 2, at + h * HOUR);
	write_strangers("p@x.example", HOME, 7, at + 22 * HOUR);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(points(&v, "odd_hours"), 0);
	write_strangers("p@x.example", HOME, 7, at + 26 * HOUR);
	v = judge_it("p@x.example");
	CHECK_INT(points(&v, "odd_hours"), 70);
	stop();
}

/* Whoever sits up writes to whom he knows; by day it is nothing. */
static void
a_night_at_work_is_none(void)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", HOME, 8, at);
	CHECK_INT(judge_it("p@x.example").rung, STANDING_GOOD);
	at += 17 * HOUR;
	write_to("p@x.example", HOME, 0, 12, at);
	write_strangers("p@x.example", HOME, 6, at + 600);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(points(&v, "odd_hours"), 0);
	stop();
}

/* Every day from another network: half as suspicious. */
static void
a_nomad_is_not_held_for_it(void)
{
	char from[32];
	int64_t at = BEGAN;

	start();
	for (int day = 0; day < PAST; day++, at += DAY) {
		snprintf(from, sizeof(from), "203.%d.113.7", day + 1);
		write_to("p@x.example", from, 0, 4, at);
	}
	for (int i = 0; i < 5; i++) {
		snprintf(from, sizeof(from), "198.%d.100.7", i + 1);
		write_strangers("p@x.example", from, 1, at + i * 300);
	}
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(points(&v, "networks"), 35);
	CHECK(v.rung < STANDING_HELD);
	stop();
}

/* Whom it knows is taken off a burst, not off where it comes from. */
static void
acquaintance_speaks_for_it(void)
{
	start();
	int64_t at = live("p@x.example");

	for (int i = 0; i < 5; i++)
		write_to("p@x.example", HOME, 0, 20, at + i);
	struct verdict v = judge_it("p@x.example");

	CHECK_INT(points(&v, "burst") + points(&v, "known"), 0);
	CHECK_INT(v.score, 0);
	write_to("p@x.example", ABROAD, 0, 20, at + 60);
	write_to("p@x.example", ABROAD, 0, 20, at + 61);
	v = judge_it("p@x.example");
	CHECK(points(&v, "known") < 0);
	CHECK(v.score >= points(&v, "foreign"));
	stop();
}

/* --- as the configuration has it --- */

static void
change(const char *name)
{
	start();
	CHECK(rules_signal_defaults(rules, str_from(name), &changed_to));
	stop();
	changed = name;
}

static struct verdict
strangers_from_abroad(int n)
{
	start();
	int64_t at = live("p@x.example");

	write_strangers("p@x.example", ABROAD, n, at);
	struct verdict v = judge_it("p@x.example");

	stop();
	changed = NULL;
	return v;
}

static void
a_signal_that_observes_gives_no_points(void)
{
	change("foreign_strangers");
	changed_to.observe = true;
	struct verdict v = strangers_from_abroad(12);
	bool is_told = false;

	for (size_t i = 0; i < v.n_reasons; i++)
		is_told |= strcmp(v.reasons[i].rule, "foreign_strangers") == 0;
	CHECK(is_told);
	CHECK_INT(points(&v, "foreign_strangers"), 0);
	CHECK_INT(v.score, 0);
	CHECK_INT(v.rung, STANDING_GOOD);
}

static void
floor_points_and_use_are_the_operators(void)
{
	change("foreign_strangers");
	changed_to.enabled = false;
	struct verdict v = strangers_from_abroad(12);

	CHECK_INT(v.n_reasons, 0);
	change("foreign_strangers");
	changed_to.floor = 30;
	v = strangers_from_abroad(12);
	CHECK_INT(points(&v, "foreign_strangers"), 0);
	change("foreign_strangers");
	changed_to.points_max = 40;
	v = strangers_from_abroad(12);
	CHECK_INT(points(&v, "foreign_strangers"), 40);
	CHECK_INT(v.rung, STANDING_WATCHED);
}

static void
write_to_friends(int n, int64_t at)
{
	for (; n > 0; n -= 20)
		write_to("p@x.example", HOME, 0, n < 20 ? n : 20, at);
}

/* It is known how much more makes another rung of a burst, if nothing speaks for
 * it: before that nobody need look at it again, and then somebody must. */
static void
who_bursts_rests_until_its_next_rung(void)
{
	start();
	int64_t at = live("p@x.example");

	write_to_friends(60, at);
	struct verdict v = judge_it("p@x.example");
	int room = (int)v.rest.often;

	CHECK_INT(points(&v, "burst"), 9); /* 60 of 25 */
	CHECK_INT(v.rung, STANDING_GOOD);
	CHECK_INT(v.worst, STANDING_GOOD);
	CHECK_INT(room, 125 - 60);
	write_to_friends(room - 1, at);
	CHECK_INT(judge_it("p@x.example").worst, STANDING_GOOD);
	write_to_friends(1, at);
	CHECK_INT(judge_it("p@x.example").worst, STANDING_WATCHED);
	stop();
}

TESTS(TEST(strangers_from_abroad_are_held_and_then_suspended),
    TEST(who_goes_on_and_on_is_no_traveller),
    TEST(what_is_stopped_meanwhile_counts),
    TEST(what_is_usual_at_home_is_no_more),
    TEST(who_came_this_week_may_have_a_list), TEST(at_home_it_is_only_much),
    TEST(a_limit_that_suspends_is_not_outweighed),
    TEST(one_thing_alone_at_home_never_holds),
    TEST(abroad_to_friends_is_let_go), TEST(a_cold_account_is_judged_mildly),
    TEST(who_passes_on_or_is_many_is_spared),
    TEST(strangers_at_odd_hours_are_held), TEST(a_second_night_is_odd_too),
    TEST(an_evening_of_a_shop_is_its_own), TEST(a_night_at_work_is_none),
    TEST(a_nomad_is_not_held_for_it), TEST(acquaintance_speaks_for_it),
    TEST(a_signal_that_observes_gives_no_points),
    TEST(floor_points_and_use_are_the_operators),
    TEST(who_bursts_rests_until_its_next_rung))
