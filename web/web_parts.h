/* web_parts - what the files of web share */
#ifndef WEB_WEB_PARTS_H
#define WEB_WEB_PARTS_H

#include "base/listener.h"
#include "web/web.h"
#include "web/web_guard.h"

enum web_state {
	WEB_FREE,
	WEB_RECEIVING,
	WEB_ASKED,     /* its handler has it; closed already when fd < 0 */
	WEB_SENDING,   /* the answer */
	WEB_LINGERING, /* closing at once would take back what was sent */
};

struct web_route {
	enum http_method method;
	struct str path;
	size_t body_max;
	web_fn *on_request;
	void *ctx;
};

struct web_connection {
	struct web *web;
	struct loop_watch *watch;
	enum web_state state;
	int fd;
	int64_t since_us; /* of the state */
	struct ip peer;
	struct web_place *place; /* NULL: not counted */
	struct text in;		 /* up to the head's end */
	struct text body, out;
	size_t length, written; /* of body, of out */
	bool is_whole;		/* nothing more will come */
	struct http_head *head; /* NULL: not all of it came */
	const struct web_route *route;
	struct web_request request;
};

struct web {
	struct loop *loop;
	struct listener *listener;
	struct loop_timer *sweep;
	struct web_options o;
	bool is_paused;
	size_t n_connections, bodies;
	uint64_t counts[WEB_COUNTS];
	struct web_route routes[WEB_ROUTES], otherwise;
	size_t n_routes;
	struct web_guard guard;
	struct web_connection *v;
};

/* web_request.c */
enum { WEB_HEAD_BYTES = HTTP_HEAD_MAX + 16 * 1024 + 1 };
void web_connection_enter(struct web_connection *c, enum web_state state);
/* A loop_fn. */
void web_connection_on_ready(void *ctx);
void web_connection_hang_up(struct web_connection *c);
void web_connection_release(struct web_connection *c);

#endif
