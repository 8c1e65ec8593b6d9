/* lookup_server - the socketmap socket */
#include "daemon/lookup_server.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/listener.h"
#include "base/sock.h"
#include "mta/socketmap.h"

enum {
	IN = SOCKETMAP_ASK_MAX + 16,
	OUT = 4 * SOCKETMAP_ANSWER_MAX,
	SWEEP_US = 250 * 1000,
	MODE = 0666,
};

struct conn {
	struct lookup_server *server;
	struct conn *next;
	struct loop_watch *watch;
	int fd;
	int64_t since_us; /* the last answer, or what is unfinished began */
	size_t have, owed;
	char in[IN], out[OUT];
};

struct lookup_server {
	struct loop *loop;
	struct lookup_config config; /* without listen */
	char *address;
	struct listener *listener;
	struct loop_timer *sweep;
	struct conn *first;
	size_t n;
	struct lookup_counters counters;
};

static void
drop(struct conn *c)
{
	struct lookup_server *s = c->server;
	struct conn **at = &s->first;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	s->n--;
	loop_watch_free(&c->watch);
	close(c->fd);
	free(c);
}

static void
answer_one(struct conn *c, struct str map, struct str key)
{
	struct lookup_server *s = c->server;
	char value[SOCKETMAP_ANSWER_MAX];
	struct text v, out;

	text_init(&v, value, sizeof(value));
	s->config.find(s->config.ctx, map, key, &v);
	text_init(&out, c->out + c->owed, sizeof(c->out) - c->owed);
	socketmap_print(&out, v.is_cut ? STR("") : text_view(&v));
	c->owed += out.n;
	c->since_us = loop_now_us(s->loop);
	s->counters.answered++;
}

/* As many as there is room for answers. false: it is malformed. */
static bool
answer_all(struct conn *c)
{
	struct str map, key;
	size_t used;

	while (c->have > 0 &&
	       c->owed + SOCKETMAP_ANSWER_MAX + 16 <= sizeof(c->out)) {
		enum socketmap_parsed got = socketmap_parse(
		    str_make(c->in, c->have), &map, &key, &used);

		if (got == SOCKETMAP_BROKEN) {
			c->server->counters.malformed++;
			return false;
		}
		if (got == SOCKETMAP_MORE)
			break;
		answer_one(c, map, key);
		c->have -= used;
		memmove(c->in, c->in + used, c->have);
	}
	return true;
}

/* false: the client is gone. */
static bool
send_owed(struct conn *c)
{
	ssize_t n = c->owed > 0 ? sock_send(c->fd, c->out, c->owed) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0) {
		c->owed -= (size_t)n;
		memmove(c->out, c->out + n, c->owed);
	}
	/* Who doesn't read its answers isn't read. */
	loop_watch_set(c->watch, c->owed > 0 ? LOOP_WRITE : LOOP_READ);
	return true;
}

static bool
receive(struct conn *c)
{
	bool was_begun = c->have > 0;
	ssize_t n = sock_recv(c->fd, c->in + c->have, sizeof(c->in) - c->have);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!was_begun)
		c->since_us = loop_now_us(c->server->loop);
	c->have += (size_t)n;
	return n > 0;
}

static void
on_ready(void *ctx)
{
	struct conn *c = ctx;

	if (c->owed == 0 && !receive(c)) {
		drop(c);
		return;
	}
	bool is_there = send_owed(c);
	bool is_good = is_there && answer_all(c);

	/* What was asked before the nonsense is answered. */
	if (!is_there || !send_owed(c) || !is_good)
		drop(c);
}

static struct conn *
find_oldest(struct lookup_server *s)
{
	struct conn *oldest = s->first;

	for (struct conn *c = s->first; c; c = c->next) {
		if (c->since_us < oldest->since_us)
			oldest = c;
	}
	return oldest;
}

static bool
may_ask(struct lookup_server *s, int fd)
{
	uid_t uid;

	if (!s->config.askers || !listener_is_unix(s->listener) ||
	    sock_peer(fd, &uid, NULL, NULL) < 0)
		return true;
	for (size_t i = 0; i < s->config.n_askers; i++) {
		if (s->config.askers[i] == uid)
			return true;
	}
	s->config.refused(s->config.ctx, uid);
	return false;
}

static void
on_waiting(void *ctx)
{
	struct lookup_server *s = ctx;
	int fd = listener_accept(s->listener);

	if (fd < 0)
		return;
	if (!may_ask(s, fd)) {
		close(fd);
		return;
	}
	if (s->n >= s->config.max_connections) {
		s->counters.evicted++;
		drop(find_oldest(s));
	}
	struct conn *c = xalloc(1, sizeof(*c));

	c->server = s;
	c->fd = fd;
	c->since_us = loop_now_us(s->loop);
	c->next = s->first;
	s->first = c;
	s->n++;
	c->watch = loop_watch_new(s->loop, fd, LOOP_READ, on_ready, c);
}

static void
on_sweep(void *ctx)
{
	struct lookup_server *s = ctx;
	int64_t now_us = loop_now_us(s->loop);
	struct conn *next;

	for (struct conn *c = s->first; c; c = next) {
		bool is_busy = c->have > 0 || c->owed > 0;
		int64_t limit_us =
		    is_busy ? s->config.slow_us : s->config.idle_us;

		next = c->next;
		if (now_us - c->since_us < limit_us)
			continue;
		s->counters.slow += is_busy;
		drop(c);
	}
}

struct lookup_server *
lookup_server_new(
    struct loop *l, const struct lookup_config *config, struct error *err)
{
	struct lookup_server *s = xalloc(1, sizeof(*s));

	s->loop = l;
	s->config = *config;
	s->listener = listener_new(l, config->listen, MODE, on_waiting, s, err);
	if (!s->listener) {
		free(s);
		return NULL;
	}
	s->address = str_dup(str_from(config->listen));
	s->sweep = loop_timer_new(l, on_sweep, s);
	loop_timer_every(s->sweep, SWEEP_US);
	return s;
}

void
lookup_server_free(struct lookup_server **sp)
{
	struct lookup_server *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	while (s->first)
		drop(s->first);
	listener_free(&s->listener);
	loop_timer_free(&s->sweep);
	free(s->address);
	free(s);
}

bool
lookup_server_goes_on(
    struct lookup_server *s, const struct lookup_config *config)
{
	if (strcmp(s->address, config->listen) != 0)
		return false;
	s->config = *config;
	return true;
}

void
lookup_server_counters(
    const struct lookup_server *s, struct lookup_counters *out)
{
	*out = s->counters;
}
