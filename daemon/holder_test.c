/* holder_test - what is asked of outpost-queue, and what follows from answers
 */
#include "daemon/holder_state.h"

#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"
#include "ledger/books.h"

static struct queue_request q;
static size_t told, kept;

static struct ip_net front_end[1];
static const struct ip_nets front_ends = {front_end, 1};

static void
on_full(void *ctx, struct str account, size_t n)
{
	(void)ctx;
	(void)account;
	told += n;
}

static void
on_kept(void *ctx, struct str account, size_t n)
{
	(void)ctx;
	(void)account;
	kept += n;
}

static struct holder *
make(int64_t messages_max)
{
	const struct holder_options o = {.messages_max = messages_max,
	    .bytes_max = 1 << 20,
	    .lease = 1000,
	    .keep = 200,
	    .front_ends = &front_ends,
	    .on_full = on_full,
	    .on_kept = on_kept};
	struct holder *h = holder_new(&o);

	told = kept = 0;
	/* Its list is empty. */
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_end(h, 10, false);
	return h;
}

static void
stop_for(struct holder *h, const char *account, int64_t until,
    const char *cause, const char *event)
{
	holder_stop_begin(h);
	if (account)
		holder_stop(h, &(struct holder_stop){str_from(account), until,
				   cause, str_from(event)});
	holder_stop_end(h);
}

static void
stop(struct holder *h, const char *account, int64_t until)
{
	stop_for(h, account, until, "", "");
}

static size_t
release(struct holder *h, const char *account)
{
	const struct holder_order o = {.scope = {.account = str_from(account)},
	    .release = {.is_given = true}};
	struct holder_sum sum;

	holder_order(h, &o, &sum);
	return sum.released.n;
}

static void
offer(struct holder *h, const char *account, const char *id)
{
	const struct chains_queued c = {.account = str_from(account),
	    .sender = str_from(account),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .active_at = 9};

	holder_offer(h, &c, 10);
}

/* outpost-queue says so of all that it was asked. */
static void
answer(struct holder *h, enum queue_result r, int64_t now)
{
	struct queue_request *asked = xalloc(1, sizeof(*asked));
	struct error err;
	struct text t;

	text_grow(&t, QUEUE_REQUEST_MAX);
	queue_request_print(&q, &t);
	CHECK(queue_request_parse(text_view(&t), asked, &err));
	for (size_t i = 0; i < q.n; i++) {
		struct queue_message m = asked->messages[i];

		m.result = r;
		m.from = m.to = 9;
		m.size_bytes = 100;
		holder_take(h, &m);
	}
	holder_end(h, now, false);
	text_done(&t);
	free(asked);
}

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

static const char evidence[] =
    "{\"evidence\":{\"began\":\"1970-01-01T00:00:40Z\","
    "\"known\":[\"192.0.2.0/24\"]}}";

static void
offer_as(struct holder *h, const char *id, const char *client, int64_t at,
    const char *sender)
{
	struct chains_queued c = {.account = STR("a@x"),
	    .sender = str_from(sender),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .active_at = at,
	    .accepted_at = at};

	if (client)
		CHECK(ip_parse(str_from(client), &c.client));
	holder_offer(h, &c, 50);
}

static void
offer_from(struct holder *h, const char *id, const char *client, int64_t at)
{
	offer_as(h, id, client, at, "a@x");
}

/* Only what left a known network before the evidence began leaves at the end;
 * the rest has so much longer. */
static void
clean_or_not(void)
{
	static const struct {
		const char *id, *client;
		int64_t at;
		enum queue_origin origin;
	} cases[] = {
	    {"C3CD21F3E90", "192.0.2.9", 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E91", "192.0.2.9", 40, QUEUE_ORIGIN_LATE},
	    {"C3CD21F3E92", "198.51.100.1", 39, QUEUE_ORIGIN_NEW},
	    {"C3CD21F3E93", "198.51.100.1", 45, QUEUE_ORIGIN_NEW},
	    /* They tell nothing of the place. */
	    {"C3CD21F3E94", NULL, 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E95", NULL, 45, QUEUE_ORIGIN_LATE},
	    {"C3CD21F3E96", "203.0.113.5", 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E97", "203.0.113.5", 45, QUEUE_ORIGIN_LATE},
	};
	enum { N = sizeof(cases) / sizeof(cases[0]) };
	struct holder *h = make(10);

	CHECK(ip_net_parse(STR("203.0.113.0/24"), &front_end[0]));
	stop_for(h, "a@x", 60, "c1", evidence);
	for (size_t i = 0; i < N; i++)
		offer_from(h, cases[i].id, cases[i].client, cases[i].at);
	CHECK(holder_next(h, 50, &q));
	CHECK_INT(q.n, N);
	for (size_t i = 0; i < N; i++) {
		const struct queue_message *m = &q.messages[i];
		size_t k = (size_t)(m->id.p[m->id.n - 1] - '0');

		CHECK_INT(m->origin, cases[k].origin);
		CHECK_INT(
		    m->due, cases[k].origin == QUEUE_ORIGIN_CLEAN ? 60 : 2060);
	}
	answer(h, QUEUE_HELD, 50);
	/* Nothing is to be renewed; another sanction's end is. */
	CHECK(!holder_next(h, 51, &q));
	stop_for(h, "a@x", 65, "c2", "");
	CHECK(holder_next(h, 51, &q));
	CHECK_INT(q.n, N);
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	answer(h, QUEUE_HELD, 51);
	stop(h, NULL, 0);
	CHECK(holder_next(h, 65, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	CHECK_INT(q.n, 3);
	holder_free(&h);
}

static size_t
next(struct holder *h, int64_t now, enum queue_verb verb)
{
	while (holder_next(h, now, &q) && q.verb == QUEUE_VERB_LIST) {
		h->is_asked = h->is_listing = false;
		h->listed_at = now;
	}
	CHECK(q.n == 0 || q.verb == verb);
	return q.n;
}

/* Nobody decided: what can go back does, the rest stays, and that is told. */
static void
undecided(void)
{
	enum { ACT = 260 };
	struct holder *h = make(10);

	stop_for(h, "a@x", 60, "c1", evidence);
	offer_from(h, "C3CD21F3E91", "192.0.2.9", 45);
	offer_as(h, "C3CD21F3E92", "198.51.100.1", 45, "victim@y");
	CHECK_INT(next(h, 50, QUEUE_VERB_HOLD), 2);
	answer(h, QUEUE_HELD, 50);
	stop(h, NULL, 0);
	CHECK_INT(next(h, ACT - 1, QUEUE_VERB_LIST), 0);
	CHECK_INT(next(h, ACT, QUEUE_VERB_RETURN), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E91"));
	CHECK(q.reason.n > 0);
	answer(h, QUEUE_RETURNED, ACT);
	CHECK_INT(next(h, ACT, QUEUE_VERB_HOLD), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E92"));
	CHECK_INT(q.messages[0].due, ACT + 1000 + 1800);
	CHECK_INT(kept, 1);
	answer(h, QUEUE_HELD, ACT);
	CHECK_INT(next(h, ACT + 999, QUEUE_VERB_HOLD), 0);
	CHECK_INT(next(h, ACT + 1000, QUEUE_VERB_HOLD), 1);
	holder_free(&h);
}

/* Some leave, the rest goes back, but not to strangers. */
static void
ordered_apart(void)
{
	struct holder_order o = {
	    .scope = {.account = STR("A@x")}, .is_rest_return = true, .at = 50};
	struct holder *h = make(10);
	struct holder_sum sum;
	struct error err;

	stop_for(h, "a@x", 60, "c1", evidence);
	offer_from(h, "C3CD21F3E91", "192.0.2.9", 39);
	offer_from(h, "C3CD21F3E92", "198.51.100.1", 45);
	offer_as(h, "C3CD21F3E93", "198.51.100.1", 45, "victim@y");
	CHECK_INT(next(h, 50, QUEUE_VERB_HOLD), 3);
	answer(h, QUEUE_HELD, 50);
	stop(h, NULL, 0);
	CHECK_INT(
	    held_select_parse(STR("from 192.0.2.0/24"), 50, &o.release, &err),
	    0);
	holder_foresee(h, &o, &sum);
	CHECK_INT(sum.released.n, 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_LIST), 0);
	holder_order(h, &o, &sum);
	CHECK_INT(sum.released.n, 1);
	CHECK_INT(sum.returned.n, 1);
	CHECK_INT(sum.kept.n, 1);
	CHECK_INT(sum.n_forged, 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_RELEASE), 1);
	answer(h, QUEUE_RELEASED, 50);
	CHECK_INT(next(h, 50, QUEUE_VERB_RETURN), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E92"));
	answer(h, QUEUE_RETURNED, 50);
	CHECK_INT(holder_held(h), 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_LIST), 0);
	/* Again: about nothing that is left. */
	o.at = 5;
	holder_foresee(h, &o, &sum);
	CHECK_INT(sum.kept.n, 0);
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
    TEST(an_order_to_release), TEST(let_go_by_others), TEST(order_taken_back),
    TEST(clean_or_not), TEST(undecided), TEST(ordered_apart),
    TEST(in_the_books))
