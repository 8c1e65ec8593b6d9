/* courier_test - events reach a target once, or again until they do */
#include "ledger/courier.h"

#include <stdio.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/test_redis.h"
#include "base/time.h"
#include "ledger/keys.h"

struct node {
	struct courier *courier;
	struct redis *writer, *reader;
	int sends, given_up;
	int refuse;   /* how many times */
	bool is_dead; /* takes an event and never ends it */
};

static void
on_send(void *ctx, const struct event *e, struct courier_delivery *d)
{
	struct node *n = ctx;

	(void)e;
	n->sends++;
	if (n->is_dead)
		return;
	courier_done(d, n->refuse-- <= 0);
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
node_start(struct node *n, struct loop *l, const char *name, int64_t give_up)
{
	const struct redis_options o = {test_redis_uri(), 500, 1000, 1000};
	const struct courier_options c = {
	    "desk", str_from(name), 1, 4, give_up, 4};
	const struct courier_hooks hooks = {on_send, on_given_up, n};
	struct error err;

	n->writer = redis_new(l, &o, on_state, n, &err);
	n->reader = redis_new(l, &o, on_state, n, &err);
	n->courier = courier_new(l, &c, &hooks, n->writer, n->reader);
	run_for(l, 300);
}

static void
node_free(struct node *n)
{
	redis_free(&n->writer);
	redis_free(&n->reader);
	courier_free(&n->courier);
}

static void
put_event(struct node *n, struct loop *l, uint64_t seq, int64_t age)
{
	struct event e = {.type = EVENT_LIFT, .seq = seq};
	struct text t;

	e.at_us = time_now_us() - age * TIME_US;
	snprintf(e.node, sizeof(e.node), "aaaaaaaaaaaaaaaa");
	snprintf(e.kind, sizeof(e.kind), "account");
	snprintf(
	    e.cause, sizeof(e.cause), "cause%llu", (unsigned long long)seq);
	e.is_again = age > 0 && seq == 99;
	text_grow(&t, 65536);
	event_print(&e, &t);
	const struct str argv[] = {
	    STR("XADD"), STR(KEYS_EVENTS), STR("*"), STR("e"), text_view(&t)};

	redis_ask(n->writer, argv, 5, NULL, NULL);
	text_done(&t);
	run_for(l, 300);
}

static void
sends_once(void)
{
	struct loop *l = loop_new();
	struct node a = {0}, b = {0};

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	node_start(&b, l, "bbbbbbbbbbbbbbbb", 3600);
	for (uint64_t i = 0; i < 6; i++)
		put_event(&a, l, i, 0);
	CHECK_INT(a.sends + b.sends, 6);
	put_event(&a, l, 3, 0); /* the same cause, from another node */
	CHECK_INT(a.sends + b.sends, 6);
	put_event(&a, l, 99, 3600); /* put back, told long ago */
	CHECK_INT(a.sends + b.sends, 6);
	node_free(&a);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

static void
tries_again(void)
{
	struct loop *l = loop_new();
	struct node a = {.refuse = 1};
	struct courier_status s;

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, l, 1, 0);
	CHECK_INT(a.sends, 1);
	run_for(l, 2500);
	CHECK_INT(a.sends, 2);
	courier_status(a.courier, &s);
	CHECK_INT(s.waiting, 0);
	CHECK_INT(s.sent, 1);
	put_event(&a, l, 2, 7200); /* nobody took it in time */
	CHECK_INT(a.given_up, 1);
	node_free(&a);
	test_redis_end();
	loop_free(&l);
}

/* A process that dies while sending: its next life tries again. */
static void
goes_on_after_a_restart(void)
{
	struct loop *l = loop_new();
	struct node a = {.is_dead = true}, b = {0};

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_start(&a, l, "aaaaaaaaaaaaaaaa", 3600);
	put_event(&a, l, 1, 0);
	CHECK_INT(a.sends, 1);
	/* Its lease is its own; here it has run out. */
	const struct str del[] = {STR("DEL"), STR(KEYS_LEASE "desk:cause1")};

	redis_ask(a.writer, del, 2, NULL, NULL);
	run_for(l, 100);
	node_free(&a);
	node_start(&b, l, "aaaaaaaaaaaaaaaa", 3600);
	run_for(l, 1500);
	CHECK_INT(b.sends, 1);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

TESTS(TEST(sends_once), TEST(tries_again), TEST(goes_on_after_a_restart))
