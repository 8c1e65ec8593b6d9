/* sprayed_test - when a place, or a text, is one of a thief with many passwords
 */
#include "ledger/sprayed.h"

#include "base/test.h"

enum { T0 = 1700000000 };

static struct ip
from(const char *text)
{
	struct ip ip;

	CHECK(ip_parse(str_from(text), &ip));
	return ip;
}

static void
the_third_stranger_makes_it_one(void)
{
	struct sprayed s = {0};
	struct ip here = from("192.0.2.1"), beside = from("192.0.2.200");
	struct ip there = from("2001:db8::1");

	CHECK(!sprayed_sent(&s, &here, 10, T0));
	CHECK(!sprayed_sent(&s, &here, 10, T0 + 1));
	CHECK(!sprayed_sent(&s, &beside, 20, T0 + 2));
	CHECK(!sprayed_sent(&s, &there, 30, T0 + 3));
	CHECK(sprayed_sent(&s, &here, 30, T0 + 4));
	CHECK(sprayed_sent(&s, &here, 10, T0 + 5));
	/* A day later it is over. */
	CHECK(!sprayed_sent(&s, &here, 10, T0 + 5 + SPRAYED_DAY));
	sprayed_done(&s);
}

static void
many_failures_then_a_success(void)
{
	struct sprayed s = {0};
	struct ip here = from("198.51.100.7");

	for (uint32_t i = 0; i < 4; i++)
		sprayed_failed(&s, &here, 100 + 10 * i, T0 + i);
	/* Its own don't count, nor again those of the others. */
	sprayed_failed(&s, &here, 100, T0 + 10);
	sprayed_failed(&s, &here, 500, T0 + 10);
	CHECK(!sprayed_sent(&s, &here, 500, T0 + 20));
	sprayed_failed(&s, &here, 600, T0 + 30);
	CHECK(sprayed_sent(&s, &here, 500, T0 + 40));
	sprayed_done(&s);
}

static struct sprayed_message
message(uint32_t account, uint32_t subject, uint64_t size, int64_t at)
{
	return (struct sprayed_message){account, subject, size, at};
}

static bool
sent(struct sprayed *s, uint32_t account, uint32_t subject, uint64_t size,
    int64_t at)
{
	struct sprayed_message m = message(account, subject, size, at);

	return sprayed_alike(s, &m);
}

static void
one_subject_of_three_makes_it_one(void)
{
	struct sprayed s = {0};

	CHECK(!sent(&s, 10, 77, 0, T0));
	CHECK(!sent(&s, 10, 77, 0, T0 + 1));
	CHECK(!sent(&s, 20, 77, 0, T0 + 2));
	CHECK(!sent(&s, 30, 78, 0, T0 + 3));
	CHECK(sent(&s, 30, 77, 0, T0 + 4));
	CHECK(!sent(&s, 30, 77, 0, T0 + 5 + SPRAYED_DAY));
	/* Nothing is said of what nothing is known of. */
	for (uint32_t i = 0; i < 9; i++)
		CHECK(!sent(&s, 100 + 10 * i, 0, 0, T0 + SPRAYED_DAY));
	sprayed_done(&s);
}

static void
one_size_of_three_within_the_hour(void)
{
	struct sprayed s = {0};

	/* A little apart, also where a unit ends. */
	CHECK(!sent(&s, 10, 0, 5100, T0));
	CHECK(!sent(&s, 20, 0, 5200, T0 + 1));
	CHECK(sent(&s, 30, 0, 5130, T0 + 2));
	CHECK(!sent(&s, 40, 0, 9000, T0 + 3));
	CHECK(!sent(&s, 40, 0, 5130, T0 + 2 + SPRAYED_HOUR));
	/* What is huge is like nothing. */
	for (uint32_t i = 0; i < 9; i++)
		CHECK(!sent(&s, 100 + 10 * i, 0, 1u << 30, T0));
	sprayed_done(&s);
}

static void
strangers_can_fill_it_only_up(void)
{
	struct sprayed s = {0};

	for (uint32_t i = 0; i < 100000; i++) {
		struct ip ip = from("10.0.0.1");

		ip.b[13] = (uint8_t)(i >> 8);
		ip.b[14] = (uint8_t)i;
		ip.b[12] = (uint8_t)(i >> 16);
		sprayed_failed(&s, &ip, i, T0 + i);
	}
	sprayed_done(&s);
}

TESTS(TEST(the_third_stranger_makes_it_one), TEST(many_failures_then_a_success),
    TEST(one_subject_of_three_makes_it_one),
    TEST(one_size_of_three_within_the_hour),
    TEST(strangers_can_fill_it_only_up))
