/* board_test - pages in Redis: posted, read, and by one process only */
#include "ledger/board_bed.h"
#include "ledger/others.h"

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
	run_until_complete(&a);
	CHECK(has_field(&a, "ann@example.com", A, 1));
	CHECK(has_field(&a, "ann@example.com", A, 2));
	CHECK(
	    ask_page(&a, "TTL", "ann@example.com", A, 0, STR("")) > 35 * 86400);
	uint64_t ann = seq_of(&a, "ann@example.com");
	uint64_t ben = seq_of(&a, "ben@example.com");

	count(&a, "ann@example.com", 1);
	run_until_complete(&a);
	CHECK(seq_of(&a, "ann@example.com") > ann);
	CHECK_INT(seq_of(&a, "ben@example.com"), ben);
	node_free(&a);
	finish(l);
}

static void
count_at(struct node *n, const char *account, int recipients, int64_t at)
{
	struct fact f = {
	    .kind = FACT_RECIPIENT,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .recipient = STR("bob@example.net"),
	    .n = 1,
	};
	struct ledger_touched t;

	for (int i = 0; i < recipients; i++)
		ledger_add(n->ledger, &f, &t);
}

/* A host lost its state directory, and reads its log again under a new id: what
 * is in the log counts once, what the log has no more counts on. */
static void
a_host_born_anew_counts_once(void)
{
	struct loop *l = begin();
	struct node a = {.label = "mx1"}, b = {.label = "mx2"};
	struct node c = {.label = "mx1"};

	if (!l)
		return;
	int64_t now = loop_now_us(l) / TIME_US;

	a.born = b.born = now - 86400;
	node_start(&a, l, A);
	node_start(&b, l, B);
	count_at(&a, "ann@example.com", 4, now - 1800);
	count_at(&a, "ann@example.com", 3, now - 600);
	run_until_complete(&a);
	count_at(&b, "ann@example.com", 1, now - 600);
	run_until_complete(&b);
	CHECK_INT(sum(&b, "ann@example.com"), 8);
	node_leave(&a);
	test_loop_run(l, 1200);
	c.born = loop_now_us(l) / TIME_US;
	CHECK(c.born > now);
	node_start(&c, l, "cccccccccccccccc");
	test_loop_run(l, 300);
	count_at(&c, "ann@example.com", 3, now - 600);
	count_at(&c, "ann@example.com", 2, now);
	run_until_complete(&c);
	test_loop_run(l, 300);
	CHECK_INT(sum(&c, "ann@example.com"), 4 + 1 + 3 + 2);
	count_at(&b, "ann@example.com", 1, now);
	run_until_complete(&b);
	CHECK_INT(sum(&b, "ann@example.com"), 4 + 2 + 3 + 2);
	node_free(&c);
	node_free(&b);
	finish(l);
}

/* Whoever posts last sees the whole sum, and is told. */
static void
sums_over_nodes(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	count(&a, "ann@example.com", 3);
	run_until_complete(&a);
	CHECK(board_is_alone(a.board));
	node_start(&b, l, B);
	test_loop_run(l, 300); /* heartbeats */
	CHECK_INT(board_alive(a.board), 2);
	CHECK_INT(board_alive(b.board), 2);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	CHECK(has_field(&a, "ann@example.com", A, 1));
	CHECK(has_field(&a, "ann@example.com", B, 1));
	CHECK_INT(sum(&b, "ann@example.com"), 8);
	CHECK(b.news > 0);
	/* B has it, so A needs not know; but it learns when it counts. */
	count(&a, "ann@example.com", 1);
	run_until_complete(&a);
	CHECK_INT(sum(&a, "ann@example.com"), 9);
	CHECK_INT(sum(&b, "ann@example.com"), 8);
	CHECK_INT(distinct(&a, "ann@example.com"), 1);
	/* Sums aren't posted as our own. */
	count(&b, "ann@example.com", 1);
	run_until_complete(&b);
	CHECK_INT(sum(&b, "ann@example.com"), 10);
	node_free(&a);
	node_free(&b);
	finish(l);
}

static void
reads_on_demand(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	node_start(&b, l, B);
	test_loop_run(l, 300);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	CHECK_INT(sum(&a, "ann@example.com"), 0);
	read_ann(&a, 50);
	CHECK(a.is_fresh);
	CHECK_INT(sum(&a, "ann@example.com"), 5);
	read_ann(&a, 50); /* replaced, not added */
	CHECK_INT(sum(&a, "ann@example.com"), 5);
	test_redis_freeze(true);
	read_ann(&a, 50);
	CHECK(!a.is_fresh);
	CHECK_INT(sum(&a, "ann@example.com"), 5);
	test_redis_kill();
	test_loop_run(l, 100);
	read_ann(&a, 50);
	CHECK(!a.is_fresh);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* Redis is slow: what is on its way isn't there. */
static void
admitted_is_posted_when_it_came(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	node_start(&b, l, B);
	test_loop_run(l, 300);
	struct subject *s =
	    ledger_get(a.ledger, SUBJECT_ACCOUNT, STR("ann@example.com"));

	CHECK(board_can_sync(a.board));
	test_redis_freeze(true);
	board_admitted(a.board, s, 5);
	CHECK_INT(board_unsent(a.board, s), 5);
	board_post_now(a.board, s);
	CHECK_INT(board_unsent(a.board, s), 0);
	board_admitted(a.board, s, 4);
	test_loop_run(l, 100);
	CHECK_INT(board_unposted(a.board, s), 9);
	test_redis_freeze(false);
	run_until_complete(&a);
	CHECK_INT(board_unposted(a.board, s), 0);
	CHECK_INT(board_unsent(a.board, s), 0);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* What was counted elsewhere is awaited before something is decided. */
static void
doubts(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	const struct str ann = STR("ann@example.com");

	if (!l)
		return;
	node_start(&a, l, A);
	run_until_complete(&a);
	CHECK(!board_doubt(a.board,
	    ledger_get(a.ledger, SUBJECT_ACCOUNT, STR("eve@example.com"))));
	node_start(&b, l, B);
	test_loop_run(l, 300);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	struct subject *s = ledger_get(a.ledger, SUBJECT_ACCOUNT, ann);

	a.news = 0;
	CHECK(board_doubt(a.board, s));
	CHECK(board_doubt(a.board, s));
	CHECK_INT(a.news, 0);
	test_loop_run(l, 60);
	CHECK(a.news > 0);
	CHECK_INT(sum(&a, "ann@example.com"), 5);
	CHECK(!board_doubt(a.board, s));
	/* The clock was put back since: that isn't new for an hour. */
	others_set_read_at(s, loop_now_us(l) / TIME_US + 3600);
	CHECK(board_doubt(a.board, s));
	test_loop_run(l, 60);
	CHECK(!board_doubt(a.board, s));
	s = ledger_get(a.ledger, SUBJECT_ACCOUNT, STR("ben@example.com"));
	a.news = 0;
	test_redis_freeze(true);
	CHECK(board_doubt(a.board, s));
	test_loop_run(l, 60);
	CHECK_INT(a.news, 1); /* the local view decides */
	CHECK(!board_doubt(a.board, s));
	test_redis_freeze(false);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* A restored copy of the board takes nothing back; a node whose state was
 * restored goes on above the versions that it had posted. */
static void
versions(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	char old[sizeof(b.text)];
	size_t n;

	if (!l)
		return;
	node_start(&a, l, A);
	node_start(&b, l, B);
	test_loop_run(l, 300);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	ask_page(&b, "HGET", "ann@example.com", B, 1, STR(""));
	n = b.text_n;
	memcpy(old, b.text, n);
	count(&b, "ann@example.com", 2);
	run_until_complete(&b);
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 7);
	ask_page(&a, "HSET", "ann@example.com", B, 1, str_make(old, n));
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 7);
	node_leave(&b);
	node_start(&b, l, B); /* "starts" is 7 again */
	count(&b, "ann@example.com", 1);
	run_until_complete(&b);
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 1);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* A node that is gone: its pages count for as long as counts do. */
static void
gone_nodes(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	char value[64], json[100];
	struct text v, j;
	int64_t now;

	if (!l)
		return;
	node_start(&b, l, B);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	node_leave(&b);
	test_loop_run(l, 700);
	node_start(&a, l, A);
	count(&a, "ann@example.com", 1);
	run_until_complete(&a);
	test_loop_run(l, 700);
	CHECK_INT(board_alive(a.board), 1);
	CHECK_INT(sum(&a, "ann@example.com"), 6);
	now = loop_now_us(l) / TIME_US;
	text_init(&v, value, sizeof(value));
	text_char(&v, 1);
	pack_u64(&v, 1);
	pack_u64(&v, 1);
	pack_u64(&v, (uint64_t)now - 40 * 86400);
	text_bytes(&v, "\0\0\1\1\1\0", 6);
	text_init(&j, json, sizeof(json));
	text_printf(&j, "{\"at\":%lld}", (long long)now - 40 * 86400);
	const struct str page[] = {STR("HSET"),
	    STR(KEYS_COUNTS "a:ann@example.com"), STR("cccccccccccccccc"),
	    text_view(&v), STR("cccccccccccccccc:s"), text_view(&v)};
	const struct str node[] = {STR("HSET"), STR(KEYS_NODES),
	    STR("cccccccccccccccc"), text_view(&j)};

	redis_ask(a.writer, page, 6, NULL, NULL);
	redis_ask(a.writer, node, 4, NULL, NULL);
	test_loop_run(l, 300);
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 6);
	CHECK_INT(ask(&a, "HLEN", KEYS_NODES, ""), 3);
	text_clear(&j);
	text_printf(&j, "{\"at\":%lld}", (long long)now - 80 * 86400);
	redis_ask(a.writer,
	    (struct str[]){node[0], node[1], node[2], text_view(&j)}, 4, NULL,
	    NULL);
	test_loop_run(l, 300);
	CHECK_INT(ask(&a, "HLEN", KEYS_NODES, ""), 2);
	node_free(&a);
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
	run_until_complete(&a);
	static const char *const fields[] = {"", ":", ":s", "x", B, B ":s",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static const char *const nodes[] = {"", ":", ":copy", B, B ":x",
	    "BBBBBBBBBBBBBBBB", "bbbbbbbbbbbbbbb\n", A ":copy"};

	char json[100];

	snprintf(json, sizeof(json), "{\"at\":%lld,\"label\":[],\"starts\":-1}",
	    (long long)(loop_now_us(l) / TIME_US - 3600));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		const struct str argv[] = {STR("HSET"), STR(KEYS_NODES),
		    str_from(nodes[i]),
		    str_from(i % 2 ? json : "{\"at\":\"never\"")};

		redis_ask(a.writer, argv, 4, NULL, NULL);
	}
	test_loop_run(l, 300);
	CHECK(!board_is_alone(a.board));
	CHECK_INT(board_alive(a.board), 1);

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct str rubbish =
		    STR("\x07\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
		const struct str argv[] = {STR("HSET"),
		    STR(KEYS_COUNTS "a:ann@example.com"), str_from(fields[i]),
		    rubbish};

		redis_ask(a.writer, argv, 4, NULL, NULL);
		ask_page(&a, "HSET", "ann@example.com", B, 1 + (int)i % 2,
		    str_head(rubbish, rubbish.n - i));
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
	run_until_complete(&a);
	node_start(&b, l, A);
	count(&b, "ann@example.com", 1);
	test_loop_run(l, 400);
	CHECK_INT(b.duplicates, 0);
	test_loop_run(l, 800);
	CHECK_INT(b.duplicates, 1);
	CHECK_INT(a.duplicates, 0);
	CHECK(!is_complete(&b));
	read_ann(&a, 50);
	CHECK_INT(sum(&a, "ann@example.com"), 3);
	node_free(&a); /* dies: its key goes by itself */
	test_loop_run(l, 1000);
	CHECK_INT(b.duplicates, 1);
	CHECK(is_complete(&b));
	count(&b, "ben@example.com", 1);
	board_leave(b.board, 1000, on_left, &b);
	CHECK_INT(b.lefts, 0);
	test_loop_run(l, 200);
	CHECK_INT(b.lefts, 1);
	CHECK_INT(ask(&b, "EXISTS", KEYS_NODE A, ""), 0);
	CHECK(has_field(&b, "ben@example.com", A, 1));
	node_start(&c, l, A); /* needs not wait */
	count(&c, "ann@example.com", 1);
	run_until_complete(&c);
	node_free(&b);
	node_free(&c);
	finish(l);
}

/* Killed and started again in its place: it needs not wait; elsewhere it does.
 */
static void
takes_over(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0}, c = {0};

	if (!l)
		return;
	node_start_at(&a, l, A, "0123");
	run_until_complete(&a);
	node_free(&a);
	node_start_at(&b, l, A, "0123");
	test_loop_run(l, 150);
	CHECK(is_complete(&b));
	node_start_at(&c, l, A, "01234");
	test_loop_run(l, 400);
	CHECK(!is_complete(&c));
	CHECK(is_complete(&b));
	node_free(&b);
	node_free(&c);
	finish(l);
}

TESTS(TEST(a_host_born_anew_counts_once), TEST(posts_what_changed),
    TEST(sums_over_nodes), TEST(reads_on_demand), TEST(doubts),
    TEST(admitted_is_posted_when_it_came), TEST(versions), TEST(gone_nodes),
    TEST(reads_rubbish), TEST(notices_another), TEST(takes_over))
