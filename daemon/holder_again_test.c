/* holder_again_test - stopped again while what was held is let go: whatever
 * came of the order, it is held again; so is what was killed half way
 */
#include "daemon/holder_bed.h"
#include "ledger/books.h"

static struct holder *
make_held(const char *id)
{
	struct holder *h = make(10);

	stop(h, "a@x", 500);
	offer(h, "a@x", id);
	CHECK_INT(next(h, 10, QUEUE_VERB_HOLD), 1);
	answer(h, QUEUE_HELD, 10);
	return h;
}

/* It is in the queue, and is asked for. */
static void
check_held_again(struct holder *h, const char *id, int64_t now)
{
	CHECK_INT(holder_held(h), 0);
	offer(h, "a@x", id);
	CHECK_INT(next(h, now, QUEUE_VERB_HOLD), 1);
}

/* The answer comes when the account is stopped again. */
static void
while_it_is_released(void)
{
	struct holder *h = make_held("C3CD21F3E90");

	stop(h, NULL, 0);
	CHECK_INT(release(h, "a@x"), 1);
	CHECK_INT(next(h, 11, QUEUE_VERB_RELEASE), 1);
	stop(h, "a@x", 6000);
	answer(h, QUEUE_RELEASED, 12);
	check_held_again(h, "C3CD21F3E90", 12);
	holder_free(&h);
}

/* It was let go, but outpost-queue was killed before it could answer. */
static void
without_an_answer(void)
{
	struct holder *h = make_held("C3CD21F3E90");

	stop(h, NULL, 0);
	CHECK_INT(release(h, "a@x"), 1);
	CHECK_INT(next(h, 11, QUEUE_VERB_RELEASE), 1);
	stop(h, "a@x", 6000);
	holder_end(h, 12, true);
	CHECK(holder_next(h, 80, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_end(h, 80, false);
	check_held_again(h, "C3CD21F3E90", 80);
	holder_free(&h);
}

/* So was outpostd; the books know of the order, and by now of the sanction. */
static void
known_by_the_books(void)
{
	struct holder *h = make(10), *again = make(10);
	struct books_part part = holder_part(h), copy = holder_part(again);
	struct text t;

	text_grow(&t, 1 << 20);
	stop(h, "a@x", 500);
	offer(h, "a@x", "C3CD21F3E90");
	CHECK_INT(next(h, 10, QUEUE_VERB_HOLD), 1);
	answer(h, QUEUE_HELD, 10);
	stop(h, NULL, 0);
	CHECK_INT(release(h, "a@x"), 1);
	part.save(part.ctx, &t);
	CHECK(copy.replay(copy.ctx, text_view(&t)));
	CHECK_INT(holder_held(again), 1);
	stop(again, "a@x", 6000);
	CHECK(holder_next(again, 80, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_end(again, 80, false);
	check_held_again(again, "C3CD21F3E90", 80);
	text_done(&t);
	holder_free(&h);
	holder_free(&again);
}

/* That it was lifted between was over before anybody looked. */
static void
before_anybody_looked(void)
{
	struct holder *h = make_held("C3CD21F3E90");

	CHECK_INT(release(h, "a@x"), 1);
	stop(h, "a@x", 6000);
	CHECK_INT(next(h, 11, QUEUE_VERB_HOLD), 1);
	answer(h, QUEUE_HELD, 11);
	/* While it is released. */
	CHECK_INT(release(h, "a@x"), 1);
	CHECK_INT(next(h, 12, QUEUE_VERB_RELEASE), 1);
	stop(h, "a@x", 7000);
	answer(h, QUEUE_RELEASED, 12);
	check_held_again(h, "C3CD21F3E90", 12);
	holder_free(&h);
}

/* Its time was over, and it was to leave by itself. */
static void
after_its_end(void)
{
	struct holder *h = make_held("C3CD21F3E90");

	CHECK_INT(next(h, 499, QUEUE_VERB_HOLD), 0);
	stop(h, NULL, 0);
	CHECK_INT(next(h, 500, QUEUE_VERB_RELEASE), 1);
	holder_end(h, 500, true);
	stop(h, "a@x", 600);
	CHECK_INT(next(h, 503, QUEUE_VERB_HOLD), 1);
	answer(h, QUEUE_HELD, 503);
	/* The look that tells so comes when it is released already. */
	CHECK_INT(next(h, 600, QUEUE_VERB_RELEASE), 1);
	stop(h, "a@x", 700);
	answer(h, QUEUE_RELEASED, 601);
	check_held_again(h, "C3CD21F3E90", 601);
	holder_free(&h);
}

/* Lifted before it was held again: it stays, as long as outpost-queue knows. */
static void
lifted_without_an_order(void)
{
	struct holder *h = make_held("C3CD21F3E90");
	const struct queue_message m = {.instance = STR("postfix"),
	    .id = STR("C3CD21F3E90"),
	    .account = STR("a@x"),
	    .sender = STR("a@x"),
	    .result = QUEUE_HELD,
	    .from = 9,
	    .to = 9,
	    .due = 500};

	stop(h, NULL, 0);
	CHECK_INT(release(h, "a@x"), 1);
	stop(h, "a@x", 6000);
	stop(h, NULL, 0);
	CHECK(holder_next(h, 12, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_take(h, &m);
	holder_end(h, 12, false);
	CHECK_INT(holder_held(h), 1);
	CHECK_INT(next(h, 499, QUEUE_VERB_RELEASE), 0);
	CHECK_INT(next(h, 500, QUEUE_VERB_RELEASE), 1);
	holder_free(&h);
}

/* Both were killed when outpost-queue had noted it, and perhaps no more. */
static void
not_known_to_be_on_hold(void)
{
	struct queue_message m = {.instance = STR("postfix"),
	    .id = STR("C3CD21F3E90"),
	    .account = STR("a@x"),
	    .sender = STR("a@x"),
	    .result = QUEUE_ASK,
	    .from = 9,
	    .to = 9,
	    .due = 500};
	struct holder *h = make(10);

	stop(h, "a@x", 500);
	CHECK(holder_next(h, 80, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_take(h, &m);
	holder_end(h, 80, false);
	CHECK_INT(next(h, 80, QUEUE_VERB_HOLD), 1);
	CHECK_INT(q.messages[0].due, 500);
	answer(h, QUEUE_HELD, 80);
	CHECK_INT(next(h, 81, QUEUE_VERB_HOLD), 0);
	/* What is known to be on hold is left as it is. */
	CHECK(holder_next(h, 150, &q));
	m.result = QUEUE_HELD;
	holder_take(h, &m);
	holder_end(h, 150, false);
	CHECK_INT(next(h, 150, QUEUE_VERB_HOLD), 0);
	stop(h, NULL, 0);
	CHECK_INT(next(h, 500, QUEUE_VERB_RELEASE), 1);
	holder_free(&h);
}

TESTS(TEST(while_it_is_released), TEST(without_an_answer),
    TEST(known_by_the_books), TEST(before_anybody_looked), TEST(after_its_end),
    TEST(lifted_without_an_order), TEST(not_known_to_be_on_hold))
