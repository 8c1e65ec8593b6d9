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
#include "config/settings.h"
#include "ledger/event.h"

struct notifiers;
struct mailer;

/* Is it the time to write a letter about this event? LATER: asked again. The
 * hook returns one of these. */
enum notifiers_when { NOTIFIERS_NOW, NOTIFIERS_LATER, NOTIFIERS_NEVER };
typedef int notifiers_when_fn(void *ctx, const struct event *e);

/* book: what failed is kept there. */
struct kept;
struct notifiers *notifiers_new(struct loop *l, const struct redis_options *o,
    struct str node, struct redis *writer, struct kept *book,
    const struct settings *s, struct mailer *mailer);
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

/* notifiers_book.c: how one webhook is, as this node sees it; false: there is
 * none of this name. */
struct notifiers_webhook {
	uint64_t sent, failed;
	size_t waiting, parked;
	int64_t failing_since, next; /* seconds; 0: not failing, none waits */
	const char *why;	     /* of the last failure; never NULL */
	const char *tested;	     /* why the last test failed; empty */
};
bool notifiers_webhook(const struct notifiers *n, struct str webhook,
    struct notifiers_webhook *out);
/* Each that was given up (an event as JSON), the newest first; returns how
 * many.
 */
typedef void notifiers_parked_fn(
    void *ctx, struct str event, int64_t since, struct str why);
size_t notifiers_parked(const struct notifiers *n, struct str webhook,
    notifiers_parked_fn *each, void *ctx);
/* They are tried again; false: no such webhook. */
bool notifiers_retry(struct notifiers *n, struct str webhook, size_t *count);
/* Sends it a test; done is called once, later, and `tested` says. false: it
 * can't be. */
bool notifiers_test(struct notifiers *n, struct str webhook, const char *by,
    loop_fn *done, void *ctx);

/* What waits to be told, or is parked, and is meant, is told to nobody; returns
 * how much. */
size_t notifiers_forget(
    struct notifiers *n, bool (*is)(void *ctx, struct str json), void *ctx);

#endif
