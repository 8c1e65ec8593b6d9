/* known_test - who is a stranger: against a naive model, over years and kills
 */
#include "ledger/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "ledger/record.h"

enum { DAY = 86400, T0 = RECORD_EPOCH + 1000 * DAY, PEOPLE = 400 };

static uint64_t random_state = 42;

static uint64_t
random64(void)
{
	uint64_t h = random_state += UINT64_C(0x9e3779b97f4a7c15);

	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

/* Distinct in their upper KNOWN_BITS. */
static uint64_t
person(unsigned i)
{
	return (uint64_t)(i * 40503u + 7) << 46 | 12345;
}

static void
a_stranger_once(void)
{
	struct known *k = NULL;

	CHECK(!known_has(k, person(1)));
	CHECK(known_meet(&k, person(1), T0));
	CHECK(known_has(k, person(1)));
	CHECK(!known_meet(&k, person(1), T0 + 5));
	CHECK(known_meet(&k, person(2), T0 + 5));
	CHECK_INT(known_count(k), 2);
	known_free(&k);
}

/* What is promised: known within KNOWN_DAYS, a stranger after twice that. */
static void
ages_as_promised(void)
{
	struct known *k = NULL;
	int64_t met[PEOPLE] = {0}, at = T0;

	for (int i = 0; i < 60000; i++) {
		unsigned who = (unsigned)(random64() % PEOPLE);
		int64_t ago;
		bool is_stranger;

		at += (int64_t)(random64() % (DAY / 8));
		if (random64() % 4000 == 0)
			at += (int64_t)(random64() % 400) * DAY;
		who = who % 7 ? who % 20 : who; /* some are met often */
		ago =
		    (at - RECORD_EPOCH) / DAY - (met[who] - RECORD_EPOCH) / DAY;
		is_stranger = known_meet(&k, person(who), at);
		if (met[who] == 0 || ago >= 2 * KNOWN_DAYS)
			CHECK(is_stranger);
		else if (ago < KNOWN_DAYS)
			CHECK(!is_stranger);
		met[who] = at;
		if (i % 97 == 0)
			known_fold(&k, at);
		if (i % 13 == 0)
			known_saved(k);
	}
	known_free(&k);
}

static bool
is_same(const struct known *a, const struct known *b)
{
	for (unsigned i = 0; i < PEOPLE; i++)
		if (known_has(a, person(i)) != known_has(b, person(i)))
			return false;
	return known_count(a) == known_count(b);
}

/* A journal of what is fresh, applied to what was saved, gives the same; twice,
 * too. */
static void
a_journal_restores_it(void)
{
	static char room[3 * KNOWN_MEMBER * KNOWN_MAX];
	struct known *k = NULL, *copy = NULL;
	int64_t at = T0;

	for (int i = 0; i < 3000; i++) {
		unsigned n = (unsigned)(random64() % 60);
		struct text t;

		text_init(&t, room, sizeof(room));
		at += (int64_t)(random64() % (3 * DAY));
		while (n-- > 0)
			known_meet(
			    &k, person((unsigned)(random64() % PEOPLE)), at);
		if (random64() % 3 == 0)
			known_fold(&k, at);
		if (!known_has_fresh(k))
			continue;
		known_pack_fresh(k, &t);
		CHECK(known_apply_fresh(&copy, text_view(&t)));
		CHECK(known_apply_fresh(&copy, text_view(&t)));
		known_saved(k);
		CHECK(is_same(k, copy));
	}
	known_free(&k);
	known_free(&copy);
}

static void
pack_small(const struct known *k, struct text *out)
{
	struct bits_out bits = {.text = out};

	known_pack_small(k, &bits);
	bits_end(&bits);
}

static bool
take_small(struct known **k, struct str packed)
{
	struct bits_in bits = {.left = packed};

	return known_take_small(k, &bits);
}

static void
check_packed(void (*pack)(const struct known *k, struct text *out),
    bool (*take)(struct known **k, struct str packed))
{
	static char room[3 * KNOWN_MEMBER * KNOWN_MAX];
	struct known *k = NULL, *copy = NULL;
	struct text t;
	struct str s;

	text_init(&t, room, sizeof(room));
	for (unsigned i = 0; i < PEOPLE; i++)
		known_meet(&k, person(i), T0 + i * DAY);
	pack(k, &t);
	CHECK(take(&copy, text_view(&t)));
	CHECK(is_same(k, copy));
	s = text_view(&t);
	for (size_t n = 1; n < s.n; n++)
		CHECK(!take(&copy, str_make(s.p, n)));
	for (int i = 0; i < 20000; i++) {
		room[random64() % s.n] ^= (char)(1 << random64() % 8);
		if (take(&copy, s))
			known_meet(&copy, random64(), T0);
	}
	known_free(&k);
	known_free(&copy);
}

static void
packs_and_refuses_damage(void)
{
	check_packed(known_pack, known_unpack);
	check_packed(pack_small, take_small);
}

/* Of each number of members. */
static void
small_is_the_same(void)
{
	static char room[3 * KNOWN_MEMBER * KNOWN_MAX];
	struct known *k = NULL, *copy = NULL;
	struct text t;

	for (int i = 0; i < 3000; i++) {
		int64_t at = T0 + (int64_t)i * DAY / 20;

		known_meet(&k, random64(), at);
		if (random64() % 7 == 0)
			known_saved(k);
		text_init(&t, room, sizeof(room));
		pack_small(k, &t);
		CHECK(take_small(&copy, text_view(&t)));
		CHECK(is_same(k, copy));
		CHECK(t.n < 10 + known_count(k) * KNOWN_MEMBER);
	}
	CHECK(t.n < known_count(k) * 5 / 4);
	known_free(&k);
	known_free(&copy);
}

/* Its size and how often a stranger is taken for somebody it knows. */
static void
costs_little_and_errs_seldom(void)
{
	struct known *k = NULL;
	unsigned wrong = 0;

	for (int i = 0; i < 60; i++)
		known_meet(&k, random64(), T0);
	known_fold(&k, T0);
	CHECK(known_bytes(k) <= 60 * KNOWN_MEMBER + 80);
	for (int i = 60; i < 1000; i++)
		known_meet(&k, random64(), T0);
	for (int i = 0; i < 100000; i++)
		wrong += known_has(k, random64());
	/* 1000 of 2^18: 381 of 100,000 expected, its deviation 20. */
	CHECK(wrong > 280 && wrong < 480);
	for (int i = 0; i < 50000; i++)
		known_meet(&k, random64(), T0);
	CHECK(known_count(k) <= 2 * KNOWN_MAX);
	CHECK(known_bytes(k) <= 3 * KNOWN_MEMBER * KNOWN_MAX);
	known_free(&k);
}

TESTS(TEST(a_stranger_once), TEST(ages_as_promised),
    TEST(a_journal_restores_it), TEST(packs_and_refuses_damage),
    TEST(small_is_the_same), TEST(costs_little_and_errs_seldom))
