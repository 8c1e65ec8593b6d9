/* app_spread - tests, against a private redis-server */
#include "daemon/app_spread.h"

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"

enum { ITEMS = 3000, TICKS = 200 };

struct node {
	struct redis *redis;
	struct kept list;
	struct app_spread *spread;
};

struct bed {
	struct loop *loop;
	struct node v[2];
};

static void
start_node(struct bed *b, struct node *n)
{
	const struct redis_options o = {test_redis_uri(), 1000, 1000, 5000};
	struct error err;

	kept_init(&n->list, 2 * ITEMS);
	n->redis = redis_new(b->loop, &o, NULL, NULL, &err);
	n->spread = app_spread_new("outpost:test", &n->list);
}

static void
end_node(struct node *n)
{
	redis_free(&n->redis);
	app_spread_free(&n->spread);
	kept_done(&n->list);
}

static bool
start(struct bed *b)
{
	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return false;
	}
	b->loop = loop_new();
	start_node(b, &b->v[0]);
	start_node(b, &b->v[1]);
	return true;
}

static void
end(struct bed *b)
{
	end_node(&b->v[0]);
	end_node(&b->v[1]);
	loop_free(&b->loop);
	test_redis_end();
}

static void
tick(struct bed *b, int64_t since)
{
	for (size_t i = 0; i < 2; i++)
		app_spread_tick(b->v[i].spread, b->v[i].redis, since);
	test_loop_run(b->loop, 10);
}

static void
put(struct node *n, int i, const char *value, int64_t at)
{
	char key[16];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "%d", i);
	kept_put(&n->list, text_view(&t), str_from(value), at);
}

static bool
has(struct node *n, const char *key, const char *value)
{
	const struct kept_item *i = kept_find(&n->list, str_from(key));

	return i && str_is(i->value, str_from(value));
}

static bool
becomes(struct bed *b, size_t count, const char *key, const char *value)
{
	for (int i = 0; i < TICKS; i++) {
		if (b->v[0].list.items.n == count &&
		    b->v[1].list.items.n == count &&
		    has(&b->v[0], key, value) && has(&b->v[1], key, value))
			return true;
		tick(b, 50);
	}
	return false;
}

static void
both_know_the_same(void)
{
	struct bed b;

	if (!start(&b))
		return;
	for (int i = 0; i < ITEMS; i++)
		put(&b.v[i % 2], i, "on", 100 + i);
	CHECK(becomes(&b, ITEMS, "7", "on"));
	put(&b.v[0], 7, "off", 10000);
	put(&b.v[1], ITEMS, "on", 10001);
	CHECK(becomes(&b, ITEMS + 1, "7", "off"));
	/* What is too old is neither told nor taken. */
	put(&b.v[0], ITEMS + 1, "old", 49);
	for (int i = 0; i < 10; i++)
		tick(&b, 50);
	CHECK_INT(b.v[1].list.items.n, ITEMS + 1);
	end(&b);
}

static void
an_empty_redis_is_filled_again(void)
{
	struct bed b;

	if (!start(&b))
		return;
	for (int i = 0; i < ITEMS; i++)
		put(&b.v[i % 2], i, "on", 100 + i);
	CHECK(becomes(&b, ITEMS, "7", "on"));
	test_redis_kill();
	for (int i = 0; i < 10; i++)
		tick(&b, 50);
	put(&b.v[0], 8, "off", 10000);
	put(&b.v[1], ITEMS, "on", 10001);
	CHECK(test_redis_start());
	CHECK(becomes(&b, ITEMS + 1, "8", "off"));
	/* One that comes later learns all of it. */
	end_node(&b.v[1]);
	start_node(&b, &b.v[1]);
	CHECK(becomes(&b, ITEMS + 1, "8", "off"));
	end(&b);
}

TESTS(TEST(both_know_the_same), TEST(an_empty_redis_is_filled_again))
