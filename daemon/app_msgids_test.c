/* app_msgids - tests, against a private redis-server */
#include "daemon/app_msgids.h"

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"
#include "base/time.h"
#include "ledger/keys.h"
#include "mta/account.h"

enum { NOW = 20780 * 86400 + 3 * 3600 + 1000, KEPT = 30 * 86400, TRIES = 100 };

struct bed {
	struct loop *loop;
	struct redis *redis;
	struct app_msgids *msgids;
	int64_t integer; /* the last answer's */
};

static bool
start(struct bed *b)
{
	const struct crypto_key secret = {{7}};
	struct error err;

	*b = (struct bed){0};
	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return false;
	}
	const struct redis_options o = {test_redis_uri(), 1000, 1000, 1000};

	b->loop = loop_new();
	b->redis = redis_new(b->loop, &o, NULL, NULL, &err);
	b->msgids = app_msgids_new(&secret);
	app_msgids_connect(b->msgids, b->redis);
	for (int i = 0; i < TRIES && !redis_is_up(b->redis); i++)
		test_loop_run(b->loop, 20);
	CHECK(redis_is_up(b->redis));
	return true;
}

static void
end(struct bed *b)
{
	redis_free(&b->redis);
	app_msgids_free(&b->msgids);
	loop_free(&b->loop);
	test_redis_end();
}

static void
on_answer(void *ctx, const struct redis_reply *r)
{
	struct bed *b = ctx;

	b->integer = r ? redis_reply_integer(r) : -1;
	loop_stop(b->loop);
}

/* Asks until the answer is known; NULL host: it is a Message-ID. */
static struct str
find(struct bed *b, const char *host, const char *id, int64_t at, int64_t now)
{
	static char account[ACCOUNT_TEXT];
	struct text t;

	for (int i = 0; i < TRIES; i++) {
		bool is_later = false, is_found;

		text_init(&t, account, sizeof(account));
		is_found = host ? app_msgids_find_queue(b->msgids, KEPT,
				      str_from(host), str_from(id), at, now, &t,
				      &is_later)
				: app_msgids_find(b->msgids, KEPT, str_from(id),
				      at, now, &t, &is_later);
		CHECK(is_found == (t.n > 0));
		if (!is_later)
			return text_view(&t);
		CHECK(!is_found);
		test_loop_run(b->loop, 10);
	}
	return STR("no answer");
}

static void
whose_a_message_is(void)
{
	struct bed b;

	if (!start(&b))
		return;
	app_msgids_tell(b.msgids, KEPT, STR("ann@x"), STR("1@x"), NOW - 86400);
	app_msgids_tell(b.msgids, KEPT, STR("ben@x"), STR("2@x"), NOW);
	app_msgids_tell(b.msgids, 0, STR("ben@x"), STR("3@x"), NOW);
	CHECK_STR(find(&b, NULL, "<1@x>", NOW - 86400, NOW), STR("ann@x"));
	CHECK_STR(find(&b, NULL, "2@x", NOW - 9 * 86400, NOW), STR("ben@x"));
	CHECK_STR(find(&b, NULL, "3@x", NOW, NOW), STR(""));
	/* Answered from memory, for a while. */
	CHECK_STR(find(&b, NULL, "3@x", NOW, NOW + 5), STR(""));
	app_msgids_tell(b.msgids, KEPT, STR("ben@x"), STR("3@x"), NOW);
	CHECK_STR(find(&b, NULL, "3@x", NOW, NOW + 60), STR("ben@x"));
	end(&b);
}

static void
whose_a_queue_id_is(void)
{
	struct bed b;

	if (!start(&b))
		return;
	app_msgids_tell_queue(
	    b.msgids, KEPT, STR("ann@x"), STR("mx1"), STR("4D2X5"), NOW);
	app_msgids_tell_queue(
	    b.msgids, KEPT, STR("ben@x"), STR("mx2"), STR("4D2X5"), NOW);
	CHECK_STR(
	    find(&b, "mx1.example.com", "4D2X5", NOW - 9, NOW), STR("ann@x"));
	CHECK_STR(
	    find(&b, "mx2.example.com", "4D2X5", NOW - 9, NOW), STR("ben@x"));
	CHECK_STR(find(&b, "mx3", "4D2X5", NOW - 9, NOW), STR(""));
	CHECK_STR(find(&b, "mx1", "4D2X5", NOW - 7200, NOW), STR(""));
	CHECK_STR(find(&b, "mx1", "4D2X5", TIME_NEVER, NOW), STR(""));
	/* Also over midnight, and the end of an hour. */
	int64_t midnight = (NOW / 86400 + 1) * 86400;

	app_msgids_tell_queue(b.msgids, KEPT, STR("ann@x"), STR("mx1"),
	    STR("5E3Y6"), midnight + 2);
	CHECK_STR(find(&b, "mx1", "5E3Y6", midnight - 3, midnight + 60),
	    STR("ann@x"));
	end(&b);
}

/* What stands in Redis is no proof of a name. */
static void
believes_no_other_name(void)
{
	struct bed b;

	if (!start(&b))
		return;
	app_msgids_tell(b.msgids, KEPT, STR("ann@x"), STR("1@x"), NOW);
	test_loop_run(b.loop, 50);
	const struct str argv[] = {STR("EVAL"),
	    STR("for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
		"for _, f in ipairs(redis.call('HKEYS', k)) do "
		"redis.call('HSET', k, f, 'eve@x') end end"),
	    STR("0"), STR(KEYS_MSGIDS_NAMES "*")};

	redis_ask(b.redis, argv, 4, on_answer, &b);
	test_loop_run(b.loop, 1000);
	CHECK_STR(find(&b, NULL, "1@x", NOW, NOW), STR(""));
	end(&b);
}

/* Names that were told before they shared hashes. */
static void
knows_older_names(void)
{
	struct bed b;

	if (!start(&b))
		return;
	app_msgids_tell(b.msgids, KEPT, STR("ann@x"), STR("1@x"), NOW);
	test_loop_run(b.loop, 50);
	const struct str argv[] = {STR("EVAL"),
	    STR("for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
		"local h = redis.call('HGETALL', k) "
		"local n = h[1]:gsub('.', function(c) "
		"return string.format('%02x', c:byte()) end) "
		"redis.call('SET', ARGV[2] .. n, h[2]) "
		"redis.call('DEL', k) end"),
	    STR("0"), STR(KEYS_MSGIDS_NAMES "*"), STR(KEYS_MSGIDS_ACCOUNT)};

	redis_ask(b.redis, argv, 5, on_answer, &b);
	test_loop_run(b.loop, 1000);
	CHECK_STR(find(&b, NULL, "1@x", NOW, NOW), STR("ann@x"));
	end(&b);
}

static int64_t
count(struct bed *b, const char *lua)
{
	const struct str argv[] = {STR("EVAL"), str_from(lua), STR("0"),
	    STR(KEYS_MSGIDS "*"), STR(KEYS_QUEUE_IDS "*")};

	test_loop_run(b->loop, 50);
	redis_ask(b->redis, argv, 5, on_answer, b);
	test_loop_run(b->loop, 1000);
	return b->integer;
}

static void
is_forgotten_in_time(void)
{
	struct bed b;

	if (!start(&b))
		return;
	/* A day that is over: its key goes at once. */
	app_msgids_tell(
	    b.msgids, 86400, STR("ann@x"), STR("1@x"), NOW - 40 * 86400);
	CHECK_INT(count(&b, "return #redis.call('KEYS', ARGV[1])"), 0);
	for (unsigned i = 0; i < 3; i++)
		app_msgids_tell_queue(b.msgids, KEPT, STR("ann@x"), STR("mx1"),
		    STR("4D2X5"), NOW);
	CHECK(count(&b, "return redis.call('TTL', "
			"redis.call('KEYS', ARGV[2])[1])") > 86400);
	end(&b);
}

static void
goes_without_redis(void)
{
	struct bed b;

	if (!start(&b))
		return;
	test_redis_kill();
	for (int i = 0; i < TRIES && redis_is_up(b.redis); i++)
		test_loop_run(b.loop, 20);
	app_msgids_tell(b.msgids, KEPT, STR("ann@x"), STR("1@x"), NOW);
	app_msgids_tell_queue(
	    b.msgids, KEPT, STR("ann@x"), STR("mx1"), STR("4D2X5"), NOW);
	CHECK_STR(find(&b, NULL, "1@x", NOW, NOW), STR(""));
	CHECK_STR(find(&b, "mx1", "4D2X5", NOW, NOW), STR(""));
	app_msgids_connect(b.msgids, NULL);
	CHECK_STR(find(&b, NULL, "2@x", NOW, NOW), STR(""));
	end(&b);
}

TESTS(TEST(whose_a_message_is), TEST(whose_a_queue_id_is),
    TEST(believes_no_other_name), TEST(knows_older_names),
    TEST(is_forgotten_in_time), TEST(goes_without_redis))
