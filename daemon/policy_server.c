/* policy_server - Postfix's policy connections: accept, parse, ask, answer
 *
 * Tuned for Postfix with request_limit=1, a connection per request: after
 * accept the request is usually there already and is answered at once; a
 * connection costs one watch and no timer (one tick looks at all of them), and
 * its memory comes from a pool.
 */
#include "daemon/policy_server.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"

enum {
	ACCEPTS_PER_TURN = 32,
	SPARE_MAX = 64,
	TICK_US = 250000,
	OUT_BYTES = 4096, /* answers that wait for a client to read */
};

_Static_assert(OUT_BYTES >= 2 * (int)POLICY_ANSWER_MAX, "room for one more");

struct conn {
	struct policy_server *server;
	struct conn *older, *newer; /* by since_us */
	struct loop_watch *watch;
	int fd;
	int64_t since_us; /* the last answer, or what is unfinished began */
	struct policy_parser parser;
	size_t have; /* bytes in `in`: the begin of a request */
	size_t owed; /* bytes in `out`: answers that were not taken */
	char out[OUT_BYTES];
	char in[];
};

struct listener {
	struct policy_server *server;
	struct listener *next;
	struct loop_watch *watch;
	int fd;
	bool is_tcp;
};

struct policy_server {
	struct loop *loop;
	struct policy_config config;
	struct listener *listeners;
	struct loop_timer *tick;
	struct conn *oldest, *newest;
	size_t n_conns;
	struct conn *spare; /* linked by newer */
	size_t n_spare;
	/* For all in turn, so that they stay in the cache; a connection's own
	 * buffers are for what is left over. */
	char out[OUT_BYTES];
	size_t n_out;
	char *in; /* max_request_bytes */
};

static void
unlink_conn(struct policy_server *s, struct conn *c)
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
append_conn(struct policy_server *s, struct conn *c)
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
touch(struct conn *c)
{
	unlink_conn(c->server, c);
	append_conn(c->server, c);
}

static void
drop(struct conn *c)
{
	struct policy_server *s = c->server;

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

static struct conn *
take_spare(struct policy_server *s)
{
	struct conn *c = s->spare;

	if (!c)
		return xalloc(1, sizeof(*c) + s->config.max_request_bytes);
	s->spare = c->newer;
	s->n_spare--;
	return c;
}

/* Send n bytes, as many as the client takes; -1: it is gone. */
static ssize_t
send_some(struct conn *c, const char *p, size_t n)
{
	ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return sent;
}

/* What was owed from an earlier turn. false: the client is gone. */
static bool
send_owed(struct conn *c)
{
	ssize_t n = send_some(c, c->out, c->owed);

	if (n < 0)
		return false;
	c->owed -= (size_t)n;
	memmove(c->out, c->out + n, c->owed);
	return true;
}

/* What this turn answered; what isn't taken is owed. */
static bool
send_answers(struct conn *c)
{
	struct policy_server *s = c->server;
	size_t all = s->n_out;
	ssize_t n = all > 0 ? send_some(c, s->out, all) : 0;

	s->n_out = 0;
	if (n < 0)
		return false;
	c->owed = all - (size_t)n;
	if (c->owed > 0)
		memcpy(c->out, s->out + n, c->owed);
	return true;
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

/* Answer the first request of `bytes`; one that can't be parsed or isn't whole
 * is 0 bytes, with *got telling. */
static size_t
answer_first(struct conn *c, struct str bytes, enum policy_parsed *got)
{
	struct policy_server *s = c->server;
	struct policy_request request;
	size_t used = 0;

	*got = policy_parse(
	    &c->parser, bytes, s->config.max_request_bytes, &request, &used);
	if (*got == POLICY_ASKED)
		answer_one(s, &request);
	else if (*got == POLICY_BROKEN)
		metric_add(s->config.metrics.malformed, 1);
	return used;
}

/* Answer the requests in `bytes`, as far as the client reads, and keep the
 * rest. Nothing is owed. */
static bool
answer_all(struct conn *c, struct str bytes)
{
	struct policy_server *s = c->server;
	enum policy_parsed got = POLICY_ASKED;
	struct str rest = bytes;

	while (rest.n > 0 && got == POLICY_ASKED && c->owed == 0) {
		rest = str_skip(rest, answer_first(c, rest, &got));
		if ((rest.n == 0 || got != POLICY_ASKED ||
			sizeof(s->out) - s->n_out <= POLICY_ANSWER_MAX) &&
		    !send_answers(c))
			return false;
	}
	if (rest.n < bytes.n || c->have == 0)
		touch(c);
	c->have = rest.n;
	if (rest.n > 0 && rest.p != c->in)
		memmove(c->in, rest.p, rest.n);
	return got != POLICY_BROKEN;
}

/* false: the client ended the connection, or it broke. */
static bool
receive(struct conn *c)
{
	struct policy_server *s = c->server;
	char *in = c->have > 0 ? c->in : s->in;
	ssize_t n = recv(c->fd, in + c->have,
	    s->config.max_request_bytes - c->have, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	return n > 0 && answer_all(c, str_make(in, c->have + (size_t)n));
}

/* One step: while an answer is owed nothing is read, so a client that doesn't
 * read its answers stops itself. */
static bool
serve(struct conn *c)
{
	bool was_owed = c->owed > 0;

	if (was_owed && !send_owed(c))
		return false;
	if (c->owed > 0)
		return true;
	if (was_owed ? !answer_all(c, str_make(c->in, c->have)) : !receive(c))
		return false;
	if (c->watch && was_owed != (c->owed > 0))
		loop_watch_set(c->watch, c->owed > 0 ? LOOP_WRITE : LOOP_READ);
	return true;
}

static void
on_conn(void *ctx)
{
	struct conn *c = ctx;

	if (!serve(c))
		drop(c);
}

static bool
may_ask(struct policy_server *s, int fd)
{
	uid_t uid;

	if (!s->config.askers || sock_peer(fd, &uid, NULL, NULL) < 0)
		return true;
	for (size_t i = 0; i < s->config.n_askers; i++) {
		if (s->config.askers[i] == uid)
			return true;
	}
	metric_add(s->config.metrics.refused, 1);
	if (s->config.refused)
		s->config.refused(s->config.ctx, uid);
	return false;
}

static void
welcome(struct listener *l, int fd)
{
	struct policy_server *s = l->server;
	struct conn *c;
	int yes = 1;

	if (!l->is_tcp && !may_ask(s, fd)) {
		close(fd);
		return;
	}
	while (s->n_conns >= s->config.max_connections && s->oldest) {
		metric_add(s->config.metrics.evicted, 1);
		drop(s->oldest);
	}
	if (l->is_tcp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	c = take_spare(s);
	c->server = s;
	c->fd = fd;
	c->have = c->owed = 0;
	c->parser = (struct policy_parser){0};
	c->watch = NULL;
	append_conn(s, c);
	s->n_conns++;
	metric_add(s->config.metrics.connections, 1);
	metric_set(s->config.metrics.open, (int64_t)s->n_conns);
	if (!serve(c))
		drop(c);
}

/* The connections that were just accepted are the newest, and not watched
 * yet: many of them have got their answer and are closed by now. */
static void
watch_new(struct policy_server *s)
{
	struct conn *older;

	for (struct conn *c = s->newest; c && !c->watch; c = older) {
		older = c->older;
		if (!serve(c))
			drop(c);
		else
			c->watch = loop_watch_new(s->loop, c->fd,
			    c->owed > 0 ? LOOP_WRITE : LOOP_READ, on_conn, c);
	}
}

static bool
is_on_duty(const struct policy_server *s)
{
	return !s->config.duty || s->config.duty(s->config.duty_ctx);
}

/* Until the next tick. */
static void
pause_listener(struct listener *l)
{
	loop_watch_set(l->watch, 0);
}

static void
accept_some(struct listener *l)
{
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = sock_accept(l->fd);

		if (fd >= 0) {
			welcome(l, fd);
			continue;
		}
		/* Out of descriptors: it would be ready for ever. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_listener(l);
		return;
	}
}

static void
on_listener(void *ctx)
{
	struct listener *l = ctx;

	if (!is_on_duty(l->server)) {
		pause_listener(l);
		return;
	}
	accept_some(l);
	watch_new(l->server);
}

static void
close_overdue(struct policy_server *s)
{
	int64_t now_us = loop_now_us(s->loop);
	struct conn *next;

	for (struct conn *c = s->oldest; c; c = next) {
		bool is_busy = c->have > 0 || c->owed > 0;
		int64_t limit_us =
		    is_busy ? s->config.slow_us : s->config.idle_us;

		next = c->newer;
		if (now_us - c->since_us < limit_us)
			continue;
		if (is_busy)
			metric_add(s->config.metrics.slow, 1);
		drop(c);
	}
}

static void
on_tick(void *ctx)
{
	struct policy_server *s = ctx;

	close_overdue(s);
	if (!is_on_duty(s))
		return;
	for (struct listener *l = s->listeners; l; l = l->next)
		loop_watch_set(l->watch, LOOP_READ);
}

struct policy_server *
policy_server_new(struct loop *loop, const struct policy_config *config)
{
	struct policy_server *s = xalloc(1, sizeof(*s));

	s->loop = loop;
	s->config = *config;
	s->in = xalloc(1, config->max_request_bytes);
	s->tick = loop_timer_new(loop, on_tick, s);
	loop_timer_every(s->tick, TICK_US);
	return s;
}

void
policy_server_configure(
    struct policy_server *s, const struct policy_config *config)
{
	size_t request_bytes = s->config.max_request_bytes;

	s->config = *config;
	s->config.max_request_bytes = request_bytes;
}

void
policy_server_free(struct policy_server **server)
{
	struct policy_server *s = *server;
	struct listener *l;
	struct conn *c;

	if (!s)
		return;
	while (s->oldest)
		drop(s->oldest);
	while ((c = s->spare)) {
		s->spare = c->newer;
		free(c);
	}
	while ((l = s->listeners)) {
		s->listeners = l->next;
		loop_watch_free(&l->watch);
		close(l->fd);
		free(l);
	}
	loop_timer_free(&s->tick);
	free(s->in);
	free(s);
	*server = NULL;
}

void
policy_server_adopt(struct policy_server *s, int fd)
{
	struct listener *l = xalloc(1, sizeof(*l));
	int family = AF_UNSPEC;
	socklen_t size = sizeof(family);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
	l->server = s;
	l->fd = fd;
	l->is_tcp = family == AF_INET || family == AF_INET6;
	l->next = s->listeners;
	s->listeners = l;
	l->watch = loop_watch_new(s->loop, fd, LOOP_READ, on_listener, l);
	is_on_duty(s); /* from now on: the first sign of life */
}

int
policy_server_listen(struct policy_server *s, const char *address,
    unsigned mode, struct error *err)
{
	int fd = sock_listen(address, (mode_t)mode, err);

	if (fd < 0)
		return -1;
	policy_server_adopt(s, fd);
	return 0;
}
