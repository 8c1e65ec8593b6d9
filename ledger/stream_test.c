/* stream_test - two nodes, one Redis that comes, goes and forgets */
#include "ledger/stream.h"

#include <stdio.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"
#include "base/time.h"

struct node {
	struct loop *l;
	struct stream *stream;
	struct redis *writer, *reader;
	char last[EVENT_ID];
	int events, lost, ups, renewals;
	struct event put_back;
	bool has_put_back;
	uint64_t n_put_back; /* more, made anew */
};

static struct event
make_event(const char *node, uint64_t seq)
{
	struct event e = {.type = EVENT_SANCTION, .seq = seq};

	e.at_us = 1763764800 * TIME_US + (int64_t)seq;
	snprintf(e.node, sizeof(e.node), "%s", node);
	snprintf(e.kind, sizeof(e.kind), "account");
	snprintf(e.subject, sizeof(e.subject), "ben@example.com");
	snprintf(e.rung, sizeof(e.rung), "suspended");
	snprintf(e.cause, sizeof(e.cause), "c%llu", (unsigned long long)seq);
	return e;
}

static void
on_event(void *ctx, const struct event *e)
{
	struct node *n = ctx;

	n->events++;
	event_id(e, n->last);
}

static void
on_renew(void *ctx)
{
	struct node *n = ctx;

	n->renewals++;
}

static void
on_lost(void *ctx)
{
	struct node *n = ctx;

	n->lost++;
	for (uint64_t i = 0; i < n->n_put_back; i++) {
		struct event e = make_event("aaaaaaaaaaaaaaaa", i);

		e.is_again = true;
		stream_emit(n->stream, &e);
	}
	if (n->has_put_back)
		stream_emit(n->stream, &n->put_back);
}

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct node *n = ctx;

	(void)reason;
	n->ups += is_up;
	if (n->stream)
		stream_on_state(n->stream);
}

static void
node_new(struct node *n)
{
	const struct stream_options o = {1000, 86400};
	const struct stream_hooks hooks = {on_event, on_lost, on_renew, n};

	n->stream = stream_new(&o, &hooks);
}

static void
node_start(struct node *n, struct loop *l, const char *name)
{
	const struct redis_options o = {test_redis_uri(), 500, 1000, 1000};
	struct error err;

	n->l = l;
	n->writer = redis_new(l, &o, on_state, n, &err);
	n->reader = redis_new(l, &o, on_state, n, &err);
	stream_start(n->stream, str_from(name), l, n->writer, n->reader);
}

static void
node_free(struct node *n)
{
	redis_free(&n->writer);
	redis_free(&n->reader);
	stream_free(&n->stream);
}

static size_t
outbox(const struct node *n)
{
	struct stream_status s;

	stream_status(n->stream, &s);
	return s.outbox;
}

/* As soon as all is sent. */
static void
check_sent(struct node *n)
{
	int ms = 0;

	while (outbox(n) > 0 && test_loop_wait(n->l, &ms))
		;
	CHECK_INT(outbox(n), 0);
}

static void
check_soon(struct node *n, const int *counter, int want)
{
	int ms = 0;

	while (*counter < want && test_loop_wait(n->l, &ms))
		;
	CHECK_INT(*counter, want);
}

static void
exchanges_events(void)
{
	struct loop *l = loop_new();
	struct node a = {0}, b = {0};
	struct event e = make_event("aaaaaaaaaaaaaaaa", 1);
	struct text json;

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_new(&a);
	node_new(&b);
	stream_emit(a.stream, &e); /* before there is a connection */
	CHECK_INT(outbox(&a), 1);
	node_start(&a, l, "aaaaaaaaaaaaaaaa");
	node_start(&b, l, "bbbbbbbbbbbbbbbb");
	check_soon(&b, &b.events, 1);
	check_sent(&a);
	test_loop_run(l, 300);
	CHECK_INT(a.events, 0); /* the echo is no news */
	e = make_event("bbbbbbbbbbbbbbbb", 2);
	stream_emit(b.stream, &e);
	check_soon(&a, &a.events, 1);
	CHECK_INT(b.events, 1);
	test_loop_run(l, 1200);
	for (int ms = 0; a.renewals + b.renewals == 0;)
		if (!test_loop_wait(l, &ms))
			break;
	CHECK_INT(a.renewals + b.renewals, 1);
	/* A node that has our id, or we ourselves before a start. */
	e = make_event("aaaaaaaaaaaaaaaa", 3);
	text_grow(&json, 10000);
	event_print(&e, &json);
	const struct str argv[] = {STR("XADD"), STR("outpost:events"), STR("*"),
	    STR("e"), text_view(&json)};

	redis_ask(b.writer, argv, 5, NULL, NULL);
	check_soon(&a, &a.events, 2);
	text_done(&json);
	node_free(&a);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

static void
survives_an_empty_redis(void)
{
	struct loop *l = loop_new();
	struct node a = {0}, b = {0};
	struct event e = make_event("aaaaaaaaaaaaaaaa", 1);

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_new(&a);
	node_start(&a, l, "aaaaaaaaaaaaaaaa");
	stream_emit(a.stream, &e);
	check_sent(&a);
	a.put_back = e;
	a.has_put_back = true;
	test_redis_kill();
	test_loop_run(l, 200);
	e = make_event("aaaaaaaaaaaaaaaa", 2);
	stream_emit(a.stream, &e); /* while it is gone */
	test_redis_start();
	check_soon(&a, &a.lost, 1);
	check_sent(&a);
	node_new(&b);
	node_start(&b, l, "bbbbbbbbbbbbbbbb");
	check_soon(&b, &b.events, 2);
	node_free(&a);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

static void
tell(struct node *n, const char *a, const char *b, const char *c, const char *d)
{
	const struct str argv[] = {
	    str_from(a), str_from(b), str_from(c), str_from(d)};

	redis_ask(n->writer, argv, *d ? 4 : 1, NULL, NULL);
}

/* A stream that was trimmed empty is still ours; after FLUSHALL, which closes
 * no connection, all is told again. */
static void
notices_flushall(void)
{
	struct loop *l = loop_new();
	struct node a = {.n_put_back = 500}, b = {0};

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_new(&a);
	node_start(&a, l, "aaaaaaaaaaaaaaaa");
	for (uint64_t i = 0; i < a.n_put_back; i++) {
		struct event e = make_event("aaaaaaaaaaaaaaaa", i);

		stream_emit(a.stream, &e);
	}
	check_sent(&a);
	test_loop_run(l, 500);
	tell(&a, "XTRIM", "outpost:events", "MAXLEN", "0");
	test_loop_run(l, 6500);
	CHECK_INT(a.lost, 0);
	tell(&a, "FLUSHALL", "", "", "");
	check_soon(&a, &a.lost, 1);
	check_sent(&a);
	node_new(&b);
	node_start(&b, l, "bbbbbbbbbbbbbbbb");
	check_soon(&b, &b.events, 500);
	node_free(&a);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

/* What the books hold of a stream is the same stream. */
static void
keeps_its_outbox(void)
{
	struct node a = {0}, b = {0}, c = {0};
	struct event e = make_event("aaaaaaaaaaaaaaaa", 7);
	struct books_part from, to;
	struct text journal;

	node_new(&a);
	node_new(&b);
	from = stream_part(a.stream);
	to = stream_part(b.stream);
	text_grow(&journal, 1 << 20);
	stream_emit(a.stream, &e);
	e = make_event("aaaaaaaaaaaaaaaa", 8);
	stream_emit(a.stream, &e);
	from.save(from.ctx, &journal);
	CHECK(to.replay(to.ctx, text_view(&journal)));
	CHECK_INT(outbox(&b), 2);
	text_clear(&journal);
	from.save(from.ctx, &journal);
	CHECK_INT(journal.n, 0);
	node_new(&c);
	to = stream_part(c.stream);
	CHECK(!to.replay(to.ctx, STR("+{\"no event\n")));
	CHECK(!to.replay(to.ctx, STR("no line")));
	text_done(&journal);
	stream_free(&a.stream);
	stream_free(&b.stream);
	stream_free(&c.stream);
}

static void
check_current(struct node *n)
{
	int ms = 0;

	while (!stream_is_current(n->stream) && test_loop_wait(n->l, &ms))
		;
	CHECK(stream_is_current(n->stream));
}

/* The same node after a restart, and after `b` did something. */
static void
check_restart(struct node *b, struct str journal, int want_lost)
{
	struct node a = {0};
	struct books_part part;

	node_new(&a);
	part = stream_part(a.stream);
	CHECK(part.replay(part.ctx, journal));
	node_start(&a, b->l, "aaaaaaaaaaaaaaaa");
	check_current(&a);
	test_loop_run(b->l, 300);
	check_soon(&a, &a.lost, want_lost);
	node_free(&a);
}

/* Put back from an older copy, to which others have written since. */
static void
notices_an_older_copy(void)
{
	struct loop *l = loop_new();
	struct node a = {0}, b = {0};
	struct event e = make_event("aaaaaaaaaaaaaaaa", 1);
	struct books_part part;
	struct text journal;

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_new(&a);
	node_start(&a, l, "aaaaaaaaaaaaaaaa");
	stream_emit(a.stream, &e);
	check_sent(&a);
	test_loop_run(l, 500);
	part = stream_part(a.stream);
	text_grow(&journal, 1 << 20);
	part.save(part.ctx, &journal);
	node_free(&a);
	node_new(&b);
	node_start(&b, l, "bbbbbbbbbbbbbbbb");
	e = make_event("bbbbbbbbbbbbbbbb", 1);
	stream_emit(b.stream, &e);
	check_sent(&b);
	check_restart(&b, text_view(&journal), 0);
	tell(&b, "XTRIM", "outpost:events", "MAXLEN", "1");
	test_loop_run(l, 100);
	check_restart(&b, text_view(&journal), 1);
	text_done(&journal);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

/* A node that comes knows when it has heard of all that was before it. */
static void
knows_when_it_is_current(void)
{
	struct loop *l = loop_new();
	struct node a = {0}, b = {0};

	if (!test_redis_start()) {
		TEST_SKIP("no redis-server");
		return;
	}
	node_new(&a);
	CHECK(!stream_is_current(a.stream));
	node_start(&a, l, "aaaaaaaaaaaaaaaa");
	check_current(&a); /* there is nothing */
	for (uint64_t i = 1; i <= 120; i++) {
		struct event e = make_event("aaaaaaaaaaaaaaaa", i);

		stream_emit(a.stream, &e);
	}
	check_sent(&a);
	node_new(&b);
	node_start(&b, l, "bbbbbbbbbbbbbbbb");
	check_current(&b);
	CHECK_INT(b.events, 120);
	node_free(&a);
	node_free(&b);
	test_redis_end();
	loop_free(&l);
}

TESTS(TEST(knows_when_it_is_current), TEST(exchanges_events),
    TEST(survives_an_empty_redis), TEST(notices_flushall),
    TEST(notices_an_older_copy), TEST(keeps_its_outbox))
