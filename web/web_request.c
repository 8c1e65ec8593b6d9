/* web_request - one connection of an HTTP port: its request, its answer */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"
#include "web/web_parts.h"

enum {
	READ_BYTES = 16 * 1024,
	ANSWER_HEAD = 4096,
};

void
web_connection_enter(struct web_connection *c, enum web_state state)
{
	c->state = state;
	c->since_us = loop_now_us(c->web->loop);
}

void
web_connection_hang_up(struct web_connection *c)
{
	loop_watch_free(&c->watch);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void
web_connection_release(struct web_connection *c)
{
	struct web *w = c->web;

	web_connection_hang_up(c);
	if (c->place)
		web_guard_leave(c->place);
	w->bodies -= c->length;
	text_done(&c->in);
	text_done(&c->body);
	text_done(&c->out);
	free(c->head);
	*c = (struct web_connection){.web = w, .fd = -1};
	w->n_connections--;
	if (w->is_paused) {
		w->is_paused = false;
		listener_pause(w->listener, false);
	}
}

static void
finish(struct web_connection *c)
{
	if (c->is_whole || shutdown(c->fd, SHUT_WR) < 0) {
		web_connection_release(c);
		return;
	}
	web_connection_enter(c, WEB_LINGERING);
	loop_watch_set(c->watch, LOOP_READ);
}

static void
send_some(struct web_connection *c)
{
	while (c->written < c->out.n) {
		ssize_t n = sock_send(
		    c->fd, c->out.p + c->written, c->out.n - c->written);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			loop_watch_set(c->watch, LOOP_WRITE);
			return;
		}
		if (n <= 0) {
			web_connection_release(c);
			return;
		}
		c->written += (size_t)n;
	}
	finish(c);
}

static void
count_answer(struct web *w, int status)
{
	enum web_count what = WEB_ANSWERED;

	if (status >= 500)
		what = WEB_FAILED;
	else if (status == 429)
		what = WEB_RATED;
	else if (status >= 400)
		what = WEB_REFUSED;
	w->counts[what]++;
}

static void
print_answer(const struct web_answer *a, bool is_head, struct text *out)
{
	text_printf(out, "HTTP/1.1 %d %s\r\nConnection: close\r\n", a->status,
	    http_reason(a->status));
	if (a->type)
		text_printf(out, "Content-Type: %s\r\n", a->type);
	if (a->status != 204)
		text_printf(out, "Content-Length: %zu\r\n", a->body.n);
	text_add(out, "X-Content-Type-Options: nosniff\r\n");
	text_str(out, a->headers);
	text_add(out, "\r\n");
	if (!is_head)
		text_str(out, a->body);
}

static void
answer(struct web_connection *c, const struct web_answer *a)
{
	bool is_head = c->head && c->head->method == HTTP_HEAD;

	text_grow(&c->out, a->body.n + a->headers.n + ANSWER_HEAD);
	print_answer(a, is_head, &c->out);
	count_answer(c->web, a->status);
	web_connection_enter(c, WEB_SENDING);
	send_some(c);
}

void
web_reply(struct web_request *r, const struct web_answer *a)
{
	struct web_connection *c = r->connection;

	if (c->fd < 0)
		web_connection_release(c);
	else
		answer(c, a);
}

static void
refuse(struct web_connection *c, int status)
{
	char line[80];
	struct text t;

	text_init(&t, line, sizeof(line));
	text_printf(&t, "%s\n", http_reason(status));
	const struct web_answer a = {.status = status,
	    .type = "text/plain; charset=utf-8",
	    .headers = status == 429 ? STR("Retry-After: 60\r\n") : STR(""),
	    .body = text_view(&t)};

	answer(c, &a);
}

void
web_reply_text(struct web_request *r, int status, const char *text)
{
	struct text t;

	text_grow(&t, strlen(text) + 2);
	text_add(&t, text);
	text_char(&t, '\n');
	const struct web_answer a = {.status = status,
	    .type = "text/plain; charset=utf-8",
	    .body = text_view(&t)};

	web_reply(r, &a);
	text_done(&t);
}

static void
ask(struct web_connection *c, const struct web_route *route)
{
	/* It is looked at again when there is an answer; who hangs up
	 * meanwhile is noticed then. */
	loop_watch_set(c->watch, 0);
	web_connection_enter(c, WEB_ASKED);
	c->request.body = text_view(&c->body);
	route->on_request(route->ctx, &c->request);
}

static bool
is_on(const struct web_route *route, struct str path)
{
	return str_is(route->path, path) || (str_ends(route->path, STR("/")) &&
						str_starts(path, route->path));
}

/* NULL with the status that says why. */
static const struct web_route *
find_route(const struct web *w, const struct http_head *head, int *status)
{
	enum http_method method =
	    head->method == HTTP_HEAD ? HTTP_GET : head->method;
	const struct web_route *best = NULL;

	*status = 404;
	for (size_t i = 0; i < w->n_routes; i++) {
		const struct web_route *r = &w->routes[i];

		if (!is_on(r, head->path))
			continue;
		*status = 405;
		if (r->method == method && (!best || r->path.n > best->path.n))
			best = r;
	}
	return best;
}

/* Whom a proxy asks for is known only now. */
static bool
is_within_rate(struct web_connection *c)
{
	struct web *w = c->web;
	int64_t now_us = loop_now_us(w->loop);
	const struct ip *client = &c->request.client;

	if (!c->place && !ip_is_none(client)) {
		c->place = web_guard_enter(&w->guard, client, now_us);
		if (!c->place)
			return false;
	}
	return !c->place || web_guard_take(&w->guard, c->place, now_us);
}

static void
take_body(struct web_connection *c, struct str bytes)
{
	text_str(&c->body, str_head(bytes, c->length - c->body.n));
	if (c->body.n < c->length)
		return;
	c->is_whole = true;
	ask(c, c->route);
}

static void
begin_body(struct web_connection *c, struct str rest)
{
	struct web *w = c->web;

	if (c->head->length > c->route->body_max) {
		refuse(c, 413);
		return;
	}
	if (c->head->length > w->o.bodies_max - w->bodies) {
		refuse(c, 503);
		return;
	}
	c->length = (size_t)c->head->length;
	w->bodies += c->length;
	text_grow(&c->body, c->length + 1);
	if (c->head->is_expecting && rest.n == 0 && c->length > 0) {
		struct str go_on = STR("HTTP/1.1 100 Continue\r\n\r\n");

		if (sock_send(c->fd, go_on.p, go_on.n) < 0) {
			web_connection_release(c);
			return;
		}
	}
	take_body(c, rest);
}

static void
begin_request(struct web_connection *c, struct str rest)
{
	struct web *w = c->web;
	int status = http_head_parse(text_view(&c->in), c->head);

	if (status) {
		refuse(c, status);
		return;
	}
	c->is_whole = c->head->length == 0;
	c->request = (struct web_request){
	    c->head, STR(""), http_client(c->head, &c->peer, w->o.proxies), c};
	if (!is_within_rate(c)) {
		refuse(c, 429);
		return;
	}
	c->route = find_route(w, c->head, &status);
	if (c->route)
		begin_body(c, rest);
	else if (status == 404 && w->otherwise.on_request)
		ask(c, &w->otherwise);
	else
		refuse(c, status);
}

static void
take_head(struct web_connection *c, struct str bytes)
{
	size_t before = c->in.n;

	text_str(&c->in, bytes);
	size_t n = http_head_length(text_view(&c->in));

	if (n > HTTP_HEAD_MAX || (n == 0 && c->in.n > HTTP_HEAD_MAX)) {
		refuse(c, 431);
		return;
	}
	if (n == 0)
		return;
	c->in.n = n; /* it grows no more: what points into it stays */
	c->head = xalloc(1, sizeof(*c->head));
	begin_request(c, str_skip(bytes, n - before));
}

static void
receive_some(struct web_connection *c)
{
	char buf[READ_BYTES];
	ssize_t n = sock_recv(c->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		web_connection_release(c);
	else if (c->state == WEB_LINGERING)
		return;
	else if (c->head)
		take_body(c, str_make(buf, (size_t)n));
	else
		take_head(c, str_make(buf, (size_t)n));
}

void
web_connection_on_ready(void *ctx)
{
	struct web_connection *c = ctx;

	if (c->state == WEB_SENDING)
		send_some(c);
	else
		receive_some(c);
}
