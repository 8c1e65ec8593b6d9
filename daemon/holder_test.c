/* holder_test - what is asked of outpost-queue, and what follows from answers
 */
#include "daemon/holder_bed.h"
#include "ledger/books.h"

static void
hold_and_release(void)
{
	struct holder *h = make(10);

	offer(h, "a@x", "C3CD21F3E90");
	CHECK(!holder_next(h, 10, &q));
	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	offer(h, "a@x", "C3CD21F3E90");
	offer(h, "b@x", "C3CD21F3E91");
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	CHECK_INT(q.n, 1);
	CHECK_INT(q.messages[0].to, 10);
	CHECK_INT(q.messages[0].due, 50);
	answer(h, QUEUE_HELD, 10);
	CHECK_INT(holder_held(h), 1);
	CHECK(!holder_next(h, 49, &q));
	/* The end of the hold. */
	stop(h, NULL, 0);
	CHECK(!holder_next(h, 49, &q));
	CHECK(holder_next(h, 50, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	answer(h, QUEUE_FAILED, 50);
	CHECK(holder_next(h, 50, &q));
	answer(h, QUEUE_RELEASED, 50);
	CHECK_INT(holder_held(h), 0);
	CHECK(!holder_next(h, 50, &q));
	holder_free(&h);
}

static void
left_alone(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 500);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_FOREIGN, 10);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(!holder_next(h, 11, &q));
	CHECK_INT(holder_held(h), 0);
	holder_free(&h);
}

static void
bounded(void)
{
	struct holder *h = make(2);

	stop(h, "a@x", 500);
	offer(h, "a@x", "C3CD21F3E90");
	offer(h, "a@x", "C3CD21F3E91");
	offer(h, "a@x", "C3CD21F3E92");
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.n, 2);
	answer(h, QUEUE_HELD, 10);
	offer(h, "a@x", "C3CD21F3E92");
	CHECK(!holder_next(h, 10, &q));
	CHECK_INT(told, 2);
	CHECK_INT(holder_held(h), 2);
	holder_free(&h);
}

/* Longer, shorter, for ever. */
static void
due_times(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_HELD, 10);
	stop(h, "a@x", 70);
	CHECK(holder_next(h, 20, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	CHECK_INT(q.messages[0].due, 70);
	answer(h, QUEUE_HELD, 20);
	stop(h, "a@x", TIME_NEVER);
	CHECK(holder_next(h, 20, &q));
	CHECK_INT(q.messages[0].due, 1020);
	answer(h, QUEUE_HELD, 20);
	CHECK(holder_next(h, 500, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	answer(h, QUEUE_HELD, 500);
	holder_free(&h);
}

static void
an_order_to_release(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_HELD, 10);
	stop(h, NULL, 0);
	CHECK_INT(release(h, "b@x"), 0);
	CHECK_INT(release(h, "a@x"), 1);
	CHECK(holder_next(h, 11, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	holder_free(&h);
}

/* An operator let it go: it isn't held again before the account is stopped
 * anew. */
static void
let_go_by_others(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 5000);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_HELD, 10);
	CHECK(holder_next(h, 200, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_end(h, 200, false);
	CHECK_INT(holder_held(h), 0);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(!holder_next(h, 201, &q));
	CHECK(holder_next(h, 300, &q) && q.verb == QUEUE_VERB_LIST);
	holder_end(h, 300, false);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(!holder_next(h, 301, &q));
	stop(h, NULL, 0);
	stop(h, "a@x", 6000);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 302, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	holder_free(&h);
}

/* Stopped again before the order to release was carried out. */
static void
order_taken_back(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_HELD, 10);
	stop(h, NULL, 0);
	CHECK_INT(release(h, "a@x"), 1);
	stop(h, "a@x", 60);
	CHECK(holder_next(h, 11, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	CHECK_INT(q.messages[0].due, 60);
	answer(h, QUEUE_HELD, 11);
	CHECK(!holder_next(h, 12, &q));
	holder_free(&h);
}

/* Before it is put on hold it isn't put there; while it is, it leaves again. */
static void
lifted_meanwhile(void)
{
	struct holder *h = make(10);

	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	stop(h, NULL, 0);
	CHECK(!holder_next(h, 10, &q));
	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	stop(h, NULL, 0);
	answer(h, QUEUE_HELD, 10);
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	answer(h, QUEUE_RELEASED, 10);
	CHECK_INT(holder_held(h), 0);
	CHECK_INT(holder_waiting(h), 0);
	holder_free(&h);
}

/* What changed is saved; replayed elsewhere it is the same. */
static void
in_the_books(void)
{
	struct holder *h = make(10), *again = make(10);
	struct books_part part = holder_part(h), copy = holder_part(again);
	struct text t;

	text_grow(&t, 1 << 20);
	stop(h, "a@x", 50);
	offer(h, "a@x", "C3CD21F3E90");
	offer(h, "a@x", "C3CD21F3E91");
	CHECK(holder_next(h, 10, &q));
	answer(h, QUEUE_HELD, 10);
	part.save(part.ctx, &t);
	CHECK(copy.replay(copy.ctx, text_view(&t)));
	CHECK_INT(holder_held(again), 2);
	text_clear(&t);
	part.save(part.ctx, &t);
	CHECK_INT(t.n, 0);
	stop(h, NULL, 0);
	CHECK(holder_next(h, 50, &q));
	q.n = 1;
	answer(h, QUEUE_RELEASED, 50);
	part.save(part.ctx, &t);
	CHECK(copy.replay(copy.ctx, text_view(&t)));
	CHECK_INT(holder_held(again), 1);
	CHECK(!copy.replay(copy.ctx, STR("+what\n")));
	text_done(&t);
	holder_free(&h);
	holder_free(&again);
}

TESTS(TEST(hold_and_release), TEST(left_alone), TEST(bounded), TEST(due_times),
    TEST(an_order_to_release), TEST(lifted_meanwhile), TEST(let_go_by_others),
    TEST(order_taken_back), TEST(in_the_books))
