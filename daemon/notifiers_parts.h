/* notifiers_parts - what notifiers*.c share, nobody else */
#ifndef DAEMON_NOTIFIERS_PARTS_H
#define DAEMON_NOTIFIERS_PARTS_H

#include "base/fetch.h"
#include "daemon/notifiers.h"
#include "ledger/courier.h"
#include "notify/post.h"

enum { TARGETS = 33, TARGET_NAME = 80, FLOOD_KINDS = 16 };

/* How many events of a kind were sent in a minute. */
struct flood_minute {
	char kind[COURIER_KIND];
	int64_t began_us;
	int64_t n;
};

struct target {
	struct notifiers *owner;
	char name[TARGET_NAME];
	size_t webhook; /* index of settings; SIZE_MAX: the letters */
	int64_t timeout, retry_for;
	struct fetcher *fetcher;
	struct redis *reader;
	struct courier *courier;
	bool is_failing; /* said */
	int64_t said_at;
	int64_t failing_since; /* seconds; 0: the last attempt was good */
	char why[256];	       /* of the last failure */
	char tested[256];      /* what became of the last test */
	bool is_wanted;	       /* not on its way out */
	struct flood_minute floods[FLOOD_KINDS];
};

struct notifiers {
	struct loop *loop;
	struct redis_options redis;
	char *uri;
	char node[17];
	struct redis *writer;
	struct mailer *mailer;
	const struct settings *settings;
	struct kept *book; /* deliveries */
	notifiers_when_fn *when;
	void *when_ctx;
	struct target *v[TARGETS];
	size_t n;
	bool is_ending;
};

static inline bool
target_is_webhook(const struct target *t)
{
	return t->webhook != SIZE_MAX;
}

static inline const struct webhook_settings *
target_settings(const struct target *t)
{
	return &t->owner->settings->webhooks[t->webhook];
}

/* notifiers_book.c: what failed is kept under the target's name and its own:
 * courier_hooks. */
void notifiers_on_waiting(void *target, const char *name, struct str json);
void notifiers_on_over(void *target, const char *name);
void notifiers_on_given_up(void *target, const struct event *e);
/* A target begins: what it owes from before. */
void notifiers_take_up(struct target *t);

/* notifiers_flood.c: true: it waits, to be told with others of its kind. */
bool notifiers_gather(
    struct target *t, const struct event *e, struct courier_delivery *d);
/* The event, with all that were gathered under its kind. */
bool notifiers_post_flood(struct target *t, const struct event *e,
    struct courier_delivery *d, post_fn *on_done, void *ctx);

#endif
