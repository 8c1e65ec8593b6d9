/* web_guard_test - one network takes its share, no more */
#include "web/web_guard.h"

#include "base/test.h"
#include "base/time.h"

static struct web_guard guard;

static struct ip
address(const char *text)
{
	struct ip ip = {{0}};

	CHECK(ip_parse(str_from(text), &ip));
	return ip;
}

static void
counts_connections_of_a_network(void)
{
	struct ip a = address("192.0.2.1"), b = address("192.0.2.200"),
		  c = address("198.51.100.1");

	guard = (struct web_guard){.connections_max = 2};
	struct web_place *one = web_guard_enter(&guard, &a, TIME_US);

	CHECK(one && web_guard_enter(&guard, &b, TIME_US) == one);
	CHECK(!web_guard_enter(&guard, &a, TIME_US));
	CHECK(web_guard_enter(&guard, &c, TIME_US) != NULL);
	web_guard_leave(one);
	CHECK(web_guard_enter(&guard, &a, TIME_US) == one);
}

static void
its_rate_refills(void)
{
	struct ip a = address("2001:db8::1");
	int64_t now = 1000 * TIME_US;
	int taken = 0;

	guard = (struct web_guard){.per_minute = 30};
	struct web_place *p = web_guard_enter(&guard, &a, now);

	for (int i = 0; i < 100; i++)
		taken += web_guard_take(&guard, p, now);
	CHECK_INT(taken, 30);
	CHECK(!web_guard_take(&guard, p, now + TIME_US));
	CHECK(web_guard_take(&guard, p, now + 3 * TIME_US));
	CHECK(!web_guard_take(&guard, p, now + 3 * TIME_US));
	/* A clock set back gives nothing. */
	CHECK(!web_guard_take(&guard, p, now - 3600 * TIME_US));
	taken = 0;
	for (int i = 0; i < 100; i++)
		taken += web_guard_take(&guard, p, now + 3600 * TIME_US);
	CHECK_INT(taken, 30);
}

/* However many networks come, the table keeps its size, and those that are
 * connected their places. */
static void
strangers_make_no_room(void)
{
	struct ip a = address("192.0.2.1");

	guard = (struct web_guard){.connections_max = 1, .per_minute = 1};
	struct web_place *mine = web_guard_enter(&guard, &a, 1);

	CHECK(mine && web_guard_take(&guard, mine, 1));
	for (uint32_t i = 1; i < 100000; i++) {
		struct ip other = address("10.0.0.1");

		other.b[12] = (uint8_t)(i >> 16 | 64);
		other.b[13] = (uint8_t)(i >> 8);
		other.b[14] = (uint8_t)i;
		struct web_place *p = web_guard_enter(&guard, &other, 2);

		if (p)
			web_guard_leave(p);
	}
	CHECK(!web_guard_enter(&guard, &a, 3));
	CHECK(!web_guard_take(&guard, mine, 3));
}

TESTS(TEST(counts_connections_of_a_network), TEST(its_rate_refills),
    TEST(strangers_make_no_room))
