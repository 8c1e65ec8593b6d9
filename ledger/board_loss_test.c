/* board_loss_test - Redis hangs, dies, forgets, or is full: nothing is lost */
#include "ledger/board_bed.h"

/* FLUSHALL, with the connection standing; a Redis that hangs; one that dies
 * and comes back empty. */
static void
loses_nothing(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	fill(&a, 0, 1000);
	run_until_complete(&a);
	int64_t all = fields_of(&a, A);

	CHECK(all >= 1000);
	ask(&a, "FLUSHALL", "", "");
	test_loop_run(l, 300);
	run_until_complete(&a);
	CHECK_INT(fields_soon(&a, A, all), all);
	CHECK(ask_page(&a, "TTL", "user5@example.com", A, 0, STR("")) > 0);

	test_redis_freeze(true);
	fill(&a, 1000, 2000);
	test_loop_run(l, 1500);
	CHECK(!is_complete(&a));
	test_redis_freeze(false);
	test_loop_run(l, 1000);
	run_until_complete(&a);
	CHECK_INT(fields_soon(&a, A, all + 2000), all + 2000);

	test_redis_kill();
	test_loop_run(l, 100);
	fill(&a, 2000, 3000);
	test_loop_run(l, 200);
	CHECK(!is_complete(&a));
	CHECK(test_redis_start());
	test_loop_run(l, 1000);
	run_until_complete(&a);
	CHECK_INT(fields_soon(&a, A, all + 4000), all + 4000);
	node_free(&a);
	finish(l);
}

static void
configure(struct node *n, const char *name, const char *value)
{
	const struct str argv[] = {
	    STR("CONFIG"), STR("SET"), str_from(name), str_from(value)};

	int ms = 0;

	while (!redis_is_up(n->writer) && test_loop_wait(n->l, &ms))
		;
	n->is_answered = false;
	redis_ask(n->writer, argv, 4, on_answer, n);
	while (!n->is_answered && test_loop_wait(n->l, &ms))
		;
	CHECK(n->is_answered);
}

/* What Redis refuses is told, sooner or later. */
static void
run_until_refused(struct node *n)
{
	struct board_status s;
	int ms = 0;

	board_status(n->board, &s);
	while (*s.refusal == '\0' && test_loop_wait(n->l, &ms))
		board_status(n->board, &s);
	CHECK(str_starts(str_from(s.refusal), STR("OOM")));
}

/* Redis that is full: said, and not asked again and again. */
static void
stands_refusals(void)
{
	struct loop *l = begin();
	struct node a = {0};
	struct board_status s;

	if (!l)
		return;
	node_start(&a, l, A);
	fill(&a, 0, 10);
	run_until_complete(&a);
	configure(&a, "maxmemory", "1");
	fill(&a, 10, 1000);
	run_until_refused(&a);
	board_status(a.board, &s);
	CHECK(!s.is_complete);
	configure(&a, "maxmemory", "0");
	run_until_complete(&a);
	board_status(a.board, &s);
	CHECK_STR(str_from(s.refusal), STR(""));
	CHECK_INT(a.duplicates, 0);
	CHECK(has_field(&a, "user999@example.com", A, 1));
	CHECK(ask_page(&a, "TTL", "user999@example.com", A, 0, STR("")) > 0);
	CHECK(seq_of(&a, "user999@example.com") < 10000);
	node_free(&a);
	finish(l);
}

/* ... already when we come. */
static void
stands_refusals_at_once(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	struct board_status s;

	if (!l)
		return;
	node_start(&b, l, B);
	configure(&b, "maxmemory", "1");
	node_start(&a, l, A);
	fill(&a, 0, 10);
	run_until_refused(&a);
	configure(&b, "maxmemory", "0");
	run_until_complete(&a);
	board_status(a.board, &s);
	CHECK_STR(str_from(s.refusal), STR(""));
	node_free(&a);
	node_free(&b);
	finish(l);
}

static void
leaves_a_dead_redis(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	int ms = 0;

	if (!l)
		return;
	node_start(&a, l, A);
	node_start(&b, l, B);
	count(&a, "ann@example.com", 3);
	run_until_complete(&a);
	test_redis_freeze(true);
	count(&a, "ann@example.com", 3);
	board_leave(a.board, 300, on_left, &a);
	while (a.lefts == 0 && test_loop_wait(l, &ms))
		;
	CHECK_INT(a.lefts, 1);
	test_redis_kill();
	test_loop_run(l, 100);
	board_leave(b.board, 300, on_left, &b);
	CHECK_INT(b.lefts, 0);
	while (b.lefts == 0 && test_loop_wait(l, &ms))
		;
	CHECK_INT(b.lefts, 1);
	node_free(&a);
	node_free(&b);
	finish(l);
}

TESTS(TEST(loses_nothing), TEST(stands_refusals), TEST(stands_refusals_at_once),
    TEST(leaves_a_dead_redis))
