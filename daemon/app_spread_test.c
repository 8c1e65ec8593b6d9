/* app_spread - tests, against a private redis-server */
#include "daemon/app_spread.h"

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"

enum { ITEMS = 3000, TICKS = 200, UNTIL = 20000 };

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
		app_spread_tick(b->v[i].spread, b->v[i].redis, since, UNTIL);
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

/* As another node would. */
static void
add(struct bed *b, const char *key, const char *value, int64_t at)
{
	char buf[32];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_i64(&t, at);
	const struct str argv[] = {STR("XADD"), STR("outpost:test"), STR("*"),
	    STR("k"), str_from(key), STR("t"), text_view(&t), STR("v"),
	    str_from(value)};

	redis_ask(b->v[0].redis, argv, 9, NULL, NULL);
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

/* Whose clock is a year ahead would hold on to what others take back. */
static void
the_future_is_not_taken(void)
{
	struct bed b;

	if (!start(&b))
		return;
	put(&b.v[0], 1, "on", 100);
	CHECK(becomes(&b, 1, "1", "on"));
	put(&b.v[0], 2, "on", UNTIL + 1);
	put(&b.v[0], 3, "on", INT64_MAX);
	/* It got out by another node, whose clock is as wrong. */
	add(&b, "1", "off", UNTIL + 1);
	add(&b, "4", "on", INT64_MAX);
	for (int i = 0; i < 20; i++)
		tick(&b, 50);
	CHECK_INT(b.v[1].list.items.n, 1);
	CHECK(has(&b.v[1], "1", "on"));
	CHECK_INT(kept_time(&b.v[0].list, STR("3"), 5), INT64_MAX);
	end(&b);
}

static void
on_asked(void *ctx, const struct redis_reply *r)
{
	struct str text = redis_reply_text(r);

	*(uint64_t *)ctx = 0;
	if (str_starts(text, STR("# Commandstats"))) {
		ptrdiff_t at = str_find(text, STR("cmdstat_xread:calls="));

		text = str_skip(text, (size_t)at + 20);
		str_to_u64(
		    str_head(text, (size_t)str_find_char(text, ',')), ctx);
	}
}

static uint64_t
reads(struct bed *b)
{
	static const struct str info[] = {
	    STR_INIT("INFO"), STR_INIT("commandstats")};
	uint64_t n = 0;

	redis_ask(b->v[0].redis, info, 2, on_asked, &n);
	test_loop_run(b->loop, 50);
	return n;
}

/* What it has is not read again and again, as long as it takes no more. */
static void
a_full_redis_is_left_in_peace(void)
{
	static const struct str full[] = {STR_INIT("CONFIG"), STR_INIT("SET"),
	    STR_INIT("maxmemory"), STR_INIT("1")};
	static const struct str wide[] = {STR_INIT("CONFIG"), STR_INIT("SET"),
	    STR_INIT("maxmemory"), STR_INIT("0")};
	struct bed b;
	uint64_t before;

	if (!start(&b))
		return;
	for (int i = 0; i < ITEMS; i++)
		put(&b.v[i % 2], i, "on", 100 + i);
	CHECK(becomes(&b, ITEMS, "7", "on"));
	redis_ask(b.v[0].redis, full, 4, NULL, NULL);
	test_loop_run(b.loop, 50);
	before = reads(&b);
	put(&b.v[0], 7, "off", 10000);
	for (int i = 0; i < 30; i++)
		tick(&b, 50);
	/* Once all, by one node; and once a tick by both. */
	CHECK(reads(&b) - before < ITEMS / 64 + 2 * 30 + 20);
	redis_ask(b.v[0].redis, wide, 4, NULL, NULL);
	CHECK(becomes(&b, ITEMS, "7", "off"));
	end(&b);
}

TESTS(TEST(the_future_is_not_taken), TEST(a_full_redis_is_left_in_peace),
    TEST(both_know_the_same), TEST(an_empty_redis_is_filled_again))
