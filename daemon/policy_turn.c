/* policy_turn - what is ready in a turn of the loop: read, answered, sent */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "daemon/policy_parts.h"

enum { SPARE_MAX = 64 };

_Static_assert(POLICY_OUT >= 2 * (int)POLICY_ANSWER_MAX, "room for one more");

/* An answer that waits; it outlives its connection. */
struct policy_waiting {
	struct policy_conn *conn; /* NULL: dropped */
};

static void
unlink_conn(struct policy_server *s, struct policy_conn *c)
{
	if (c->older)
		c->older->newer = c->newer;
	else
		s->oldest = c->newer;
	if (c->newer)
		c->newer->older = c->older;
	else
		s->newest = c->older;
}

static void
append_conn(struct policy_server *s, struct policy_conn *c)
{
	c->since_us = loop_now_us(s->loop);
	c->older = s->newest;
	c->newer = NULL;
	if (s->newest)
		s->newest->newer = c;
	else
		s->oldest = c;
	s->newest = c;
}

static void
touch(struct policy_conn *c)
{
	unlink_conn(c->server, c);
	append_conn(c->server, c);
}

static void
forget_fresh(struct policy_server *s, struct policy_conn *c)
{
	struct policy_conn *last = s->fresh[--s->n_fresh];

	s->fresh[c->fresh_at] = last;
	last->fresh_at = c->fresh_at;
}

void
policy_conn_drop(struct policy_conn *c)
{
	struct policy_server *s = c->server;

	if (c->waiting)
		c->waiting->conn = NULL;
	if (!c->watch)
		forget_fresh(s, c);
	loop_watch_free(&c->watch);
	close(c->fd);
	unlink_conn(s, c);
	s->n_conns--;
	metric_set(s->config.metrics.open, (int64_t)s->n_conns);
	if (s->n_spare >= SPARE_MAX) {
		free(c);
		return;
	}
	c->newer = s->spare;
	s->spare = c;
	s->n_spare++;
}

static struct policy_conn *
take_spare(struct policy_server *s)
{
	struct policy_conn *c = s->spare;

	if (!c)
		return xalloc(1, sizeof(*c) + s->config.max_request_bytes);
	s->spare = c->newer;
	s->n_spare--;
	return c;
}

/* Send n bytes, as many as the client takes; -1: it is gone. */
static ssize_t
send_some(struct policy_conn *c, const char *p, size_t n)
{
	ssize_t sent = sock_send(c->fd, p, n);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return sent;
}

/* What was owed from an earlier turn. false: the client is gone. */
static bool
send_owed(struct policy_conn *c)
{
	ssize_t n = send_some(c, c->out, c->owed);

	if (n < 0)
		return false;
	c->owed -= (size_t)n;
	memmove(c->out, c->out + n, c->owed);
	return true;
}

/* What this turn answered; what isn't taken is owed. */
static void
send_answers(struct policy_conn *c)
{
	const char *p = c->server->out + c->from;
	ssize_t n = c->n > 0 ? send_some(c, p, c->n) : 0;

	if (n < 0) {
		c->is_over = true;
		return;
	}
	c->owed = c->n - (size_t)n;
	if (c->owed > 0)
		memcpy(c->out, p + n, c->owed);
	c->n = 0;
}

static void
answer_one(struct policy_server *s, const struct policy_request *request)
{
	char buf[POLICY_ACTION_MAX + 1];
	struct text action, out;

	text_init(&action, buf, sizeof(buf));
	s->config.answer(s->config.ctx, request, &action);
	text_init(&out, s->out + s->n_out, sizeof(s->out) - s->n_out);
	policy_print_answer(&out, text_view(&action));
	assert(!out.is_cut);
	s->n_out += out.n;
	metric_add(s->config.metrics.requests, 1);
}

static void on_waited(void *ctx);

static bool
must_wait(struct policy_conn *c, const struct policy_request *request)
{
	struct policy_server *s = c->server;
	const struct policy_config *config = &s->config;
	struct policy_waiting *w;

	if (!config->wait || c->has_waited)
		return false;
	/* Most don't: the next one uses it again. */
	w = s->unused ? s->unused : xalloc(1, sizeof(*w));
	s->unused = NULL;
	w->conn = c;
	if (!config->wait(config->ctx, request, on_waited, w)) {
		s->unused = w;
		return false;
	}
	c->waiting = w;
	return true;
}

static void
parse(struct policy_conn *c, struct str bytes, struct policy_ahead *out)
{
	out->used = 0;
	out->got = policy_parse(&c->parser, bytes,
	    c->server->config.max_request_bytes, &out->request, &out->used);
}

/* A few are read, and it is known to whom they matter, before the first of them
 * is answered: what is fetched for one comes while the others are read, and
 * what does each of the two stays in the cache. Returns who comes after. */
static struct policy_conn *
look_ahead(struct policy_server *s, struct policy_conn *c)
{
	const struct policy_config *config = &s->config;
	const struct policy_ahead *end = s->ahead + POLICY_AHEAD;

	for (struct policy_ahead *a = s->ahead; c && a < end; a++) {
		parse(c, c->arrived, a);
		if (a->got == POLICY_ASKED && config->expect)
			config->expect(config->ctx, &a->request);
		c = c->next;
	}
	return c;
}

/* Answer what was parsed; one that can't be, isn't whole or has to wait is 0
 * bytes, with got telling. */
static size_t
answer_parsed(struct policy_conn *c, struct policy_ahead *parsed)
{
	struct policy_server *s = c->server;

	if (parsed->got == POLICY_ASKED && must_wait(c, &parsed->request)) {
		parsed->got = POLICY_MORE;
		return 0;
	}
	c->has_waited = false;
	if (parsed->got == POLICY_ASKED)
		answer_one(s, &parsed->request);
	else if (parsed->got == POLICY_BROKEN)
		metric_add(s->config.metrics.malformed, 1);
	return parsed->used;
}

/* Answer what has arrived, as far as the client reads, and keep the rest.
 * Nothing is owed; the first request is parsed. */
static void
answer_all(struct policy_conn *c, struct policy_ahead *parsed)
{
	struct policy_server *s = c->server;
	struct str rest = c->arrived;

	c->from = s->n_out;
	while (rest.n > 0 && c->owed == 0 && !c->is_over) {
		if (rest.n < c->arrived.n)
			parse(c, rest, parsed);
		rest = str_skip(rest, answer_parsed(c, parsed));
		c->n = s->n_out - c->from;
		if (c->n > POLICY_OUT - POLICY_ANSWER_MAX) {
			send_answers(c);
			s->n_out = c->from;
		}
		if (parsed->got != POLICY_ASKED)
			break;
	}
	if (rest.n < c->arrived.n)
		c->is_answered = true;
	if (rest.n < c->arrived.n || c->have == 0)
		touch(c);
	c->have = rest.n;
	if (rest.n > 0 && rest.p != c->in)
		memmove(c->in, rest.p, rest.n);
	if (c->arrived.n > 0 && parsed->got == POLICY_BROKEN)
		c->is_over = true;
}

/* Those of the turn that were answered so far, `end` not. */
static struct policy_conn *
send_until(struct policy_server *s, struct policy_conn *c,
    const struct policy_conn *end)
{
	for (; c != end; c = c->next) {
		if (c->n > 0)
			send_answers(c);
	}
	s->n_out = 0;
	return c;
}

static void
answer_turn(struct policy_server *s)
{
	struct policy_conn *unsent = s->first, *c = s->first;

	while (c) {
		const struct policy_conn *end = look_ahead(s, c);

		for (struct policy_ahead *a = s->ahead; c != end; a++) {
			if (POLICY_TURN_OUT - s->n_out < POLICY_OUT)
				unsent = send_until(s, unsent, c);
			answer_all(c, a);
			c = c->next;
		}
	}
	send_until(s, unsent, NULL);
}

static int
events_of(const struct policy_conn *c)
{
	if (c->owed > 0)
		return LOOP_WRITE;
	return c->waiting ? 0 : LOOP_READ | LOOP_EDGE | LOOP_BRIEF;
}

/* Not all was read: it is told of at the end of the turn, when its events
 * change again. */
static void
leave_unread(struct policy_conn *c)
{
	if (c->watch)
		loop_watch_set(c->watch, LOOP_READ);
}

void
policy_turn_run(struct policy_server *s)
{
	struct policy_conn *all = s->first, *next;

	answer_turn(s);
	s->first = s->last = NULL;
	s->n_turn = s->n_in = s->n_out = 0;
	for (struct policy_conn *c = all; c; c = next) {
		next = c->next;
		c->is_in_turn = false;
		if (c->is_over)
			policy_conn_drop(c);
		else if (c->watch)
			loop_watch_set(c->watch, events_of(c));
	}
}

static void
on_turn_end(void *ctx)
{
	policy_turn_run(ctx);
}

static void
join_turn(struct policy_conn *c, struct str arrived)
{
	struct policy_server *s = c->server;

	c->arrived = arrived;
	c->is_in_turn = true;
	c->next = NULL;
	*(s->last ? &s->last->next : &s->first) = c;
	s->last = c;
	if (s->n_turn++ == 0)
		loop_timer_soon(s->turn_end);
}

/* false: the client ended the connection, or it broke. */
static bool
receive(struct policy_conn *c)
{
	struct policy_server *s = c->server;
	char *in = c->have > 0 ? c->in : s->in + s->n_in;
	size_t room = s->config.max_request_bytes - c->have;
	ssize_t n = sock_recv(c->fd, in + c->have, room);

	if (n == (ssize_t)room || (n < 0 && errno == EINTR))
		leave_unread(c);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (c->have == 0)
		s->n_in += (size_t)n;
	if (n > 0)
		join_turn(c, str_make(in, c->have + (size_t)n));
	return n > 0;
}

/* One step of one that isn't in the turn: while an answer is owed nothing is
 * read, so a client that doesn't read its answers stops itself. */
bool
policy_conn_serve(struct policy_conn *c)
{
	struct policy_server *s = c->server;

	if (s->n_turn == POLICY_TURN || s->n_in >= POLICY_TURN_IN)
		policy_turn_run(s);
	if (c->owed == 0)
		return c->waiting || receive(c);
	if (!send_owed(c))
		return false;
	if (c->owed == 0 && !c->waiting)
		join_turn(c, str_make(c->in, c->have));
	return true;
}

static void
on_waited(void *ctx)
{
	struct policy_waiting *w = ctx;
	struct policy_conn *c = w->conn;

	free(w);
	if (!c)
		return;
	c->waiting = NULL;
	c->has_waited = true;
	if (c->server->n_turn == POLICY_TURN)
		policy_turn_run(c->server);
	if (c->owed == 0)
		join_turn(c, str_make(c->in, c->have));
}

static void
on_conn(void *ctx)
{
	struct policy_conn *c = ctx;

	/* It can be, when the loop was stopped in the middle. */
	if (c->is_in_turn)
		leave_unread(c);
	else if (!policy_conn_serve(c))
		policy_conn_drop(c);
}

void
policy_conn_watch(struct policy_conn *c)
{
	forget_fresh(c->server, c);
	c->watch =
	    loop_watch_new(c->server->loop, c->fd, events_of(c), on_conn, c);
}

struct policy_conn *
policy_conn_add(struct policy_server *s, int fd)
{
	struct policy_conn *c = take_spare(s);

	c->server = s;
	c->fd = fd;
	c->have = c->owed = c->n = 0;
	c->is_in_turn = c->is_over = c->is_answered = false;
	c->has_waited = false;
	c->waiting = NULL;
	policy_parser_init(&c->parser);
	c->watch = NULL;
	append_conn(s, c);
	assert(s->n_fresh < POLICY_FRESH);
	c->fresh_at = s->n_fresh;
	s->fresh[s->n_fresh++] = c;
	s->n_conns++;
	metric_add(s->config.metrics.connections, 1);
	metric_set(s->config.metrics.open, (int64_t)s->n_conns);
	return c;
}

void
policy_turn_init(struct policy_server *s)
{
	s->in = xalloc(1, POLICY_TURN_IN + s->config.max_request_bytes);
	s->turn_end = loop_timer_new(s->loop, on_turn_end, s);
}

void
policy_turn_done(struct policy_server *s)
{
	struct policy_conn *c;

	s->first = s->last = NULL;
	while (s->oldest)
		policy_conn_drop(s->oldest);
	while ((c = s->spare)) {
		s->spare = c->newer;
		free(c);
	}
	loop_timer_free(&s->turn_end);
	free(s->unused);
	free(s->in);
}
