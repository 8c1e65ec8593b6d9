/* web - an HTTP port: who may ask how much, and what is asked where
 *
 * Several may be open, each with its own routes and bounds. One request a
 * connection, answered when its handler says so: at once, or later. Bounds: the
 * head (8 KB), the body (each route's own), the time to send the request (slow
 * headers are cut), to answer it and to take the answer; connections, and those
 * and requests of one client network; bytes of bodies at once. When all places
 * are taken, who took longest to send its request is cut.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <sys/types.h>
#include "base/error.h"
#include "base/loop.h"
#include "web/http.h"

struct web_options {
	/* "HOST:PORT" (HOST an address literal, [..] for IPv6; PORT may be 0)
	 * or "unix:/PATH". */
	const char *listen;
	mode_t mode; /* of a unix socket */
	/* 0: a default (64, 16 MB, 10 s, 60 s) */
	size_t connections_max;
	size_t bodies_max; /* bytes */
	int64_t receive_us, answer_us;
	/* of one client network (/24, /64); 0: any number */
	unsigned network_connections, network_per_minute;
	/* Believed when they say whom they ask for; not copied. Who asks
	 * through a unix socket is believed. */
	const struct ip_nets *proxies;
};

/* Valid until it is answered. */
struct web_request {
	const struct http_head *head;
	struct str body;
	struct ip client;		   /* none: not known (a unix socket) */
	struct web_connection *connection; /* whose it is; web.c's */
};

struct web_answer {
	int status;
	const char *type;   /* NULL: there is no body */
	struct str headers; /* whole lines with CRLF, ours; may be empty */
	struct str body;
};

/* A handler: calls web_reply once, now or later, but not after web_free. */
typedef void web_fn(void *ctx, struct web_request *r);

struct web;

struct web *web_new(
    struct loop *l, const struct web_options *o, struct error *err);
void web_free(struct web **w);
/* The port it got. */
int web_port(const struct web *w);

enum { WEB_ROUTES = 32 };
/* path: a literal; one that ends in / stands for all below it, the longest that
 * fits is taken. A GET route answers HEAD. What no route fits is 404, another
 * method 405. */
void web_route(struct web *w, enum http_method method, const char *path,
    size_t body_max, web_fn *on_request, void *ctx);
/* Instead of a plain 404. */
void web_otherwise(struct web *w, web_fn *on_request, void *ctx);
/* Another generation of the settings. */
void web_trust(struct web *w, const struct ip_nets *proxies);

/* r is gone after this. Who asked may have hung up: then so is the answer. */
void web_reply(struct web_request *r, const struct web_answer *a);
/* A text; a line end is added. */
void web_reply_text(struct web_request *r, int status, const char *text);

enum web_count {
	WEB_ANSWERED,
	WEB_FAILED,  /* answered with 5xx */
	WEB_REFUSED, /* 4xx: a bad request, or what isn't there */
	WEB_RATED,   /* too many of one network */
	WEB_CUT,     /* too slow, or silent */
	WEB_COUNTS
};
uint64_t web_count(const struct web *w, enum web_count what);
size_t web_connections(const struct web *w);

#endif
