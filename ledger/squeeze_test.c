/* squeeze_test - what goes in comes out, and what is damaged doesn't */
#include "ledger/squeeze.h"

#include <string.h>

#include "base/test.h"

enum { MOST = 600 };

static uint64_t seed = 3;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((seed >> 33) * below) >> 31);
}

static void
put(uint8_t *v, size_t i, uint32_t number)
{
	v[3 * i] = (uint8_t)(number >> 16);
	v[3 * i + 1] = (uint8_t)(number >> 8);
	v[3 * i + 2] = (uint8_t)number;
}

static void
check(const uint8_t *v, size_t n, size_t most)
{
	static char room[16384];
	uint8_t again[3 * MOST];
	struct text t;

	text_init(&t, room, sizeof(room));
	squeeze_pack(v, n, &t);
	text_add(&t, "rest");
	CHECK(!t.is_cut && t.n <= most + 4);
	struct str s = text_view(&t);

	CHECK(squeeze_take(&s, again, n));
	CHECK(str_is(s, STR("rest")));
	CHECK(memcmp(v, again, 3 * n) == 0);
	for (size_t cut = 0; cut + 4 < t.n; cut++) {
		s = str_make(t.p, cut);
		CHECK(!squeeze_take(&s, again, n));
	}
}

/* Evenly spread, or crowded at one end: that takes more. */
static void
any_numbers(void)
{
	uint8_t v[3 * MOST];

	for (int round = 0; round < 3000; round++) {
		size_t n = draw(MOST);
		uint32_t next = draw(2) ? 0 : draw(1 << 24) - draw(MOST);
		uint32_t step = 1 + ((1u << 24) >> draw(24)) / (MOST + 1);

		if (next >= 1 << 24)
			next = 0;
		for (size_t i = 0; i < n; i++) {
			next += draw(step);
			if (next >= 1 << 24) {
				n = i;
				break;
			}
			put(v, i, next++);
		}
		check(v, n, 3 * n + 1);
	}
}

static void
ends(void)
{
	uint8_t v[3 * MOST] = {0};

	check(v, 0, 0);
	check(v, 1, 3);
	put(v, 0, 0xffffff);
	check(v, 1, 4);
	for (uint32_t i = 0; i < MOST; i++)
		put(v, i, 0xffffff - MOST + 1 + i);
	check(v, MOST, 3 * MOST);
}

static void
whatever_the_bytes(void)
{
	char bytes[64];
	uint8_t v[3 * MOST];

	for (int round = 0; round < 100000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = draw(3) ? (char)draw(256) : 0;
		size_t n = draw(MOST);
		struct str s = str_make(bytes, draw(sizeof(bytes)));

		if (!squeeze_take(&s, v, n))
			continue;
		for (size_t i = 1; i < n; i++)
			CHECK(memcmp(v + 3 * i - 3, v + 3 * i, 3) < 0);
	}
}

TESTS(TEST(any_numbers), TEST(ends), TEST(whatever_the_bytes))
