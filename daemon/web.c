/* web - the HTTP port */
#include "daemon/web.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>

#include "base/metric.h"
#include "base/sock.h"

enum {
	MAX_HEADERS = 8 * 1024,
	MAX_BODY = 1024,
	TIMEOUT_S = 20,
	METRICS_MAX = 4 * 1024 * 1024,
};

struct web {
	struct evhttp *http;
	int fd;
	web_prepare_fn *on_prepare;
	void *ctx;
};

static void
reply(struct evhttp_request *r, int status, const char *reason,
    const char *type, struct str body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(r);
	struct evbuffer *b = evbuffer_new();

	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	/* evhttp would send a HEAD's body (and no length): say the length. */
	if (evhttp_request_get_command(r) == EVHTTP_REQ_HEAD) {
		char n[32];
		struct text t;

		text_init(&t, n, sizeof(n));
		text_u64(&t, body.n);
		evhttp_add_header(headers, "Content-Length", n);
	} else if (b) {
		evbuffer_add(b, body.p, body.n);
	}
	evhttp_send_reply(r, status, reason, b);
	if (b)
		evbuffer_free(b);
}

/* Whoever asked may have hung up: libevent then drops the answer. */
static void
on_prepared(void *ctx)
{
	struct evhttp_request *r = ctx;
	struct text t;

	text_grow(&t, METRICS_MAX);
	metric_print_all(&t);
	reply(r, 200, "OK", "text/plain; version=0.0.4; charset=utf-8",
	    text_view(&t));
	text_done(&t);
}

static void
on_metrics(struct evhttp_request *r, void *ctx)
{
	struct web *w = ctx;

	w->on_prepare(w->ctx, on_prepared, r);
}

static void
on_health(struct evhttp_request *r, void *ctx)
{
	(void)ctx;
	reply(r, 200, "OK", "text/plain", STR("ok\n"));
}

static void
on_other(struct evhttp_request *r, void *ctx)
{
	(void)ctx;
	reply(r, 404, "Not Found", "text/plain", STR("not found\n"));
}

struct web *
web_new(struct loop *l, const char *listen, web_prepare_fn *on_prepare,
    void *ctx, struct error *err)
{
	char address[300];
	struct text t;

	text_init(&t, address, sizeof(address));
	text_printf(&t, "inet:%s", listen);
	int fd = sock_listen(address, 0, err);

	if (fd < 0)
		return NULL;
	struct web *w = xalloc(1, sizeof(*w));

	w->fd = fd;
	w->on_prepare = on_prepare;
	w->ctx = ctx;
	w->http = evhttp_new(loop_base(l));
	if (!w->http || evhttp_accept_socket(w->http, fd) < 0)
		fatal("no memory for the HTTP port");
	evhttp_set_allowed_methods(w->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(w->http, MAX_HEADERS);
	evhttp_set_max_body_size(w->http, MAX_BODY);
	evhttp_set_timeout(w->http, TIMEOUT_S);
	evhttp_set_cb(w->http, "/metrics", on_metrics, w);
	evhttp_set_cb(w->http, "/healthz", on_health, w);
	evhttp_set_gencb(w->http, on_other, w);
	return w;
}

void
web_free(struct web **wp)
{
	struct web *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	evhttp_free(w->http);
	free(w);
}

int
web_port(const struct web *w)
{
	return sock_port(w->fd);
}
