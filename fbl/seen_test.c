/* seen - tests */
#include "fbl/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

enum { DAY = 86400, NOW = 20000 * DAY };

static const uint8_t *
key(unsigned n)
{
	static uint8_t k[SEEN_KEY];

	memcpy(k, &n, sizeof(n));
	return k;
}

static void
counts_once(void)
{
	struct seen *s = seen_new(100);

	CHECK(seen_add(s, key(1), NOW));
	CHECK(!seen_add(s, key(1), NOW + 5));
	CHECK(seen_add(s, key(2), NOW));
	CHECK(seen_has(s, key(2)));
	CHECK(!seen_has(s, key(3)));
	CHECK_INT(seen_count(s), 2);
	seen_free(&s);
}

static void
forgets_the_old(void)
{
	struct seen *s = seen_new(1000);

	for (unsigned i = 0; i < 50; i++)
		seen_add(s, key(i), NOW);
	for (unsigned i = 50; i < 60; i++)
		seen_add(s, key(i), NOW + 10 * DAY);
	seen_tick(s, NOW + SEEN_DAYS * DAY, 1000);
	CHECK_INT(seen_count(s), 60);
	seen_tick(s, NOW + (SEEN_DAYS + 1) * DAY, 20);
	CHECK_INT(seen_count(s), 40);
	seen_tick(s, NOW + (SEEN_DAYS + 1) * DAY, 1000);
	CHECK_INT(seen_count(s), 10);
	seen_tick(s, NOW + 1000 * (int64_t)DAY, 1000);
	CHECK_INT(seen_count(s), 0);
	CHECK(seen_add(s, key(1), NOW + 1000 * (int64_t)DAY));
	seen_free(&s);
}

static void
is_bounded(void)
{
	struct seen *s = seen_new(10);

	for (unsigned i = 0; i < 100; i++)
		CHECK(seen_add(s, key(i), NOW + (int64_t)i * DAY));
	CHECK_INT(seen_count(s), 10);
	CHECK(seen_has(s, key(99)));
	CHECK(!seen_has(s, key(80)));
	seen_free(&s);
}

/* A clock that jumps makes nothing grow, and loses nothing at once. */
static void
survives_clocks(void)
{
	struct seen *s = seen_new(1000);
	const int64_t times[] = {NOW, 0, -5, NOW + 3000 * (int64_t)DAY,
	    INT64_MAX, NOW, 1, NOW - 20 * DAY};

	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		CHECK(seen_add(s, key(i), times[i]));
		CHECK(seen_has(s, key(i)));
		seen_tick(s, NOW, 10);
	}
	seen_free(&s);
}

static struct books *
open_books(const char *dir, struct seen *s)
{
	const struct books_options o = {dir, 1 << 24, 4096, 0};
	const struct books_part part = seen_part(s);
	struct error err;
	struct books *b = books_open(&o, &part, 1, &err);

	if (!b)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return b;
}

static void
is_kept(void)
{
	char dir[] = "/tmp/seen_test.XXXXXX", cmd[100];

	CHECK(mkdtemp(dir) != NULL);
	for (unsigned round = 0; round < 6; round++) {
		struct seen *s = seen_new(1000);
		struct books *b = open_books(dir, s);

		CHECK_INT(seen_count(s), round > 4 ? 2 : round * 2);
		for (unsigned i = 0; i < round * 2; i++)
			CHECK(round > 4 || seen_has(s, key(i)));
		seen_add(s, key(round * 2), NOW);
		books_commit(b, NULL, NULL);
		if (round % 2)
			books_fold(b);
		seen_add(s, key(round * 2 + 1), NOW);
		if (round == 4)
			seen_tick(s, NOW + 900 * (int64_t)DAY, 8);
		books_close(&b);
		seen_free(&s);
	}
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	CHECK(system(cmd) == 0);
}

TESTS(TEST(counts_once), TEST(forgets_the_old), TEST(is_bounded),
    TEST(survives_clocks), TEST(is_kept))
