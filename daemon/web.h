/* web - the HTTP port: GET /metrics (Prometheus text) and /healthz
 *
 * Bounds: request size, header size, time. Any other method or path is 404 or
 * 405. libevent's evhttp; the callbacks get plain paths and texts.
 */
#ifndef DAEMON_WEB_H
#define DAEMON_WEB_H

#include "base/error.h"
#include "base/loop.h"
#include "base/text.h"

struct web;

/* Called before /metrics is printed: a moment to set gauges. done is called
 * once, now or later, but not after web_free. */
typedef void web_prepare_fn(void *ctx, loop_fn *done, void *done_ctx);

/* listen: "HOST:PORT" (HOST an address literal, [..] for IPv6). */
struct web *web_new(struct loop *l, const char *listen,
    web_prepare_fn *on_prepare, void *ctx, struct error *err);
void web_free(struct web **w);
/* The port it got (PORT may be 0). */
int web_port(const struct web *w);

#endif
