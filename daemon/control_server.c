/* control_server - the control socket */
#include "daemon/control_server.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/listener.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/time.h"

enum {
	MAX_CONNECTIONS = 64,
	TIMEOUT_US = 10 * 1000 * 1000,
	SWEEP_US = 1000 * 1000,
};

struct connection {
	struct control_server *server;
	struct loop_watch *watch;
	int fd; /* -1: free */
	int64_t since_us;
	struct text in, out;
	size_t written;
	bool is_answering;
	bool is_settling; /* keeps its place, closed or not */
	bool is_prepared;
};

struct control_server {
	struct loop *loop;
	struct listener *listener;
	struct loop_timer *sweep;
	int64_t timeout_us;
	struct arena arena; /* admins */
	struct setting_list admins;
	control_fn *on_request;
	bool (*prepare)(void *ctx, const struct control_request *q,
	    loop_fn *done, void *done_ctx);
	bool (*gather)(void *ctx, loop_fn *done, void *done_ctx);
	void (*settle)(void *ctx, loop_fn *done, void *done_ctx);
	void *ctx;
	struct connection v[MAX_CONNECTIONS];
};

static void
close_connection(struct connection *c)
{
	loop_watch_free(&c->watch);
	close(c->fd);
	c->fd = -1;
	text_done(&c->in);
	text_done(&c->out);
}

static void
user_name(uid_t uid, char *out, size_t cap)
{
	struct passwd pw, *found = NULL;
	char buf[4096];
	struct text t;

	text_init(&t, out, cap);
	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found)
		text_add(&t, pw.pw_name);
	else
		text_printf(&t, "uid:%u", (unsigned)uid);
}

static bool
may_change(const struct control_server *s, uid_t uid, const char *user)
{
	if (uid == 0)
		return true;
	for (size_t i = 0; i < s->admins.n; i++) {
		if (strcmp(s->admins.v[i], user) == 0)
			return true;
	}
	return false;
}

static void on_prepared(void *ctx);

/* It keeps its place until then, closed or not. */
static bool
wait_for_it(struct connection *c, bool is_later)
{
	if (is_later) {
		c->is_settling = true;
		loop_watch_set(c->watch, 0);
	}
	return is_later;
}

/* true: it is answered later. */
static bool
prepare(struct connection *c, const struct control_request *q)
{
	struct control_server *s = c->server;

	if (!s->prepare || c->is_prepared)
		return false;
	c->is_prepared = true;
	return wait_for_it(c, s->prepare(s->ctx, q, on_prepared, c));
}

static bool
ask(struct connection *c, const struct control_request *q,
    struct control_reply *reply)
{
	struct control_server *s = c->server;

	s->on_request(s->ctx, q, reply);
	return s->gather && wait_for_it(c, s->gather(s->ctx, on_prepared, c));
}

/* false: it is answered later. */
static bool
answer(struct connection *c, struct str line, struct control_reply *reply)
{
	struct control_server *s = c->server;
	struct control_request q;
	struct json *doc = NULL;
	struct error err;
	char user[65];
	uid_t uid;

	if (sock_peer(c->fd, &uid, NULL, NULL) < 0) {
		control_fail(reply, EXIT_DENIED, "who asks is not known");
		return true;
	}
	user_name(uid, user, sizeof(user));
	if (!control_parse(line, &q, &doc, &err)) {
		control_fail(reply, EXIT_USAGE, "%s", err.text);
		return true;
	}
	q.user = user;
	q.may_change = may_change(s, uid, user);
	bool is_later = prepare(c, &q) || ask(c, &q, reply);

	json_free(&doc);
	return !is_later;
}

static void
write_some(struct connection *c)
{
	while (c->written < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + c->written,
		    c->out.n - c->written, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_watch_set(c->watch, LOOP_WRITE);
			return;
		}
		if (n <= 0)
			break;
		c->written += (size_t)n;
	}
	close_connection(c);
}

static void
on_settled(void *ctx)
{
	struct connection *c = ctx;

	c->is_settling = false;
	if (c->fd >= 0)
		write_some(c);
}

static void
send_reply(struct connection *c, struct control_reply *reply)
{
	struct control_server *s = c->server;
	bool is_order = reply->is_order;

	c->is_answering = true;
	text_grow(&c->out, 2 * (size_t)CONTROL_REPLY);
	control_print(reply, &c->out);
	control_reply_done(reply);
	if (!is_order || !s->settle) {
		write_some(c);
		return;
	}
	c->is_settling = true;
	loop_watch_set(c->watch, 0);
	s->settle(s->ctx, on_settled, c);
}

static void
start_answer(struct connection *c, struct str line)
{
	struct control_reply reply;

	control_reply_init(&reply);
	if (answer(c, line, &reply))
		send_reply(c, &reply);
	else
		control_reply_done(&reply);
}

static void
on_prepared(void *ctx)
{
	struct connection *c = ctx;
	struct str rest, line;

	c->is_settling = false;
	if (c->fd < 0)
		return; /* it took too long */
	rest = text_view(&c->in);
	if (str_cut(&rest, '\n', &line))
		start_answer(c, line);
}

static void
refuse_long(struct connection *c)
{
	struct control_reply reply;

	control_reply_init(&reply);
	control_fail(&reply, EXIT_USAGE, "the question is longer than %d bytes",
	    CONTROL_REQUEST);
	send_reply(c, &reply);
}

static void
read_some(struct connection *c)
{
	char buf[8192];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_connection(c);
		return;
	}
	text_bytes(&c->in, buf, (size_t)n);
	struct str rest = text_view(&c->in), line;

	if (str_cut(&rest, '\n', &line))
		start_answer(c, line);
	else if (c->in.is_cut)
		refuse_long(c);
}

static void
on_ready(void *ctx)
{
	struct connection *c = ctx;

	if (c->is_answering)
		write_some(c);
	else
		read_some(c);
}

static struct connection *
free_slot(struct control_server *s)
{
	for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
		if (s->v[i].fd < 0 && !s->v[i].is_settling)
			return &s->v[i];
	}
	return NULL;
}

static void
on_waiting(void *ctx)
{
	struct control_server *s = ctx;
	int fd = listener_accept(s->listener);
	struct connection *c = free_slot(s);

	if (fd < 0)
		return;
	if (!c) {
		close(fd);
		return;
	}
	*c = (struct connection){.server = s, .fd = fd};
	c->since_us = loop_now_us(s->loop);
	text_grow(&c->in, CONTROL_REQUEST);
	c->watch = loop_watch_new(s->loop, fd, LOOP_READ, on_ready, c);
}

static void
on_sweep(void *ctx)
{
	struct control_server *s = ctx;
	int64_t now_us = loop_now_us(s->loop);

	for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
		if (s->v[i].fd >= 0 &&
		    now_us - s->v[i].since_us > s->timeout_us)
			close_connection(&s->v[i]);
	}
}

static void
tell_unknown(const struct control_options *o)
{
	if (!o->is_told)
		log_notice("control_group: there is no group \"%s\"; only root "
			   "and outpostd's own user may use %s",
		    o->group, o->path);
}

static void
set_group(const struct control_options *o)
{
	struct group gr, *found = NULL;
	char buf[4096];

	if (!*o->group)
		return;
	if (getgrnam_r(o->group, &gr, buf, sizeof(buf), &found) != 0 || !found)
		tell_unknown(o);
	else if (chown(o->path, (uid_t)-1, gr.gr_gid) < 0)
		log_warning("control_group: %s can't be given to \"%s\": %s; "
			    "its members may not look",
		    o->path, o->group, strerror(errno));
}

void
control_server_set_admins(
    struct control_server *s, const struct setting_list *admins)
{
	const char **v;

	arena_done(&s->arena);
	arena_init(&s->arena);
	v = arena_alloc(&s->arena, (admins->n + 1) * sizeof(*v));
	for (size_t i = 0; i < admins->n; i++)
		v[i] = arena_dup(&s->arena, str_from(admins->v[i]));
	s->admins = (struct setting_list){v, admins->n};
}

struct control_server *
control_server_new(struct loop *l, const struct control_options *o,
    control_fn *on_request, void *ctx, struct error *err)
{
	char address[4096];
	struct text t;

	text_init(&t, address, sizeof(address));
	text_printf(&t, "unix:%s", o->path);
	struct control_server *s = xalloc(1, sizeof(*s));

	s->listener = listener_new(l, address, 0660, on_waiting, s, err);
	if (!s->listener) {
		free(s);
		return NULL;
	}
	set_group(o);
	s->loop = l;
	s->timeout_us = o->timeout_us ? o->timeout_us : TIMEOUT_US;
	arena_init(&s->arena);
	control_server_set_admins(s, &o->admins);
	s->on_request = on_request;
	s->prepare = o->prepare;
	s->gather = o->gather;
	s->settle = o->settle;
	s->ctx = ctx;
	for (size_t i = 0; i < MAX_CONNECTIONS; i++)
		s->v[i].fd = -1;
	s->sweep = loop_timer_new(l, on_sweep, s);
	loop_timer_every(s->sweep, SWEEP_US);
	return s;
}

void
control_server_free(struct control_server **sp)
{
	struct control_server *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
		if (s->v[i].fd >= 0)
			close_connection(&s->v[i]);
	}
	loop_timer_free(&s->sweep);
	listener_free(&s->listener);
	arena_done(&s->arena);
	free(s);
}
