/* courier_test - events reach a target once, or again until they do */
#include "ledger/courier.h"

#include <stdio.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"
#include "base/time.h"
#include "ledger/keys.h"

enum { OUT = 64 };

struct node {
	struct loop *l;
	struct courier *courier;
	struct redis *writer, *reader;
	int sends, given_up;
	int refuse;   /* how many times */
	bool is_held; /* keeps its deliveries in `out` */
	bool wants_none, is_refusing;
	uint64_t fails_below; /* events with such a seq always fail */
	uint64_t last;	      /* seq of the last one sent */
	struct courier_delivery *out[OUT];
	size_t n_out;
};

static bool
on_send(void *ctx, const struct event *e, struct courier_delivery *d)
{
	struct node *n = ctx;

	n->sends++;
	n->last = e->seq;
	if (n->wants_none)
		return false;
	if (n->is_held)
		n->out[n->n_out++] = d;
	else if (n->is_refusing)
		courier_done(d, COURIER_REFUSED);
	else if (e->seq < n->fails_below || n->refuse-- > 0)
		courier_done(d, COURIER_FAILED);
	else
		courier_done(d, COURIER_TAKEN);
	return true;
}

static void
on_given_up(void *ctx, const struct event *e)
{
	struct node *n = ctx;

	(void)e;
	n->given_up++;
}

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct node *n = ctx;

	(void)is_up;
	(void)reason;
	if (n->courier)
		courier_on_state(n->courier);
}

static void
node_courier(struct node *n, const char *name, int64_t give_up)
{
	const struct redis_options o = {test_redis_uri(), 500, 1000, 1000};
	const struct courier_options c = {
	    .target = "desk",
	    .node = str_from(name),
	    .first_retry = 1,
	    .max_retry = 4,
	    .give_up = give_up,
	    .give_up_refused = 2,
	    .attempt = 10,
	    .at_once = 4,
	};
	const struct courier_hooks hooks = {
	    .on_send = on_send, .on_given_up = on_given_up, .ctx = n};

	n->reader = redis_new(n->l, &o, on_state, n, NULL);
	n->courier = courier_new(n->l, &c, &hooks, n->writer, n->reader);
}

static void
node_start(struct node *n, struct loop *l, const char *name, int64_t give_up)
{
	const struct redis_options o = {test_redis_uri(), 500, 1000, 1000};
	struct error err;

	n->l = l;
	n->writer = redis_new(l, &o, on_state, n, &err);
	node_courier(n, name, give_up);
	test_loop_run(l, 300);
}

static void
node_drop(struct node *n)
{
	redis_free(&n->reader);
	courier_free(&n->courier);
}

static void
node_free(struct node *n)
{
	redis_free(&n->writer);
	redis_free(&n->reader);
	courier_free(&n->courier);
	for (size_t i = 0; i < n->n_out; i++)
		courier_done(n->out[i], COURIER_TAKEN);
	n->n_out = 0;
}

static struct event
make_event(uint64_t seq, int64_t age)
{
	struct event e = {.type = EVENT_LIFT, .seq = seq};

	e.at_us = time_now_us() - age * TIME_US;
	snprintf(e.node, sizeof(e.node), "aaaaaaaaaaaaaaaa");
	snprintf(e.kind, sizeof(e.kind), "account");
	snprintf(
	    e.cause, sizeof(e.cause), "cause%llu", (unsigned long long)seq);
	return e;
}

static void
put(struct node *n, const struct event *e)
{
	struct text t;

	text_grow(&t, 65536);
	event_print(e, &t);
	const struct str argv[] = {
	    STR("XADD"), STR(KEYS_EVENTS), STR("*"), STR("e"), text_view(&t)};

	redis_ask(n->writer, argv, 5, NULL, NULL);
	text_done(&t);
}

static void
put_event(struct node *n, uint64_t seq, int64_t age)
{
	struct event e = make_event(seq, age);

	put(n, &e);
	test_loop_run(n->l, 300);
}

static void
put_again(struct node *n, uint64_t seq, int64_t age)
{
	struct event e = make_event(seq, age);

	e.is_again = true;
	put(n, &e);
	test_loop_run(n->l, 300);
}

static void
tell(struct node *n, const char *command, const char *arg)
{
	const struct str argv[] = {str_from(command), str_from(arg)};

	redis_ask(n->writer, argv, *arg ? 2 : 1, NULL, NULL);
}

static struct loop *
begin(void)
{
	if (test_redis_start())
		return loop_new();
	TEST_SKIP("no redis-server");
	return NULL;
}

static void
finish(struct loop *l)
{
	test_redis_end();
	loop_free(&l);
}

static size_t
waiting(const struct node *n)
{
	struct courier_status s;

	courier_status(n->courier, &s);
	return s.waiting;
}

static void
sends_once(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	node_start(&b, l, "bbbbbbbbbbbbbbbb", 3600);
	for (uint64_t i = 0; i < 6; i++)
		put_event(&a, i, 0);
	CHECK_INT(a.sends + b.sends, 6);
	put_event(&a, 3, 0); /* the same cause, from another node */
	CHECK_INT(a.sends + b.sends, 6);
	put_again(&a, 99, 3600); /* told long ago */
	CHECK_INT(a.sends + b.sends, 6);
	a.wants_none = b.wants_none = true;
	put_event(&a, 7, 0);
	CHECK_INT(a.sends + b.sends, 7);
	CHECK_INT(waiting(&a) + waiting(&b), 0);
	node_free(&a);
	node_free(&b);
	finish(l);
}

/* Two nodes that come to one verdict in the same moment. */
static void
sends_a_cause_once(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	node_start(&b, l, "bbbbbbbbbbbbbbbb", 3600);
	for (uint64_t i = 0; i < 100; i++) {
		struct event e = make_event(i, 0);

		put(&a, &e);
		put(&b, &e);
		put(&a, &e);
		if (i % 7 == 0)
			test_loop_run(l, 5);
	}
	test_loop_run(l, 3000);
	CHECK_INT(a.sends + b.sends, 100);
	CHECK_INT(waiting(&a) + waiting(&b), 0);
	node_free(&a);
	node_free(&b);
	finish(l);
}

static void
tries_again(void)
{
	struct loop *l = begin();
	struct node a = {.refuse = 1};
	struct courier_status s;

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, 1, 0);
	CHECK_INT(a.sends, 1);
	test_loop_run(l, 2500);
	CHECK_INT(a.sends, 2);
	courier_status(a.courier, &s);
	CHECK_INT(s.waiting, 0);
	CHECK_INT(s.sent, 1);
	put_event(&a, 2, 7200); /* nobody took it in time */
	CHECK_INT(a.given_up, 1);
	a.is_refusing = true;
	put_event(&a, 3, 0);
	test_loop_run(l, 5000);
	CHECK_INT(a.given_up, 2);
	CHECK_INT(waiting(&a), 0);
	node_free(&a);
	finish(l);
}

/* Events that the target never takes wait; new ones pass them. */
static void
passes_what_fails(void)
{
	struct loop *l = begin();
	struct node a = {.fails_below = 301};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	for (uint64_t i = 1; i <= 300; i++) {
		struct event e = make_event(i, 0);

		put(&a, &e);
	}
	test_loop_run(l, 3000);
	CHECK_INT(waiting(&a), 300);
	put_event(&a, 301, 0);
	for (int i = 0; i < 30 && a.last != 301; i++)
		test_loop_run(l, 100);
	CHECK_INT(waiting(&a), 300);
	node_free(&a);
	finish(l);
}

/* A process that dies while sending: its next life tries again. */
static void
goes_on_after_a_restart(void)
{
	struct loop *l = begin();
	struct node a = {.is_held = true}, b = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, 1, 0);
	CHECK_INT(a.sends, 1);
	/* Its lease is its own; here it has run out. */
	tell(&a, "DEL", KEYS_LEASE "desk:cause1");
	test_loop_run(l, 100);
	node_free(&a);
	node_start(&b, l, "aaaaaaaaaaaaaaaa", 3600);
	test_loop_run(l, 1500);
	CHECK_INT(b.sends, 1);
	node_free(&b);
	finish(l);
}

/* More than a few pages, of which the first hold nothing that is news. */
static void
takes_all_its_own_up_again(void)
{
	struct loop *l = begin();
	struct node a = {.is_held = true}, b = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	courier_free(&a.courier);
	for (uint64_t i = 1; i <= 60; i++) {
		struct event e = make_event(i, i <= 40 ? 700 : 0);

		e.is_again = i <= 40;
		put(&a, &e);
	}
	const struct str argv[] = {STR("XREADGROUP"), STR("GROUP"), STR("desk"),
	    STR("aaaaaaaaaaaaaaaa"), STR("STREAMS"), STR(KEYS_EVENTS),
	    STR(">")};

	redis_ask(a.writer, argv, 7, NULL, NULL);
	test_loop_run(l, 200);
	node_free(&a);
	node_start(&b, l, "aaaaaaaaaaaaaaaa", 3600);
	test_loop_run(l, 500);
	CHECK_INT(b.sends, 20);
	CHECK_INT(waiting(&b), 0);
	node_free(&b);
	finish(l);
}

/* A reload: the courier goes while the writer, which others share, stays. */
static void
is_freed_with_questions_open(void)
{
	struct loop *l = begin();
	struct node a = {.is_held = true};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	for (uint64_t i = 1; i <= 6; i++)
		put_event(&a, i, 0);
	CHECK_INT(a.n_out, 4);
	for (int i = 0; i < 2; i++)
		courier_done(a.out[--a.n_out], COURIER_TAKEN);
	node_drop(&a);
	a.is_held = false;
	node_courier(&a, "aaaaaaaaaaaaaaaa", 3600);
	test_loop_run(l, 100);
	node_drop(&a);
	test_loop_run(l, 300);
	for (size_t i = 0; i < a.n_out; i++)
		courier_done(a.out[i], COURIER_TAKEN);
	a.n_out = 0;
	node_courier(&a, "aaaaaaaaaaaaaaaa", 3600);
	tell(&a, "DEL", KEYS_LEASE "desk:cause1");
	tell(&a, "DEL", KEYS_LEASE "desk:cause2");
	test_loop_run(l, 2500);
	CHECK_INT(a.sends, 8);
	node_free(&a);
	finish(l);
}

/* FLUSHALL while all is well: what comes next is not missed, and what was
 * told isn't told again by who knows. */
static void
survives_an_empty_redis(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, 1, 0);
	CHECK_INT(a.sends, 1);
	tell(&a, "FLUSHALL", "");
	put_event(&a, 2, 0);
	put_again(&a, 1, 60);
	put_again(&a, 3, 60);
	put_again(&a, 4, 3600);
	for (int i = 0; i < 70 && a.sends < 3; i++)
		test_loop_run(l, 100);
	test_loop_run(l, 500);
	CHECK_INT(a.sends, 3);
	CHECK_INT(waiting(&a), 0);
	node_free(&a);
	finish(l);
}

/* Redis goes between the sending and the mark: it isn't sent again. */
static void
marks_later(void)
{
	struct loop *l = begin();
	struct node a = {.is_held = true};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, 1, 0);
	CHECK_INT(a.n_out, 1);
	test_redis_kill();
	test_loop_run(l, 200);
	courier_done(a.out[--a.n_out], COURIER_TAKEN);
	a.is_held = false;
	test_redis_start();
	test_loop_run(l, 3000);
	put_again(&a, 1, 0);
	CHECK_INT(a.sends, 1);
	CHECK_INT(waiting(&a), 0);
	node_free(&a);
	finish(l);
}

static void
put_after(struct node *n, uint64_t seq, const char *after)
{
	struct event e = make_event(seq, 0);

	snprintf(e.after, sizeof(e.after), "%s", after);
	put(n, &e);
	test_loop_run(n->l, 300);
}

static void
tells_only_who_was_told_before(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, 1, 0);
	put_after(&a, 2, "cause1");
	CHECK_INT(a.sends, 2);
	a.wants_none = true;
	put_event(&a, 3, 0);
	put_after(&a, 4, "cause3");
	a.wants_none = false;
	CHECK_INT(a.sends, 3);
	put_after(&a, 6, "cause5"); /* which is on its way */
	put_event(&a, 5, 0);
	test_loop_run(l, 2500);
	CHECK_INT(a.sends, 5);
	node_free(&a);
	finish(l);
}

TESTS(TEST(tells_only_who_was_told_before), TEST(sends_once),
    TEST(sends_a_cause_once), TEST(tries_again), TEST(passes_what_fails),
    TEST(goes_on_after_a_restart), TEST(takes_all_its_own_up_again),
    TEST(is_freed_with_questions_open), TEST(survives_an_empty_redis),
    TEST(marks_later))
