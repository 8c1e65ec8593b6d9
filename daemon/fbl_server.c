/* fbl_server - the LMTP socket */
#include "daemon/fbl_server.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/listener.h"
#include "base/sock.h"
#include "base/time.h"
#include "fbl/lmtp.h"

enum {
	CONNECTIONS = 16, /* each may hold a whole mail */
	READ_BYTES = 65536,
	ANSWER_BYTES = 65536,
	IDLE_US = 300 * 1000 * 1000,
	SWEEP_US = 5 * 1000 * 1000,
};

struct connection {
	struct fbl_server *server;
	struct loop_watch *watch;
	int fd;		  /* -1: closed */
	int64_t since_us; /* of the last sign of life */
	struct lmtp lmtp;
	struct text out;
	size_t written;
	struct text rest; /* came behind a mail that waits */
	bool is_asked;	  /* keeps its place, closed or not */
	bool is_closing;
};

struct fbl_server {
	struct loop *loop;
	struct listener *listener;
	struct loop_timer *sweep;
	struct fbl_server_options o;
	struct connection v[CONNECTIONS];
};

static void
close_connection(struct connection *c)
{
	loop_watch_free(&c->watch);
	close(c->fd);
	c->fd = -1;
	lmtp_done(&c->lmtp);
	text_done(&c->out);
	text_done(&c->rest);
}

static void
listen_again(struct fbl_server *s)
{
	listener_pause(s->listener, false);
}

/* What could be written was; false: the connection is closed. */
static bool
write_some(struct connection *c)
{
	while (c->written < c->out.n) {
		ssize_t n = sock_send(
		    c->fd, c->out.p + c->written, c->out.n - c->written);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_watch_set(c->watch, LOOP_WRITE);
			return true;
		}
		if (n <= 0) {
			close_connection(c);
			return false;
		}
		c->written += (size_t)n;
	}
	text_clear(&c->out);
	c->written = 0;
	if (c->is_closing) {
		close_connection(c);
		return false;
	}
	loop_watch_set(c->watch, c->is_asked ? 0 : LOOP_READ);
	return true;
}

static void on_answer(void *ctx, enum fbl_outcome outcome, const char *why);

static void
feed(struct connection *c, struct str bytes)
{
	struct fbl_server *s = c->server;
	enum lmtp_turn turn = lmtp_feed(&c->lmtp, &bytes, &c->out);

	c->is_closing = turn == LMTP_CLOSE || c->out.is_cut;
	c->is_asked = turn == LMTP_TAKEN && !c->is_closing;
	if (c->is_asked) {
		text_clear(&c->rest);
		text_str(&c->rest, bytes);
		s->o.take(s->o.ctx, text_view(&c->lmtp.data), on_answer, c);
	}
	write_some(c);
}

static void
print_reply(enum fbl_outcome outcome, const char *why, struct text *out)
{
	if (outcome == FBL_LATER)
		text_printf(out, "451 4.3.0 %s", why);
	else if (outcome == FBL_KEPT)
		text_add(out, "250 2.0.0 kept for a person to read");
	else
		text_add(out, "250 2.0.0 taken");
}

static void
on_answer(void *ctx, enum fbl_outcome outcome, const char *why)
{
	struct connection *c = ctx;
	char reply[512];
	struct text t;

	c->is_asked = false;
	listen_again(c->server);
	if (c->fd < 0)
		return; /* nobody waits any more */
	c->since_us = loop_now_us(c->server->loop);
	text_init(&t, reply, sizeof(reply));
	print_reply(outcome, why, &t);
	lmtp_answer(&c->lmtp, reply, &c->out);
	struct text rest = c->rest;

	text_grow(&c->rest, READ_BYTES + 1);
	feed(c, text_view(&rest));
	text_done(&rest);
}

static void
read_some(struct connection *c)
{
	char buf[READ_BYTES];
	ssize_t n = sock_recv(c->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_connection(c);
		return;
	}
	c->since_us = loop_now_us(c->server->loop);
	feed(c, str_make(buf, (size_t)n));
}

static void
on_ready(void *ctx)
{
	struct connection *c = ctx;

	if (c->out.n > 0)
		write_some(c);
	else if (c->is_asked)
		close_connection(c); /* it hung up, and asks again */
	else
		read_some(c);
	listen_again(c->server);
}

static struct connection *
free_slot(struct fbl_server *s)
{
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (s->v[i].fd < 0 && !s->v[i].is_asked)
			return &s->v[i];
	}
	return NULL;
}

static bool
is_allowed(struct fbl_server *s, int fd)
{
	uid_t uid;

	return !listener_is_unix(s->listener) ||
	       (sock_peer(fd, &uid, NULL, NULL) == 0 &&
		   s->o.may(s->o.ctx, uid));
}

static void
on_waiting(void *ctx)
{
	struct fbl_server *s = ctx;
	struct connection *c = free_slot(s);

	if (!c) { /* the others wait in the kernel */
		listener_pause(s->listener, true);
		return;
	}
	int fd = listener_accept(s->listener);

	if (fd < 0)
		return;
	if (!is_allowed(s, fd)) {
		close(fd);
		return;
	}
	*c = (struct connection){.server = s, .fd = fd};
	c->since_us = loop_now_us(s->loop);
	text_grow(&c->out, ANSWER_BYTES);
	text_grow(&c->rest, READ_BYTES + 1);
	lmtp_init(&c->lmtp, str_from(s->o.host), s->o.max_bytes, &c->out);
	c->watch = loop_watch_new(s->loop, fd, LOOP_READ, on_ready, c);
	write_some(c);
}

static void
on_sweep(void *ctx)
{
	struct fbl_server *s = ctx;
	int64_t now_us = loop_now_us(s->loop);

	for (size_t i = 0; i < CONNECTIONS; i++) {
		struct connection *c = &s->v[i];

		if (c->fd >= 0 && !c->is_asked &&
		    now_us - c->since_us > s->o.idle_us)
			close_connection(c);
	}
	listen_again(s);
}

struct fbl_server *
fbl_server_new(
    struct loop *l, const struct fbl_server_options *o, struct error *err)
{
	struct fbl_server *s = xalloc(1, sizeof(*s));

	s->listener = listener_new(l, o->address, o->mode, on_waiting, s, err);
	if (!s->listener) {
		free(s);
		return NULL;
	}
	s->loop = l;
	s->o = *o;
	if (s->o.idle_us == 0)
		s->o.idle_us = IDLE_US;
	for (size_t i = 0; i < CONNECTIONS; i++)
		s->v[i].fd = -1;
	s->sweep = loop_timer_new(l, on_sweep, s);
	loop_timer_every(s->sweep, SWEEP_US);
	return s;
}

void
fbl_server_free(struct fbl_server **sp)
{
	struct fbl_server *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (s->v[i].fd >= 0)
			close_connection(&s->v[i]);
	}
	loop_timer_free(&s->sweep);
	listener_free(&s->listener);
	free(s);
}
