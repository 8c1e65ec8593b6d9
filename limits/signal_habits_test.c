/* signal_habits_test - messages that are unlike all that an account sent */
#include "limits/signal_bed.h"

#define ANN "ann@x.example"

static void
send(int64_t at, uint32_t recipients, uint64_t size, const char *sender)
{
	struct fact f = make(FACT_ACCEPTED, ANN, HOME, at);

	f.recipients = recipients;
	f.size_bytes = size;
	f.sender = str_from(sender);
	add(&f);
}

/* Weeks of a message an hour to two, of many sizes. */
static int64_t
write_weeks(void)
{
	int64_t at = BEGAN;

	for (int day = 0; day < PAST; day++, at += DAY)
		for (uint64_t i = 1; i < 6; i++)
			send(at + (int64_t)i * HOUR, 2, i * i * 1000, ANN);
	return at;
}

static void
another_domain_as_sender_counts(void)
{
	start();
	int64_t at = write_weeks();

	send(at, 3, 5000, "other@X.example");
	send(at, 30, 5000, "");
	struct verdict v = judge_it(ANN);

	CHECK_INT(points(&v, "disguised"), 0);
	send(at, 4, 5000, "ann@bank.example");
	v = judge_it(ANN);
	CHECK_INT(points(&v, "disguised"), 0);
	send(at + 60, 8, 5000, "ann@bank.example");
	v = judge_it(ANN);
	CHECK_INT(points(&v, "disguised"), 24);
	CHECK_INT(v.rung, STANDING_WATCHED);
	CHECK(has_reason(&v, "disguised",
	    "12 recipients of messages under a new sender's domain in 1 day, "
	    "usual for such accounts is at most 1"));
	stop();
}

/* The points are the operator's; as it is they are only told. */
static void
many_at_once_and_a_template_are_told(void)
{
	start();
	int64_t at = write_weeks();
	struct verdict v;

	for (int i = 0; i < 24; i++)
		send(at + i, 20, 7000 + (uint64_t)i, ANN);
	v = judge_it(ANN);
	CHECK_INT(v.n_reasons, 0); /* by themselves they say nothing */
	write_to(ANN, HOME, 0, 200, at + 30);
	v = judge_it(ANN);
	CHECK(has_reason(&v, "wide",
	    "480 recipients of messages to unusually many at once in 1 hour, "
	    "usual for such accounts is at most 1"));
	CHECK(has_reason(&v, "alike",
	    "21 messages that are alike in 1 hour, usual for such accounts is "
	    "at most 1"));
	CHECK_INT(points(&v, "wide") + points(&v, "alike"), 0);
	stop();
}

static void
nothing_is_unusual_of_who_is_new(void)
{
	start();
	for (int i = 0; i < 5; i++)
		send(BEGAN + i, 100, (uint64_t)(1 + i * i) * 1000,
		    "ann@bank.example");
	struct verdict v = judge_it(ANN);

	CHECK_INT(v.n_reasons, 0);
	stop();
}

TESTS(TEST(another_domain_as_sender_counts),
    TEST(many_at_once_and_a_template_are_told),
    TEST(nothing_is_unusual_of_who_is_new))
