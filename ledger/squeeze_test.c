/* squeeze_test - what goes in comes out, and what is damaged doesn't */
#include "ledger/squeeze.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

enum { MOST = 600, CUT = 8 * SQUEEZE_NUMBER - SQUEEZE_BITS };

static uint64_t seed = 3;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((seed >> 33) * below) >> 31);
}

static void
check(const uint8_t *v, size_t n, size_t most_bits)
{
	static char room[16384];
	uint8_t again[3 * MOST];
	struct text t;

	text_init(&t, room, sizeof(room));
	struct bits_out out = {.text = &t};

	bits_put(&out, 5, 3);
	squeeze_pack(v, n, &out);
	bits_end(&out);
	CHECK(!t.is_cut && t.n <= (most_bits + 3 + 7) / 8);
	size_t whole = t.n;

	text_add(&t, "rest");
	struct bits_in in = {.left = text_view(&t)};

	CHECK_INT(bits_take(&in, 3), 5);
	CHECK(squeeze_take(&in, again, n));
	CHECK_STR(bits_rest(&in), STR("rest"));
	CHECK(!in.is_damaged);
	CHECK(memcmp(v, again, 3 * n) == 0);
	for (size_t cut = 0; cut < whole; cut++) {
		in = (struct bits_in){.left = str_make(t.p, cut)};
		bits_take(&in, 3);
		CHECK(n == 0 || !squeeze_take(&in, again, n));
	}
}

/* Evenly spread, or crowded at one end: that takes more. */
static void
any_numbers(void)
{
	uint8_t v[3 * MOST];

	for (unsigned round = test_trials(3000); round > 0; round--) {
		size_t n = draw(MOST);
		uint32_t next = draw(2) ? 0 : draw(1 << SQUEEZE_BITS);
		uint32_t step = 1 + ((1u << SQUEEZE_BITS) >> draw(18)) / MOST;

		for (size_t i = 0; i < n; i++) {
			next += draw(step);
			if (next >= 1 << SQUEEZE_BITS) {
				n = i;
				break;
			}
			squeeze_put(v, i, next++ << CUT);
		}
		check(v, n, SQUEEZE_BITS * n + 2);
	}
}

static void
ends(void)
{
	uint8_t v[3 * MOST] = {0};

	check(v, 0, 0);
	check(v, 1, SQUEEZE_BITS);
	squeeze_put(v, 0, ((1u << SQUEEZE_BITS) - 1) << CUT);
	check(v, 1, SQUEEZE_BITS + 2);
	for (uint32_t i = 0; i < MOST; i++)
		squeeze_put(v, i, ((1u << SQUEEZE_BITS) - MOST + i) << CUT);
	check(v, MOST, SQUEEZE_BITS * MOST);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, SQUEEZE_NUMBER);
}

/* What the header says, of random numbers. */
static void
is_little(void)
{
	static const struct {
		uint32_t n, tenths; /* bits a number */
	} v[] = {{20, 154}, {50, 140}, {100, 131}, {500, 108}};

	for (size_t k = 0; k < sizeof(v) / sizeof(v[0]); k++) {
		static char room[1024];
		size_t n_all = 0, bytes = 0;

		for (int round = 0; round < 200; round++) {
			uint8_t all[3 * MOST];
			size_t n = 1;
			struct text t;

			for (uint32_t i = 0; i < v[k].n; i++)
				squeeze_put(
				    all, i, draw(1 << SQUEEZE_BITS) << CUT);
			qsort(all, v[k].n, SQUEEZE_NUMBER, compare);
			for (size_t i = 1; i < v[k].n; i++)
				if (compare(all + 3 * i, all + 3 * i - 3) != 0)
					squeeze_put(
					    all, n++, squeeze_get(all, i));
			text_init(&t, room, sizeof(room));
			struct bits_out out = {.text = &t};

			squeeze_pack(all, n, &out);
			bytes += t.n;
			n_all += n;
		}
		CHECK(bytes * 80 <= v[k].tenths * n_all);
	}
}

static void
whatever_the_bytes(void)
{
	char bytes[64];
	uint8_t v[3 * MOST];

	for (unsigned round = test_trials(100000); round > 0; round--) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = draw(3) ? (char)draw(256) : 0;
		size_t n = draw(MOST);
		struct str s = str_make(bytes, draw(sizeof(bytes)));
		struct bits_in in = {.left = s};

		if (round % 2 ? !squeeze_take(&in, v, n)
			      : !squeeze_take_5(&s, v, n))
			continue;
		for (size_t i = 1; i < n; i++)
			CHECK(memcmp(v + 3 * i - 3, v + 3 * i, 3) < 0);
	}
}

TESTS(TEST(any_numbers), TEST(ends), TEST(is_little), TEST(whatever_the_bytes))
