/* ring_test - keys stay where they are */
#include "reputation/ring.h"

#include <stdio.h>

#include "base/test.h"

enum { KEYS = 20000, MEMBERS = 4 };

static struct ring_member v[MEMBERS];

static void
begin(void)
{
	static const char *const names[MEMBERS] = {
	    "out1", "out2", "out3", "out4"};

	for (size_t i = 0; i < MEMBERS; i++)
		v[i] = (struct ring_member){ring_hash(str_from(names[i])), 100};
}

static uint64_t
key(size_t i)
{
	char name[32];
	int n = snprintf(name, sizeof(name), "user%zu@example.com", i);

	return ring_hash(str_make(name, (size_t)n));
}

static void
by_weight(void)
{
	size_t n[MEMBERS] = {0};

	begin();
	v[3].weight = 300;
	for (size_t i = 0; i < KEYS; i++)
		n[ring_choose(v, MEMBERS, key(i))]++;
	for (size_t i = 0; i < 3; i++)
		CHECK(n[i] > KEYS / 6 * 0.93 && n[i] < KEYS / 6 * 1.07);
	CHECK(n[3] > KEYS / 2 * 0.96 && n[3] < KEYS / 2 * 1.04);
}

/* The others' keys do not move. */
static void
who_goes_and_comes_back(void)
{
	begin();
	for (size_t i = 0; i < KEYS; i++) {
		size_t before = ring_choose(v, MEMBERS, key(i));

		v[1].weight = 0;
		size_t without = ring_choose(v, MEMBERS, key(i));

		v[1].weight = 10;
		size_t a_little = ring_choose(v, MEMBERS, key(i));

		v[1].weight = 100;
		if (before != 1 && (without != before || a_little != before))
			test_fail(__FILE__, __LINE__, "key %zu moved", i);
		if (without == 1 || (a_little != 1 && a_little != without))
			test_fail(__FILE__, __LINE__, "key %zu is lost", i);
	}
}

static void
nobody(void)
{
	begin();
	CHECK(ring_choose(v, 0, 1) == SIZE_MAX);
	for (size_t i = 0; i < MEMBERS; i++)
		v[i].weight = 0;
	CHECK(ring_choose(v, MEMBERS, 1) == SIZE_MAX);
	v[2].weight = 1;
	CHECK_INT(ring_choose(v, MEMBERS, 0), 2);
	CHECK_INT(ring_choose(v, MEMBERS, UINT64_MAX), 2);
	/* The same after every restart: tables on disk depend on it. */
	CHECK(
	    ring_hash(STR("a@example.com")) == ring_hash(STR("a@example.com")));
	CHECK(ring_hash(STR("")) != ring_hash(STR("a")));
}

TESTS(TEST(by_weight), TEST(who_goes_and_comes_back), TEST(nobody))
