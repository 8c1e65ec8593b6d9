/* policy_server - Postfix's policy connections: accept, parse, ask, answer
 *
 * Tuned for Postfix with request_limit=1, a connection per request: after
 * accept the request is usually there already and is answered at once, and the
 * client closes: such a connection costs no watch. Others cost one, and no
 * timer (one tick looks at all of them); their memory comes from a pool.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"
#include "daemon/policy_parts.h"

enum { ACCEPTS = 32, TICK_US = 250000, FRESH_US = 1000 };

struct policy_listener {
	struct policy_server *server;
	struct policy_listener *next;
	struct loop_watch *watch;
	int fd;
	bool is_tcp;
};

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
welcome(struct policy_listener *l, int fd)
{
	struct policy_server *s = l->server;
	struct policy_conn *c;
	int yes = 1;

	if (!l->is_tcp && !may_ask(s, fd)) {
		close(fd);
		return;
	}
	if (s->n_conns >= s->config.max_connections)
		policy_turn_run(s);
	while (s->n_conns >= s->config.max_connections && s->oldest) {
		metric_add(s->config.metrics.evicted, 1);
		policy_conn_drop(s->oldest);
	}
	if (l->is_tcp)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	c = policy_conn_add(s, fd);
	if (!policy_conn_serve(c))
		policy_conn_drop(c);
}

static bool
is_answered(const struct policy_conn *c)
{
	return c->is_answered && c->have == 0 && c->owed == 0;
}

/* Those that have their answer may be over soon: they stay fresh. */
static void
watch_unanswered(struct policy_server *s)
{
	for (size_t i = s->n_fresh; i-- > 0;) {
		if (!is_answered(s->fresh[i]))
			policy_conn_watch(s->fresh[i]);
	}
	if (s->n_fresh > 0 && !s->is_fresh_timed)
		loop_timer_in(s->fresh_end, FRESH_US);
	s->is_fresh_timed = s->n_fresh > 0;
}

/* Now they are closed, or they stay. None is in the turn. */
static void
end_fresh(struct policy_server *s)
{
	while (s->n_fresh > 0) {
		struct policy_conn *c = s->fresh[s->n_fresh - 1];
		bool is_there = policy_conn_serve(c);

		if (is_there)
			policy_conn_watch(c);
		else
			policy_conn_drop(c);
	}
}

static void
on_fresh_end(void *ctx)
{
	struct policy_server *s = ctx;

	s->is_fresh_timed = false;
	policy_turn_run(s);
	end_fresh(s);
}

static bool
is_on_duty(const struct policy_server *s)
{
	return !s->config.duty || s->config.duty(s->config.duty_ctx);
}

/* Until the next tick. */
static void
pause_listener(struct policy_listener *l)
{
	loop_watch_set(l->watch, 0);
}

static void
accept_some(struct policy_listener *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
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
	struct policy_listener *l = ctx;

	if (!is_on_duty(l->server)) {
		pause_listener(l);
		return;
	}
	policy_turn_run(l->server);
	if (l->server->n_fresh > POLICY_FRESH - ACCEPTS)
		end_fresh(l->server);
	accept_some(l);
	policy_turn_run(l->server);
	watch_unanswered(l->server);
}

static void
close_overdue(struct policy_server *s)
{
	int64_t now_us = loop_now_us(s->loop);
	struct policy_conn *next;

	policy_turn_run(s);
	for (struct policy_conn *c = s->oldest; c; c = next) {
		bool is_busy = c->have > 0 || c->owed > 0;
		int64_t limit_us =
		    is_busy ? s->config.slow_us : s->config.idle_us;

		next = c->newer;
		if (now_us - c->since_us < limit_us)
			continue;
		if (is_busy)
			metric_add(s->config.metrics.slow, 1);
		policy_conn_drop(c);
	}
}

static void
on_tick(void *ctx)
{
	struct policy_server *s = ctx;

	close_overdue(s);
	if (!is_on_duty(s))
		return;
	for (struct policy_listener *l = s->listeners; l; l = l->next)
		loop_watch_set(l->watch, LOOP_READ);
}

struct policy_server *
policy_server_new(struct loop *loop, const struct policy_config *config)
{
	struct policy_server *s = xalloc(1, sizeof(*s));

	s->loop = loop;
	s->config = *config;
	policy_turn_init(s);
	s->tick = loop_timer_new(loop, on_tick, s);
	loop_timer_every(s->tick, TICK_US);
	s->fresh_end = loop_timer_new(loop, on_fresh_end, s);
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
	struct policy_listener *l;

	if (!s)
		return;
	policy_turn_done(s);
	while ((l = s->listeners)) {
		s->listeners = l->next;
		loop_watch_free(&l->watch);
		close(l->fd);
		free(l);
	}
	loop_timer_free(&s->tick);
	loop_timer_free(&s->fresh_end);
	free(s);
	*server = NULL;
}

void
policy_server_adopt(struct policy_server *s, int fd)
{
	struct policy_listener *l = xalloc(1, sizeof(*l));
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
