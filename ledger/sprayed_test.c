/* sprayed_test - when a place is one of a thief with many passwords */
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
    TEST(strangers_can_fill_it_only_up))
