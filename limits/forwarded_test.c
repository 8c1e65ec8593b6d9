/* forwarded_test - who passes on spam is asked to stop, and never sanctioned */
#include "limits/forwarded.h"

#include "limits/signal_bed.h"

#define FWD "fwd:paul@x.example"
#define BIG "fwd:big@x.example" /* the operator called it bulk */

static int64_t at;

static void
pass_on(const char *forward, enum fact_kind kind, int n)
{
	struct fact f = make(FACT_ACCEPTED, forward, ABROAD, at);

	for (int i = 0; i < n; i++, at += 60) {
		f.at = f.accepted_at = at;
		f.kind = FACT_ACCEPTED;
		add(&f);
		f.kind = FACT_RECIPIENT;
		add(&f);
		f.kind = kind;
		add(&f);
	}
}

static void
spam_that_is_passed_on_is_a_warning(void)
{
	start();
	at = BEGAN;
	pass_on(FWD, FACT_DELIVERED, 100);
	pass_on(FWD, FACT_REFUSED, 5);
	pass_on(FWD, FACT_FILTERED, 4);
	struct verdict v = judge_it(FWD);

	CHECK_INT(v.n_reasons, 0);
	pass_on(FWD, FACT_FILTERED, 3);
	v = judge_it(FWD);
	CHECK(has_reason(&v, FORWARDED_RULE,
	    "12 forwarded messages that our filter or who gets them calls spam "
	    "in 7 days, of 112 recipients; stop forwarding what our filter "
	    "calls spam"));
	CHECK(v.reasons[0].is_warning);
	CHECK_INT(v.score, 0);
	CHECK_INT(v.rung, STANDING_GOOD);
	/* A week later it is over. */
	at += 8 * DAY;
	pass_on(FWD, FACT_REFUSED, 1);
	v = judge_it(FWD);
	CHECK_INT(v.n_reasons, 0);
	stop();
}

/* However much of it there is, whatever its class. */
static void
its_content_is_never_sanctioned(void)
{
	static const char *const who[] = {FWD, BIG};

	for (size_t i = 0; i < 2; i++) {
		start();
		at = BEGAN;
		for (int day = 0; day < 3; day++, at += DAY) {
			pass_on(who[i], FACT_REFUSED, 200);
			pass_on(who[i], FACT_FILTERED, 200);
			pass_on(who[i], FACT_UNKNOWN_USER, 200);
			pass_on(who[i], FACT_COMPLAINT, 40);
			struct verdict v = judge_it(who[i]);

			CHECK_INT(v.rung, STANDING_GOOD);
			CHECK_INT(v.score, 0);
		}
		stop();
	}
}

/* A share that may be chance, and a person who sends that himself. */
static void
others_are_not_told_so(void)
{
	start();
	at = BEGAN;
	pass_on(FWD, FACT_DELIVERED, 300);
	pass_on(FWD, FACT_REFUSED, 18);
	struct verdict v = judge_it(FWD);

	CHECK_INT(v.n_reasons, 0);
	pass_on("p@x.example", FACT_REFUSED, 30);
	v = judge_it("p@x.example");
	CHECK(!has_reason(&v, FORWARDED_RULE, ""));
	CHECK(points(&v, "refused") > 0);
	stop();
}

TESTS(TEST(spam_that_is_passed_on_is_a_warning),
    TEST(its_content_is_never_sanctioned), TEST(others_are_not_told_so))
