/* notifiers - who listens to the stream of events: letters and webhooks
 *
 * Each target is a courier (ledger/courier.h) that sends by notify/post.h.
 */
#ifndef DAEMON_NOTIFIERS_H
#define DAEMON_NOTIFIERS_H

#include "base/json.h"
#include "base/loop.h"
#include "base/redis.h"
#include "daemon/settings.h"

struct notifiers;

struct notifiers *notifiers_new(struct loop *l, const struct redis_options *o,
    struct str node, struct redis *writer, const struct settings *s);
/* The connections go; then the writer may go; then notifiers_free. */
void notifiers_close(struct notifiers *n);
void notifiers_free(struct notifiers **n);
/* The writer's state changed. */
void notifiers_on_state(struct notifiers *n);
/* A reload: targets come and go. */
void notifiers_set(struct notifiers *n, const struct settings *s);
void notifiers_status(struct notifiers *n, struct json_out *j);

#endif
