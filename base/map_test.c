/* map_test */
#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/test.h"

enum { MANY = 5000 };

struct entry {
	char key[24];
	bool is_in;
};

static struct entry entries[MANY];

static struct str
key(const struct entry *e)
{
	return str_from(e->key);
}

static void
test_put(void)
{
	struct map m;
	int a, b;

	map_init(&m);
	CHECK(map_find(&m, STR("x")) == NULL);
	CHECK(map_remove(&m, STR("x")) == NULL);
	CHECK(map_put(&m, STR("x"), &a) == NULL);
	CHECK(map_put(&m, STR(""), &b) == NULL);
	CHECK(map_find(&m, STR("x")) == &a);
	CHECK(map_find(&m, STR("")) == &b);
	CHECK(map_put(&m, STR("x"), &b) == &a);
	CHECK_INT(m.n, 2);
	CHECK(map_remove(&m, STR("x")) == &b);
	CHECK(map_find(&m, STR("x")) == NULL);
	CHECK_INT(m.n, 1);
	map_done(&m);
}

static void
check_all(const struct map *m)
{
	size_t in = 0, walked = 0, i = 0;
	struct entry *e;

	for (size_t k = 0; k < MANY; k++) {
		in += entries[k].is_in;
		if (map_find(m, key(&entries[k])) !=
		    (entries[k].is_in ? &entries[k] : NULL))
			CHECK(!"an entry is lost or stays");
	}
	while ((e = map_next(m, &i)) != NULL) {
		CHECK(e->is_in);
		walked++;
	}
	CHECK_INT(walked, in);
	CHECK_INT(m->n, in);
	CHECK(m->n <= m->cap / 8 * 7);
}

/* The same puts and removals as in an array of flags. */
static void
test_many(void)
{
	struct map m;
	uint32_t random = 1;

	map_init(&m);
	for (size_t i = 0; i < MANY; i++)
		snprintf(entries[i].key, sizeof(entries[i].key), "user%zu", i);
	for (int round = 0; round < 40000; round++) {
		random = random * 1664525 + 1013904223;
		struct entry *e = &entries[(random >> 8) % MANY];

		if (e->is_in)
			CHECK(map_remove(&m, key(e)) == e);
		else
			CHECK(map_put(&m, key(e), e) == NULL);
		e->is_in = !e->is_in;
		if (round % 8000 == 0)
			check_all(&m);
	}
	check_all(&m);
	map_done(&m);
}

/* A large one moves over many puts: nothing is lost on the way. */
static void
test_growing(void)
{
	static struct entry v[100000]; /* pages go back */
	const size_t n = sizeof(v) / sizeof(v[0]);
	struct map m;
	size_t in = 0, moving = 0;

	map_init(&m);
	for (size_t k = 0; k < n; k++) {
		snprintf(v[k].key, sizeof(v[k].key), "%zu", k);
		CHECK(map_put(&m, key(&v[k]), &v[k]) == NULL);
		v[k].is_in = true;
		if (v[k / 2].is_in)
			CHECK(map_put(&m, key(&v[k / 2]), &v[k / 2]) ==
			      &v[k / 2]);
		if (k % 3 == 2) {
			CHECK(map_remove(&m, key(&v[k / 3])) == &v[k / 3]);
			CHECK(map_remove(&m, key(&v[k / 3])) == NULL);
			v[k / 3].is_in = false;
			memset(v[k / 3].key, 'x', sizeof(v[k / 3].key) - 1);
		}
		moving += m.old != NULL;
		if (k % 4999 != 0)
			continue;
		size_t walked = 0;
		struct entry *e;

		for (size_t i = 0; (e = map_next(&m, &i)); walked++)
			CHECK(e->is_in && map_find(&m, key(e)) == e);
		in = 0;
		for (size_t i = 0; i <= k; i++)
			in += v[i].is_in;
		CHECK_INT(walked, in);
		CHECK_INT(m.n, in);
	}
	CHECK(moving > 1000 && m.given_back > 0);
	map_done(&m);
}

/* Nothing is put any more: what a growth left is moved on by removals, and by
 * tidying, which also shrinks it when hardly anything is left. */
static void
test_shrinking(void)
{
	enum { LOTS = 60000, FEW = 300 };
	struct entry *v = xalloc(LOTS, sizeof(*v));
	struct map m;
	size_t n = 0, least = 0;

	map_init(&m);
	for (; n < LOTS / 2 || !m.old; n++) {
		snprintf(v[n].key, sizeof(v[n].key), "%zu", n);
		map_put(&m, key(&v[n]), &v[n]);
	}
	size_t grown = m.cap;

	for (size_t i = FEW; i < n; i++) {
		CHECK(map_remove(&m, key(&v[i])) == &v[i]);
		if (i == n / 2)
			CHECK(m.old == NULL);
	}
	CHECK_INT(m.cap, grown);
	for (int i = 0; i < 10000; i++) {
		size_t k = (size_t)i % FEW;

		map_tidy(&m);
		CHECK(map_find(&m, key(&v[k])) == &v[k]);
	}
	least = m.cap;
	CHECK(least < 16 * FEW && m.old == NULL);
	for (size_t i = FEW; i < n; i++)
		map_put(&m, key(&v[i]), &v[i]);
	CHECK_INT(m.cap, grown);
	for (int i = 0; m.old && i < 1000; i++)
		map_tidy(&m);
	CHECK(m.old == NULL);
	for (size_t i = 0; i < n; i++)
		CHECK(map_find(&m, key(&v[i])) == &v[i]);
	map_done(&m);
	free(v);
}

/* Same hash, different keys: told apart; removal keeps the others. */
static void
test_collisions(void)
{
	struct map m;
	char keys[14];

	map_init(&m);
	map_reserve(&m, sizeof(keys));
	CHECK_INT(m.cap, 16);
	for (size_t i = 0; i < sizeof(keys); i++) {
		keys[i] = (char)('a' + i);
		map_put_hashed(&m, str_make(&keys[i], 1), 15, &keys[i]);
	}
	CHECK_INT(m.cap, 16);
	for (size_t i = 0; i < sizeof(keys); i++)
		CHECK(
		    map_find_hashed(&m, str_make(&keys[i], 1), 15) == &keys[i]);
	CHECK(map_find_hashed(&m, STR("zz"), 15) == NULL);
	map_done(&m);
}

static void
test_hash(void)
{
	static const char text[] = "0123456789012345678901234567890123456789";

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		uint64_t h = map_hash(str_make(text, n));
		char copy[sizeof(text)];

		CHECK(h != 0);
		CHECK(h != map_hash(str_make(text, n + 1)));
		memcpy(copy + 1, text, n);
		CHECK(h == map_hash(str_make(copy + 1, n)));
		for (size_t i = 1; i <= n; i++) {
			copy[i] ^= 1;
			CHECK(h != map_hash(str_make(copy + 1, n)));
			copy[i] ^= 1;
		}
	}
}

TESTS(TEST(test_put), TEST(test_many), TEST(test_growing), TEST(test_shrinking),
    TEST(test_collisions), TEST(test_hash))
