/* board_test - pages in Redis: posted, read, and by one process only */
#include "ledger/board_bed.h"

static void
posts_what_changed(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	count(&a, "ann@example.com", 3);
	count(&a, "ben@example.com", 1);
	run_until_complete(&a, 2000);
	CHECK_INT(ask(&a, "HEXISTS", KEYS_COUNTS "a:ann@example.com", A), 1);
	CHECK_INT(
	    ask(&a, "HEXISTS", KEYS_COUNTS "a:ann@example.com", A ":s"), 1);
	CHECK_INT(ask(&a, "HLEN", KEYS_COUNTS "a:ann@example.com", ""), 2);
	CHECK(ask(&a, "TTL", KEYS_COUNTS "a:ann@example.com", "") > 35 * 86400);
	CHECK(ask(&a, "TTL", KEYS_COUNTS "a:ben@example.com", "") > 35 * 86400);
	uint64_t ann = seq_of(&a, KEYS_COUNTS "a:ann@example.com");
	uint64_t ben = seq_of(&a, KEYS_COUNTS "a:ben@example.com");

	count(&a, "ann@example.com", 1);
	run_until_complete(&a, 2000);
	CHECK(seq_of(&a, KEYS_COUNTS "a:ann@example.com") > ann);
	CHECK_INT(seq_of(&a, KEYS_COUNTS "a:ben@example.com"), ben);
	node_free(&a);
	finish(l);
}

static void
reads_the_others(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	node_start(&b, l, B);
	count(&a, "ann@example.com", 3);
	count(&b, "ann@example.com", 5);
	run_until_complete(&a, 2000);
	run_until_complete(&b, 2000);
	CHECK_INT(ask(&a, "HLEN", KEYS_COUNTS "a:ann@example.com", ""), 4);
	CHECK_INT(sum(&a, "ann@example.com"), 3);
	read_ann(&a, 50);
	CHECK(a.is_fresh);
	CHECK_INT(sum(&a, "ann@example.com"), 8);
	read_ann(&a, 50); /* replaced, not added */
	CHECK_INT(sum(&a, "ann@example.com"), 8);
	count(&b, "ann@example.com", 1);
	run_until_complete(&b, 2000);
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 9);
	/* What another posted isn't posted as our own. */
	run_until_complete(&a, 2000);
	read_ann(&b, 50);
	CHECK_INT(sum(&b, "ann@example.com"), 9);
	test_redis_freeze(true);
	read_ann(&a, 50);
	CHECK(!a.is_fresh);
	CHECK_INT(sum(&a, "ann@example.com"), 9);
	test_redis_kill();
	run_for(l, 100);
	read_ann(&a, 50);
	CHECK(!a.is_fresh);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* Fields that nobody of us wrote. */
static void
reads_rubbish(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	count(&a, "ann@example.com", 3);
	run_until_complete(&a, 2000);
	static const char *const fields[] = {"", ":", ":s", "x", B, B ":s",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct str argv[] = {STR("HSET"),
		    STR(KEYS_COUNTS "a:ann@example.com"), str_from(fields[i]),
		    STR("\x07\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")};

		redis_ask(a.writer, argv, 4, NULL, NULL);
	}
	read_ann(&a, 50);
	CHECK(a.is_fresh);
	CHECK_INT(sum(&a, "ann@example.com"), 3);
	const struct str set[] = {
	    STR("SET"), STR(KEYS_COUNTS "a:ann@example.com"), STR("text")};

	redis_ask(a.writer, set, 3, NULL, NULL);
	read_ann(&a, 50);
	CHECK(!a.is_fresh);
	node_free(&a);
	finish(l);
}

/* A copied state directory; and a process that starts after one that ended
 * well, or badly. */
static void
notices_another(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0}, c = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	count(&a, "ann@example.com", 3);
	run_until_complete(&a, 2000);
	node_start(&b, l, A);
	count(&b, "ann@example.com", 1);
	run_for(l, 400);
	CHECK_INT(b.duplicates, 0);
	run_for(l, 800);
	CHECK_INT(b.duplicates, 1);
	CHECK_INT(a.duplicates, 0);
	CHECK(!is_complete(&b));
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 3);
	node_free(&a); /* dies: its key goes by itself */
	run_for(l, 1000);
	CHECK_INT(b.duplicates, 1);
	CHECK(is_complete(&b));
	count(&b, "ben@example.com", 1);
	board_leave(b.board, 1000, on_left, &b);
	CHECK_INT(b.lefts, 0);
	run_for(l, 200);
	CHECK_INT(b.lefts, 1);
	CHECK_INT(ask(&b, "EXISTS", KEYS_NODE A, ""), 0);
	CHECK_INT(ask(&b, "HEXISTS", KEYS_COUNTS "a:ben@example.com", A), 1);
	node_start(&c, l, A); /* needs not wait */
	count(&c, "ann@example.com", 1);
	run_for(l, 150);
	CHECK(is_complete(&c));
	node_free(&b);
	node_free(&c);
	finish(l);
}

TESTS(TEST(posts_what_changed), TEST(reads_the_others), TEST(reads_rubbish),
    TEST(notices_another))
