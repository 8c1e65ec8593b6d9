/* app_web - the HTTP ports */
#include "daemon/app_web.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

enum {
	METRICS_MAX = 4 * 1024 * 1024,
	HTTP_CONNECTIONS = 64,
	API_CONNECTIONS = 128,
	API_BODIES = 64 * 1024 * 1024,
	PAGE_MODE = 0666,
	API_MODE = 0660,
};

struct app_web {
	struct app *app;
	struct web *http, *page, *api; /* NULL: not open */
};

struct scrape {
	struct app *app;
	struct web_request *request;
};

static void
on_tallied(void *ctx)
{
	struct scrape *s = ctx;
	struct text t;

	app_gauges(s->app);
	text_grow(&t, METRICS_MAX);
	metric_print_all(&t);
	const struct web_answer a = {.status = 200,
	    .type = "text/plain; version=0.0.4; charset=utf-8",
	    .body = text_view(&t)};

	web_reply(s->request, &a);
	text_done(&t);
	free(s);
}

static void
on_metrics(void *ctx, struct web_request *r)
{
	struct scrape *s = xalloc(1, sizeof(*s));

	*s = (struct scrape){ctx, r};
	app_tally_ask(ctx, on_tallied, s);
}

static void
on_health(void *ctx, struct web_request *r)
{
	(void)ctx;
	web_reply_text(r, 200, "ok");
}

static struct web *
open_port(struct app *a, const struct web_options *o, const char *what)
{
	struct error err;

	if (!*o->listen)
		return NULL;
	struct web *w = web_new(a->loop, o, &err);

	if (!w)
		log_error("%s; %s, mail flows", err.text, what);
	return w;
}

static struct web *
open_http(struct app *a)
{
	const struct web_options o = {.listen = a->settings->daemon.http_listen,
	    .connections_max = HTTP_CONNECTIONS};
	struct web *w = open_port(a, &o, "there is no /metrics");

	if (w) {
		web_route(w, HTTP_GET, "/metrics", 0, on_metrics, a);
		web_route(w, HTTP_GET, "/healthz", 0, on_health, a);
	}
	return w;
}

static struct web *
open_page(struct app *a)
{
	const struct daemon_settings *s = &a->settings->daemon;
	const struct web_options o = {
	    .listen = s->page_listen,
	    .mode = PAGE_MODE,
	    .proxies = &s->page_proxies,
	    .connections_max = (size_t)s->page_connections,
	    .network_connections = (unsigned)s->page_network_connections,
	    .network_per_minute = (unsigned)s->page_network_rate,
	};

	return open_port(a, &o, "owners can't see their cases");
}

static struct web *
open_api(struct app *a)
{
	const struct daemon_settings *s = &a->settings->daemon;
	const struct web_options o = {
	    .listen = s->api_listen,
	    .mode = API_MODE,
	    .proxies = &s->api_proxies,
	    .connections_max = API_CONNECTIONS,
	    .bodies_max = API_BODIES,
	};

	return open_port(a, &o, "there is no API");
}

struct app_web *
app_web_new(struct app *a)
{
	struct app_web *w = xalloc(1, sizeof(*w));

	w->app = a;
	w->http = open_http(a);
	w->page = open_page(a);
	w->api = open_api(a);
	return w;
}

void
app_web_free(struct app_web **wp)
{
	struct app_web *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	web_free(&w->http);
	web_free(&w->page);
	web_free(&w->api);
	free(w);
}

void
app_web_reload(struct app_web *w)
{
	const struct daemon_settings *s = &w->app->settings->daemon;

	if (w->page)
		web_trust(w->page, &s->page_proxies);
	if (w->api)
		web_trust(w->api, &s->api_proxies);
}

struct web *
app_web_page(struct app_web *w)
{
	return w->page;
}

struct web *
app_web_api(struct app_web *w)
{
	return w->api;
}

void
app_web_gauges(const struct app_web *w)
{
	static const struct str names[WEB_COUNTS] = {
	    [WEB_ANSWERED] = STR_INIT("answered"),
	    [WEB_FAILED] = STR_INIT("failed"),
	    [WEB_REFUSED] = STR_INIT("refused"),
	    [WEB_RATED] = STR_INIT("too_many"),
	    [WEB_CUT] = STR_INIT("too_slow"),
	};
	const struct web *const ports[] = {w->http, w->page, w->api};
	size_t connections = 0;

	for (size_t k = 0; k < 3; k++)
		connections += ports[k] ? web_connections(ports[k]) : 0;
	metric_set(metrics_get(METRICS_WEB_CONNECTIONS), (int64_t)connections);
	for (size_t i = 0; i < WEB_COUNTS; i++) {
		struct metric *m = metrics_by(METRICS_WEB_REQUESTS, names[i]);
		uint64_t sum = 0;

		for (size_t k = 0; k < 3; k++)
			sum += ports[k] ? web_count(ports[k], (enum web_count)i)
					: 0;
		metric_add(m, sum - metric_value(m));
	}
}
