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
	size_t have; /* bytes in `in` */
	size_t owed; /* bytes in `out` */
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

/* Send what the client takes; the rest stays owed. false: it is gone. */
static bool
send_out(struct conn *c)
{
	ssize_t n = send(c->fd, c->out, c->owed, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->owed -= (size_t)n;
	if (c->owed > 0)
		memmove(c->out, c->out + n, c->owed);
	return true;
}

static void
answer_one(struct conn *c, const struct policy_request *request)
{
	struct policy_server *s = c->server;
	char buf[POLICY_ACTION_MAX + 1];
	struct text action, out;

	text_init(&action, buf, sizeof(buf));
	s->config.answer(s->config.ctx, request, &action);
	text_init(&out, c->out + c->owed, sizeof(c->out) - c->owed);
	policy_print_answer(&out, text_view(&action));
	assert(!out.is_cut);
	c->owed += out.n;
	metric_add(s->config.metrics.requests, 1);
}

/* Answer the requests that are there, as far as the client reads. */
static bool
answer_all(struct conn *c)
{
	struct policy_server *s = c->server;
	enum policy_parsed got = POLICY_MORE;
	size_t from = 0;

	while (from < c->have) {
		struct policy_request request;
		size_t used = 0;

		if (sizeof(c->out) - c->owed < POLICY_ANSWER_MAX + 1 &&
		    !send_out(c))
			return false;
		if (sizeof(c->out) - c->owed < POLICY_ANSWER_MAX + 1)
			break;
		got = policy_parse(&c->parser,
		    str_make(c->in + from, c->have - from),
		    s->config.max_request_bytes, &request, &used);
		if (got != POLICY_ASKED)
			break;
		answer_one(c, &request);
		from += used;
	}
	c->have -= from;
	if (from > 0 && c->have > 0)
		memmove(c->in, c->in + from, c->have);
	if (from > 0)
		touch(c);
	if (got == POLICY_BROKEN)
		metric_add(s->config.metrics.malformed, 1);
	return (c->owed == 0 || send_out(c)) && got != POLICY_BROKEN;
}

/* false: the client ended the connection, or it broke. */
static bool
receive(struct conn *c)
{
	size_t room = c->server->config.max_request_bytes - c->have;
	ssize_t n = recv(c->fd, c->in + c->have, room, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	/* The clock of a request starts with its first byte: who sends drop
	 * by drop gains no time. */
	if (c->have == 0)
		touch(c);
	c->have += (size_t)n;
	return true;
}

/* One step: while an answer is owed nothing is read, so a client that doesn't
 * read its answers stops itself. */
static bool
serve(struct conn *c)
{
	bool was_owed = c->owed > 0;

	if (was_owed && !send_out(c))
		return false;
	if (c->owed > 0)
		return true;
	if (!was_owed && !receive(c))
		return false;
	if (!answer_all(c))
		return false;
	if (was_owed != (c->owed > 0))
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

static void
welcome(struct listener *l, int fd)
{
	struct policy_server *s = l->server;
	struct conn *c;
	int yes = 1;

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
	c->watch = loop_watch_new(s->loop, fd, LOOP_READ, on_conn, c);
	append_conn(s, c);
	s->n_conns++;
	metric_add(s->config.metrics.connections, 1);
	metric_set(s->config.metrics.open, (int64_t)s->n_conns);
	if (!serve(c))
		drop(c);
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
on_listener(void *ctx)
{
	struct listener *l = ctx;

	if (!is_on_duty(l->server)) {
		pause_listener(l);
		return;
	}
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
