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

TESTS(TEST(is_in_the_order_of_its_times), TEST(is_bounded),
    TEST(survives_a_restart), TEST(what_is_damaged_is_told))
