/* notifiers - who listens to the stream of events: letters and webhooks
 *
 * Each target is a courier (ledger/courier.h) that sends by notify/post.h, with
 * connections of its own, so that a slow one slows no other.
 */
#ifndef DAEMON_NOTIFIERS_H
#define DAEMON_NOTIFIERS_H

#include "base/json.h"
#include "base/loop.h"
#include "base/redis.h"
#include "daemon/settings.h"
#include "ledger/event.h"

struct notifiers;
struct mailer;

/* Is it the time to write a letter about this event? LATER: asked again. The
 * hook returns one of these. */
enum notifiers_when { NOTIFIERS_NOW, NOTIFIERS_LATER, NOTIFIERS_NEVER };
typedef int notifiers_when_fn(void *ctx, const struct event *e);

struct notifiers *notifiers_new(struct loop *l, const struct redis_options *o,
    struct str node, struct redis *writer, const struct settings *s,
    struct mailer *mailer);
/* Nobody is asked before this. */
void notifiers_ask(struct notifiers *n, notifiers_when_fn *when, void *ctx);
/* Before the writer is freed: what is under way is cancelled, and its leases
 * are given back. */
void notifiers_free(struct notifiers **n);
/* The writer's state changed. */
void notifiers_on_state(struct notifiers *n);
/* A reload: targets come and go; those that stay notice nothing. */
void notifiers_set(struct notifiers *n, const struct settings *s);
void notifiers_status(struct notifiers *n, struct json_out *j);

#endif
