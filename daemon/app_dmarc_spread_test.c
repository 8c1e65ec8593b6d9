/* app_dmarc_spread_test - how much of DMARC reports other nodes are told */
#include "daemon/app_dmarc_spread.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"
#include "ledger/keys.h"

enum { ROWS = 400, MANY = 100, DAY = 86400, NOW = 1795300000 };

static struct dmarc_row rows[ROWS];

static void
tell(struct app_dmarc_spread *s, bool is_vouched)
{
	static char text[200];
	struct dmarc_report r = {
	    .id = "1", .domain = "a.test", .v = rows, .n = ROWS};

	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct dmarc_row){.count = 1,
		    .header_from = text,
		    .envelope_from = text,
		    .dkim_domain = text,
		    .dkim_selector = text,
		    .spf_domain = text};
	for (int i = 0; i < MANY; i++)
		app_dmarc_spread_tell(s, &r, STR("who.test"), is_vouched);
}

/* Anybody can send reports, and Redis is memory. */
static void
what_anybody_sends_is_told_in_part(void)
{
	enum { MOST = 8 << 20 };
	struct app_dmarc_spread *s = app_dmarc_spread_new(NULL);

	app_dmarc_spread_tick(s, NULL, NOW, 90);
	tell(s, false);
	size_t first = app_dmarc_spread_waiting(s);

	CHECK(first > MOST / 2 && first <= MOST);
	tell(s, false);
	CHECK_INT(app_dmarc_spread_waiting(s), first);
	app_dmarc_spread_tick(s, NULL, NOW + DAY, 90);
	tell(s, false);
	CHECK_INT(app_dmarc_spread_waiting(s), 2 * first);
	tell(s, true);
	CHECK(app_dmarc_spread_waiting(s) > 4 * first);
	app_dmarc_spread_free(&s);
}

static void
on_number(void *ctx, const struct redis_reply *r)
{
	*(int64_t *)ctx = r ? redis_reply_integer(r) : -1;
}

static int64_t
in_redis(struct loop *l, struct redis *redis)
{
	const struct str argv[] = {STR("XLEN"), STR(KEYS_DMARC)};
	int64_t n = -2;

	redis_ask(redis, argv, 2, on_number, &n);
	for (int i = 0; i < 500 && n == -2; i++)
		test_loop_run(l, 10);
	return n;
}

/* More come while one is on its way than may wait. */
static void
one_that_gives_way_takes_no_other_with_it(void)
{
	enum { WAITING = 200 };
	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	struct loop *l = loop_new();
	const struct redis_options o = {test_redis_uri(), 2000, 5000, 5000};
	struct redis *redis = redis_new(l, &o, NULL, NULL, NULL);
	char dir[] = "/tmp/dmarc-spread.XXXXXX", command[64];
	struct error err;
	struct app_dmarc_spread *s;
	struct dmarc_report r = {.id = "1", .domain = "a.test"};

	CHECK(mkdtemp(dir) != NULL);
	struct dmarc_book *book = dmarc_book_open(dir, 16 << 20, &err);

	CHECK(book != NULL);
	dmarc_book_start(book, l);
	s = app_dmarc_spread_new(book);
	for (int i = 0; i < 500 && !redis_is_up(redis); i++)
		test_loop_run(l, 10);
	app_dmarc_spread_tick(s, NULL, NOW, 90);
	app_dmarc_spread_tell(s, &r, STR("who.test"), true);
	size_t one = app_dmarc_spread_waiting(s);

	app_dmarc_spread_tick(s, redis, NOW, 90);
	for (int i = 0; i < WAITING; i++)
		app_dmarc_spread_tell(s, &r, STR("who.test"), true);
	CHECK_INT(app_dmarc_spread_waiting(s), WAITING * one);
	for (int i = 0; i < 5000 && app_dmarc_spread_waiting(s) > 0; i++) {
		test_loop_run(l, 2);
		app_dmarc_spread_tick(s, redis, NOW, 90);
	}
	CHECK_INT(in_redis(l, redis), WAITING + 1);
	redis_free(&redis);
	app_dmarc_spread_free(&s);
	dmarc_book_close(&book);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	CHECK_INT(system(command), 0);
	loop_free(&l);
	test_redis_end();
}

TESTS(TEST(one_that_gives_way_takes_no_other_with_it),
    TEST(what_anybody_sends_is_told_in_part))
