/* courier - brings events to a target outside, each cause at least once
 *
 * A target (a webhook, the letters) is a consumer group of the stream. One node
 * takes an event (XREADGROUP), holds a lease on its cause while sending (SET
 * lease NX EX), and marks it when sent; a node that dies leaves its events to
 * the others (XAUTOCLAIM). Failures are tried again with growing pauses, over
 * restarts, until `give_up` after the event; then the event is dropped and
 * on_given_up says so.
 *
 * An event that names another's cause (`after`) is told only to a target that
 * was told that one: it waits for it up to ten minutes.
 *
 * What waits can be gathered: courier_gather puts it aside until a time, and
 * the first of a kind that is sent then takes the others with it
 * (courier_ride), into one message.
 *
 * What failed and waits is told to its owner, who keeps it where a Redis that
 * lost its data doesn't matter, and hands it in again after a start
 * (courier_add).
 *
 * What waits for its next attempt is kept as JSON, and bounded: a thousand
 * events or 4 MiB. What is new is taken until 80 of them had no attempt yet,
 * so that events which nobody wants don't hold up the others.
 */
#ifndef LEDGER_COURIER_H
#define LEDGER_COURIER_H

#include "base/redis.h"
#include "ledger/event.h"

struct courier;
struct courier_delivery; /* one attempt; ended by courier_done */

enum courier_outcome {
	COURIER_TAKEN,
	COURIER_FAILED,	 /* try again later */
	COURIER_LATER,	 /* no failure: it isn't the time yet */
	COURIER_REFUSED, /* for good, it seems: tried again, but not for long */
};

/* All times in seconds. */
struct courier_options {
	const char *target;  /* the group's name: "letters", "webhook:desk" */
	struct str node;     /* the consumer's name */
	int64_t first_retry; /* doubled each time up to max_retry */
	int64_t max_retry;
	int64_t give_up;	 /* after the event */
	int64_t give_up_refused; /* the same, when it was refused */
	int64_t attempt;	 /* the longest that one may take */
	size_t at_once;		 /* attempts in parallel */
};

/* None of them may free the courier. */
struct courier_hooks {
	/* Send it, then call courier_done, once. false: the target wants none
	 * of it; d is void then, and the event counts as taken. */
	bool (*on_send)(
	    void *ctx, const struct event *e, struct courier_delivery *d);
	void (*on_given_up)(void *ctx, const struct event *e);
	void *ctx;
	/* How many seconds after it happened an event is sent. NULL: 0. */
	int64_t (*delay)(void *ctx, const struct event *e);
	/* An event of this name (its cause, or id) failed and waits; it is
	 * over: taken, or told by another node. May be NULL, both. */
	void (*on_waiting)(void *ctx, const char *name, struct str json);
	void (*on_over)(void *ctx, const char *name);
};

/* reader: a connection of its own (it blocks); writer may be shared. Starts at
 * once; a target new to this Redis begins with events from now on. */
struct courier *courier_new(struct loop *l, const struct courier_options *o,
    const struct courier_hooks *hooks, struct redis *writer,
    struct redis *reader);
/* Those that wait and are meant are told to nobody; returns how many. */
typedef bool courier_is_fn(void *ctx, struct str json);
size_t courier_forget(struct courier *c, courier_is_fn *is, void *ctx);
/* The connections may be freed before or later, but the loop must not run
 * between a connection's end and this. Attempts under way are abandoned:
 * nothing is heard of them any more, but each courier_done must still come, for
 * it frees the delivery. */
void courier_free(struct courier **c);
void courier_on_state(struct courier *c);

void courier_done(struct courier_delivery *d, enum courier_outcome outcome);

/* courier_flood.c. Instead of sending it, inside on_send: it waits for others
 * of its kind until due_us; d is void. */
enum { COURIER_KIND = 48 };
void courier_gather(
    struct courier_delivery *d, const char *kind, int64_t due_us);
/* Inside on_send: the kind that it was gathered under; NULL: it wasn't. */
const char *courier_kind(const struct courier_delivery *d);
/* Has this event been tried before? */
bool courier_is_again(const struct courier_delivery *d);
/* Inside on_send: all others that were gathered under its kind go with it, up
 * to max: what becomes of d becomes of them. Each is told, in their order. */
typedef void courier_ride_fn(void *ctx, const char *name, struct str json);
void courier_ride(
    struct courier_delivery *d, size_t max, courier_ride_fn *each, void *ctx);

/* An event that isn't in the stream any more; tried until `until` (0: as
 * others), unless it is in hand already or was told. */
void courier_add(struct courier *c, struct str json, int64_t until);

struct courier_status {
	uint64_t sent, failed, given_up;
	size_t waiting;	 /* taken from the stream, not yet sent */
	int64_t next_us; /* when the next failed one is tried; 0: none failed */
};
void courier_status(const struct courier *c, struct courier_status *out);

#endif
