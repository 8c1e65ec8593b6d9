/* kept - tests */
#include "fbl/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

static void
put(struct kept *k, const char *key, const char *value, int64_t at)
{
	kept_put(k, str_from(key), str_from(value), at);
}

/* The keys, newest first. */
static struct str
keys(struct kept *k)
{
	static char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (const struct kept_item *i = kept_newest(k); i; i = i->older)
		text_str(&t, i->key);
	return text_view(&t);
}

static void
is_in_the_order_of_its_times(void)
{
	struct kept k;

	kept_init(&k, 10);
	CHECK(!kept_newest(&k));
	put(&k, "b", "1", 20);
	put(&k, "a", "2", 10);
	put(&k, "d", "3", 40);
	put(&k, "c", "4", 30);
	CHECK_STR(keys(&k), STR("dcba"));
	put(&k, "a", "5", 50);
	CHECK_STR(keys(&k), STR("adcb"));
	CHECK(str_is(kept_find(&k, STR("a"))->value, STR("5")));
	CHECK(kept_remove(&k, STR("d")));
	CHECK(!kept_remove(&k, STR("d")));
	CHECK_STR(keys(&k), STR("acb"));
	kept_tick(&k, 25, 10);
	CHECK_STR(keys(&k), STR("ac"));
	kept_done(&k);
}

/* Whatever comes first, on both it is the same in the end. */
static void
merges_in_any_order(void)
{
	static const struct {
		const char *key, *value;
		int64_t at;
	} said[] = {{"a", "on", 10}, {"a", "off", 11}, {"b", "x", 7},
	    {"b", "y", 7}, {"c", "late", 3}, {"a", "on", 9}};
	enum { N = sizeof(said) / sizeof(said[0]) };

	for (size_t first = 0; first < N; first++) {
		struct kept k;

		kept_init(&k, 10);
		for (size_t n = 0; n < N; n++) {
			size_t i = (first + n * 5) % N;

			kept_merge(&k, str_from(said[i].key),
			    str_from(said[i].value), said[i].at);
		}
		CHECK_STR(keys(&k), STR("abc"));
		CHECK_STR(kept_find(&k, STR("a"))->value, STR("off"));
		CHECK_STR(kept_find(&k, STR("b"))->value, STR("y"));
		CHECK(kept_time(&k, STR("a"), 11) == 12);
		CHECK(kept_time(&k, STR("a"), 20) == 20);
		CHECK(!kept_news(&k));
		kept_done(&k);
	}
}

static void
tells_its_own_news(void)
{
	struct kept k;

	kept_init(&k, 3);
	k.is_spread = true;
	put(&k, "a", "1", 10);
	CHECK(kept_merge(&k, STR("b"), STR("2"), 5));
	CHECK(kept_merge(&k, STR("c"), STR("3"), 7));
	CHECK_STR(keys(&k), STR("acb"));
	CHECK(!kept_merge(&k, STR("d"), STR("too old"), 4));
	CHECK_STR(kept_news(&k)->key, STR("a"));
	CHECK(!kept_news(&k));
	put(&k, "a", "4", 11);
	put(&k, "d", "5", 12); /* b goes */
	kept_walk(&k);
	CHECK_STR(kept_walk_next(&k)->key, STR("c"));
	kept_remove(&k, STR("a"));
	CHECK_STR(kept_walk_next(&k)->key, STR("d"));
	CHECK(!kept_walk_next(&k));
	CHECK_STR(kept_news(&k)->key, STR("d"));
	CHECK(!kept_news(&k));
	kept_done(&k);
}

static void
is_bounded(void)
{
	struct kept k;

	kept_init(&k, 2);
	put(&k, "a", "", 1);
	put(&k, "b", "", 2);
	put(&k, "c", "", 3);
	CHECK_STR(keys(&k), STR("cb"));
	put(&k, "x", "", 0); /* itself the oldest */
	CHECK_STR(keys(&k), STR("cb"));
	k.max = 1;
	kept_tick(&k, 0, 10);
	CHECK_STR(keys(&k), STR("c"));
	kept_done(&k);
}

/* Of two texts the longer one's length must not be lost. */
static bool
join_lengths(struct str holds, struct str lost, struct text *out)
{
	text_str(out, holds);
	text_pad(out, '+', lost.n > holds.n ? lost.n - holds.n : 0);
	return lost.n > holds.n;
}

static struct str
value_of(const struct kept *k)
{
	return kept_find(k, STR("a"))->value;
}

static void
joins_what_must_not_be_lost(void)
{
	struct kept one, other;

	kept_init(&one, 10);
	kept_init(&other, 10);
	one.join = other.join = join_lengths;
	one.is_spread = other.is_spread = true;
	CHECK(kept_merge(&one, STR("a"), STR("long"), 10));
	CHECK(kept_merge(&one, STR("a"), STR("x"), 11));
	CHECK_STR(value_of(&one), STR("x+++"));
	CHECK(kept_merge(&other, STR("a"), STR("x"), 11));
	CHECK(!kept_merge(&other, STR("a"), STR("long"), 10));
	CHECK_STR(value_of(&other), STR("x+++"));
	/* Both tell it, and agree. */
	struct kept_item *i = kept_news(&one);

	CHECK(i && i->at == 12);
	CHECK(!kept_merge(&other, i->key, i->value, i->at));
	CHECK(!kept_merge(&one, STR("a"), STR("x"), 11));
	CHECK(!kept_news(&one));
	kept_done(&one);
	kept_done(&other);
}

static void
survives_a_restart(void)
{
	char dir[] = "/tmp/kept.XXXXXX", command[64];
	struct error err;

	if (!mkdtemp(dir))
		exit(1);
	const struct books_options o = {dir, 16 << 20, 64 << 10, 0};

	for (int run = 0; run < 3; run++) {
		struct kept k;

		kept_init(&k, 10);
		struct books_part part = kept_part(&k, 'K', "kept");
		struct books *b = books_open(&o, &part, 1, &err);

		if (!b)
			fatal("%s", err.text);
		if (run == 0) {
			put(&k, "z", "old", 1);
			put(&k, "y", "gone", 2);
			books_fold(b);
			put(&k, "a", "new", 3);
			kept_remove(&k, STR("y"));
		}
		CHECK_STR(keys(&k), run < 2 ? STR("az") : STR("azm"));
		if (run == 1)
			put(&k, "m", "", 0);
		books_close(&b);
		kept_done(&k);
	}
	snprintf(command, sizeof(command), "rm -r %s", dir);
	CHECK_INT(system(command), 0);
}

static void
what_is_damaged_is_told(void)
{
	struct kept k;
	struct books_part part = kept_part(&k, 'K', "kept");
	static const char *const bad[] = {"x", "\1\0\0\0\1\0\0\0........a",
	    "\xff\xff\xff\xff\1\0\0\0........a"};
	static const size_t sizes[] = {1, 17, 17};

	kept_init(&k, 10);
	for (size_t i = 0; i < 3; i++)
		CHECK(!part.replay(&k, str_make(bad[i], sizes[i])));
	CHECK(!part.load(&k, STR("k"), STR("short")));
	CHECK(!kept_newest(&k));
	kept_done(&k);
}

TESTS(TEST(is_in_the_order_of_its_times), TEST(merges_in_any_order),
    TEST(tells_its_own_news), TEST(is_bounded),
    TEST(joins_what_must_not_be_lost), TEST(survives_a_restart),
    TEST(what_is_damaged_is_told))
