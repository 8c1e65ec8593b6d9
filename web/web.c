/* web - an HTTP port: who may ask how much, and what is asked where */
#include "web/web.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"
#include "web/web_parts.h"

enum {
	CONNECTIONS = 64,
	BODIES = 16 * 1024 * 1024,
	RECEIVE_US = 10 * 1000 * 1000,
	ANSWER_US = 60 * 1000 * 1000,
	SEND_US = 30 * 1000 * 1000,
	LINGER_US = 2 * 1000 * 1000,
	SWEEP_US = 250 * 1000,
};

/* Free, or of who takes longest to ask; NULL: all are being answered. */
static struct web_connection *
find_room(const struct web *w)
{
	struct web_connection *slowest = NULL;

	for (size_t i = 0; i < w->o.connections_max; i++) {
		struct web_connection *c = &w->v[i];

		if (c->state == WEB_FREE)
			return c;
		if ((c->state == WEB_RECEIVING || c->state == WEB_LINGERING) &&
		    (!slowest || c->since_us < slowest->since_us))
			slowest = c;
	}
	return slowest;
}

/* A proxy is counted by whom it asks for. */
static bool
may_enter(struct web *w, const struct ip *peer, struct web_place **place)
{
	*place = NULL;
	if (ip_is_none(peer) || ip_nets_has(w->o.proxies, peer))
		return true;
	*place = web_guard_enter(&w->guard, peer, loop_now_us(w->loop));
	if (!*place)
		w->counts[WEB_RATED]++;
	return *place != NULL;
}

/* Only for who may enter. */
static void
make_room(struct web_connection *c)
{
	if (c->state == WEB_FREE)
		return;
	c->web->counts[WEB_CUT]++;
	web_connection_release(c);
}

static void
on_waiting(void *ctx)
{
	struct web *w = ctx;
	struct web_connection *c = find_room(w);
	struct web_place *place;
	struct ip peer = {{0}};

	if (!c) { /* the others wait in the kernel */
		w->is_paused = true;
		listener_pause(w->listener, true);
		return;
	}
	int fd = listener_accept(w->listener);

	if (fd < 0)
		return;
	if ((!listener_is_unix(w->listener) && !sock_client(fd, &peer)) ||
	    !may_enter(w, &peer, &place)) {
		close(fd);
		return;
	}
	make_room(c);
	c->fd = fd;
	c->peer = peer;
	c->place = place;
	text_grow(&c->in, WEB_HEAD_BYTES);
	c->watch =
	    loop_watch_new(w->loop, fd, LOOP_READ, web_connection_on_ready, c);
	web_connection_enter(c, WEB_RECEIVING);
	if (w->n_connections++ == 0)
		loop_timer_every(w->sweep, SWEEP_US);
}

/* A handler that never answers keeps its place: it may still do so. */
static void
give_up(struct web_connection *c)
{
	struct str late = STR("HTTP/1.1 504 Gateway Timeout\r\n"
			      "Content-Length: 0\r\nConnection: close\r\n\r\n");

	if (c->fd < 0)
		return;
	c->web->counts[WEB_FAILED]++;
	if (sock_send(c->fd, late.p, late.n) < 0)
		errno = 0;
	web_connection_hang_up(c);
}

static void
sweep_one(struct web_connection *c, int64_t took_us)
{
	const struct web_options *o = &c->web->o;

	if (c->state == WEB_ASKED && took_us > o->answer_us)
		give_up(c);
	else if (c->state == WEB_LINGERING && took_us > LINGER_US)
		web_connection_release(c);
	else if ((c->state == WEB_RECEIVING && took_us > o->receive_us) ||
		 (c->state == WEB_SENDING && took_us > SEND_US)) {
		c->web->counts[WEB_CUT]++;
		web_connection_release(c);
	}
}

static void
on_sweep(void *ctx)
{
	struct web *w = ctx;
	int64_t now_us = loop_now_us(w->loop);

	for (size_t i = 0; i < w->o.connections_max; i++)
		sweep_one(&w->v[i], now_us - w->v[i].since_us);
	if (w->n_connections == 0)
		loop_timer_stop(w->sweep);
}

static const struct ip_nets nobody;

static void
set_options(struct web *w, const struct web_options *o)
{
	w->o = *o;
	if (w->o.connections_max == 0)
		w->o.connections_max = CONNECTIONS;
	if (w->o.bodies_max == 0)
		w->o.bodies_max = BODIES;
	if (w->o.receive_us == 0)
		w->o.receive_us = RECEIVE_US;
	if (w->o.answer_us == 0)
		w->o.answer_us = ANSWER_US;
	if (!w->o.proxies)
		w->o.proxies = &nobody;
	w->guard.connections_max = o->network_connections;
	w->guard.per_minute = o->network_per_minute;
}

/* The form that base/sock.h wants. */
static void
print_address(const char *listen, struct text *t)
{
	struct str s = str_from(listen);

	if (!str_starts(s, STR("unix:")) && !str_starts(s, STR("inet:")))
		text_add(t, "inet:");
	text_str(t, s);
}

struct web *
web_new(struct loop *l, const struct web_options *o, struct error *err)
{
	char address[300];
	struct text t;

	text_init(&t, address, sizeof(address));
	print_address(o->listen, &t);
	struct web *w = xalloc(1, sizeof(*w));

	w->listener = listener_new(l, address, o->mode, on_waiting, w, err);
	if (!w->listener) {
		free(w);
		return NULL;
	}
	w->loop = l;
	set_options(w, o);
	w->v = xalloc(w->o.connections_max, sizeof(*w->v));
	for (size_t i = 0; i < w->o.connections_max; i++)
		w->v[i] = (struct web_connection){.web = w, .fd = -1};
	w->sweep = loop_timer_new(l, on_sweep, w);
	return w;
}

void
web_free(struct web **wp)
{
	struct web *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	for (size_t i = 0; i < w->o.connections_max; i++) {
		if (w->v[i].state != WEB_FREE)
			web_connection_release(&w->v[i]);
	}
	loop_timer_free(&w->sweep);
	listener_free(&w->listener);
	free(w->v);
	free(w);
}

int
web_port(const struct web *w)
{
	return listener_port(w->listener);
}

void
web_route(struct web *w, enum http_method method, const char *path,
    size_t body_max, web_fn *on_request, void *ctx)
{
	assert(w->n_routes < WEB_ROUTES);
	w->routes[w->n_routes++] = (struct web_route){
	    method, str_from(path), body_max, on_request, ctx};
}

void
web_otherwise(struct web *w, web_fn *on_request, void *ctx)
{
	w->otherwise = (struct web_route){.on_request = on_request, .ctx = ctx};
}

uint64_t
web_count(const struct web *w, enum web_count what)
{
	return w->counts[what];
}

size_t
web_connections(const struct web *w)
{
	return w->n_connections;
}

void
web_trust(struct web *w, const struct ip_nets *proxies)
{
	w->o.proxies = proxies;
}
