/* control_server - the control socket (daemon/control.h has the protocol)
 *
 * Who asks is known from the socket (SO_PEERCRED). A question over its size,
 * not finished in time, or one too many, costs that connection only.
 */
#ifndef DAEMON_CONTROL_SERVER_H
#define DAEMON_CONTROL_SERVER_H

#include "base/loop.h"
#include "base/setting.h"
#include "daemon/control.h"

struct control_server;

struct control_options {
	const char *path;
	const char *group; /* may look; empty or unknown: the owner's group */
	bool is_told;	   /* that it is unknown was said before */
	struct setting_list admins; /* copied */
	int64_t timeout_us; /* for a whole question and answer; 0: 10 s */
	/* Before a question is answered: true when it will call done(done_ctx)
	 * once, later; it is answered then. NULL: at once. */
	bool (*prepare)(void *ctx, const struct control_request *q,
	    loop_fn *done, void *done_ctx);
	/* It was answered, but not for good: true when it is to be asked again,
	 * and will call done(done_ctx) once, later, for that. NULL: never. */
	bool (*gather)(void *ctx, loop_fn *done, void *done_ctx);
	/* An order was obeyed: calls done(done_ctx) once, later, when that
	 * outlives a crash; it is answered then. NULL: at once. */
	void (*settle)(void *ctx, loop_fn *done, void *done_ctx);
};

typedef void control_fn(
    void *ctx, const struct control_request *q, struct control_reply *reply);

struct control_server *control_server_new(struct loop *l,
    const struct control_options *o, control_fn *on_request, void *ctx,
    struct error *err);
/* A reload. */
void control_server_set_admins(
    struct control_server *s, const struct setting_list *admins);
void control_server_free(struct control_server **s);

#endif
