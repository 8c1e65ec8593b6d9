/* app_hooks - programs that are run when an account is stopped, or goes on
 *
 * What is to be run is kept in the books until it is done, so that a restart
 * takes it up, and is looked at again before its turn: whoever was lifted
 * meanwhile isn't locked. It needs no Redis, but for hooks that run once for
 * all nodes: there a lease on the cause says whose turn it is, and a mark that
 * it is done (as in ledger/courier.h).
 */
#ifndef DAEMON_APP_HOOKS_H
#define DAEMON_APP_HOOKS_H

#include "daemon/control.h"

struct app;
struct app_hooks;
struct event;
struct json_out;

enum { HOOKS_WAITING = 10000 };

/* Once Redis' connections are there; takes up what is in the books (app
 * .hooked). */
struct app_hooks *app_hooks_new(struct app *a);
/* Nothing is run any more, before the connections go; and after them, for they
 * answer what was asked. */
void app_hooks_stop(struct app_hooks *h);
void app_hooks_free(struct app_hooks **h);

/* app_events.c: an event that has an effect, and was news. h may be NULL. */
void app_hooks_effect(struct app_hooks *h, const struct event *e);

/* What waits for this account is not run. */
void app_hooks_forget(struct app_hooks *h, struct str account);

/* For the desk: `outpost hooks`. */
void app_hooks_list(
    void *app, const struct control_request *q, struct control_reply *r);

#endif
