/* board_test - two nodes' pages on one Redis that comes, goes and forgets */
#include "ledger/board.h"

#include "base/loop.h"
#include "base/test.h"
#include "base/test_redis.h"

enum { T0 = 1700000000 };

struct node {
	struct ledger *ledger;
	struct redis *redis;
	struct board *board;
	int answers, fresh;
};

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct node *n = ctx;

	(void)is_up;
	(void)reason;
	if (n->board)
		board_on_state(n->board);
}

static void
on_duplicate(void *ctx)
{
	(void)ctx;
}

static void
on_read(void *ctx, bool is_fresh)
{
	struct node *n = ctx;

	n->answers++;
	n->fresh += is_fresh;
}

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

static void
run_for(struct loop *l, int ms)
{
	struct loop_timer *t = loop_timer_new(l, on_stop, l);

	loop_timer_in(t, ms * 1000LL);
	loop_run(l);
	loop_timer_free(&t);
}

static void
node_start(struct node *n, struct loop *l, const char *name)
{
	static const struct ledger_options lo = {.max_subjects = 1000};
	const struct redis_options ro = {test_redis_uri(), 500, 1000, 1000};
	const struct board_options bo = {str_from(name), 1, 100};
	const struct board_hooks hooks = {on_duplicate, n};
	struct error err;

	*n = (struct node){.ledger = ledger_new(&lo)};
	n->redis = redis_new(l, &ro, on_state, n, &err);
	n->board = board_new(l, &bo, &hooks, n->ledger, n->redis);
}

static void
node_end(struct node *n)
{
	redis_free(&n->redis);
	board_free(&n->board);
	ledger_free(&n->ledger);
}

static void
count(struct node *n, const char *account, int64_t at)
{
	struct ledger_touched t;
	struct fact f = {
	    .kind = FACT_RECIPIENT,
	    .is_outward = true,
	    .at = at,
	    .account = str_from(account),
	    .recipient = STR("bob@example.net"),
	    .n = 1,
	};

	ledger_add(n->ledger, &f, &t);
}

static uint64_t
sum(struct node *n, const char *account)
{
	struct subject *s =
	    ledger_find(n->ledger, SUBJECT_ACCOUNT, str_from(account));

	return s ? subject_sum(n->ledger, s, COUNT_RECIPIENTS, 3600) : 0;
}

static void
read_one(struct node *n, const char *account, int timeout_ms)
{
	int before = n->answers;

	board_read(n->board, SUBJECT_ACCOUNT, str_from(account), timeout_ms,
	    on_read, n);
	CHECK_INT(n->answers, before);
}

/* Until everything is posted, a second at most. */
static bool
post_all(struct node *n, struct loop *l)
{
	struct board_status st = {0};

	for (int i = 0; i < 100 && !st.is_complete; i++) {
		board_post(n->board);
		run_for(l, 10);
		board_status(n->board, &st);
	}
	return st.is_complete;
}

static bool
begin(struct loop **l, struct node *a, struct node *b)
{
	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return false;
	}
	*l = loop_new();
	node_start(a, *l, "aaaaaaaaaaaaaaaa");
	node_start(b, *l, "bbbbbbbbbbbbbbbb");
	run_for(*l, 300);
	return true;
}

static void
end(struct loop **l, struct node *a, struct node *b)
{
	node_end(a);
	node_end(b);
	test_redis_end();
	loop_free(l);
}

static void
nodes_add_up(void)
{
	struct loop *l;
	struct node a, b;

	if (!begin(&l, &a, &b))
		return;
	for (int i = 0; i < 5; i++)
		count(&a, "ann@example.com", T0 + i);
	count(&b, "ann@example.com", T0 + 9);
	CHECK(post_all(&a, l) && post_all(&b, l));
	read_one(&b, "ann@example.com", 500);
	run_for(l, 200);
	CHECK_INT(b.fresh, 1);
	CHECK_INT(sum(&b, "ann@example.com"), 6);
	/* Later pages replace earlier ones. */
	count(&a, "ann@example.com", T0 + 20);
	CHECK(post_all(&a, l));
	read_one(&b, "ann@example.com", 500);
	read_one(&b, "nobody@example.com", 500);
	run_for(l, 200);
	CHECK_INT(b.answers, 3);
	CHECK_INT(sum(&b, "ann@example.com"), 7);
	CHECK_INT(sum(&a, "ann@example.com"), 6);
	end(&l, &a, &b);
}

static void
fills_an_empty_redis(void)
{
	struct loop *l;
	struct node a, b;

	if (!begin(&l, &a, &b))
		return;
	count(&a, "ann@example.com", T0);
	CHECK(post_all(&a, l));
	test_redis_kill();
	run_for(l, 200);
	count(&a, "ben@example.com", T0);
	board_post(a.board); /* nowhere to go */
	read_one(&b, "ann@example.com", 100);
	run_for(l, 300);
	CHECK_INT(b.answers, 1);
	CHECK_INT(b.fresh, 0);
	CHECK(test_redis_start());
	run_for(l, 2500);
	CHECK(post_all(&a, l));
	read_one(&b, "ann@example.com", 500);
	read_one(&b, "ben@example.com", 500);
	run_for(l, 300);
	CHECK_INT(b.fresh, 2);
	CHECK_INT(sum(&b, "ann@example.com"), 1);
	CHECK_INT(sum(&b, "ben@example.com"), 1);
	end(&l, &a, &b);
}

static void
one_process_per_node(void)
{
	struct loop *l;
	struct node a, b, twin;
	struct board_status st;

	if (!begin(&l, &a, &b))
		return;
	CHECK(post_all(&a, l));
	node_start(&twin, l, "aaaaaaaaaaaaaaaa");
	run_for(l, 300);
	count(&twin, "ann@example.com", T0);
	board_post(twin.board);
	run_for(l, 200);
	board_status(twin.board, &st);
	CHECK_INT(st.posted, 0);
	/* Who leaves in good order is followed at once. */
	board_leave(a.board);
	run_for(l, 100);
	board_on_state(twin.board);
	run_for(l, 200);
	CHECK(post_all(&twin, l));
	read_one(&b, "ann@example.com", 500);
	run_for(l, 200);
	CHECK_INT(sum(&b, "ann@example.com"), 1);
	node_end(&twin);
	end(&l, &a, &b);
}

TESTS(
    TEST(nodes_add_up), TEST(fills_an_empty_redis), TEST(one_process_per_node))
