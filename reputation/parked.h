/* parked - mail that waits for a provider that is paused
 *
 * Learned from the log: each time that Postfix puts a recipient off because his
 * transport is none. One entry for each recipient of a queued message; those
 * whose sender is known to be good have a worth, and are the ones that probe
 * the provider and that leave first. Bounded: of the others the longest known
 * go. Pure.
 */
#ifndef REPUTATION_PARKED_H
#define REPUTATION_PARKED_H

#include "base/text.h"

enum { PARKED_ID = 25, PARKED_INSTANCE = 65, PARKED_RECIPIENT = 255 };

struct parked_message {
	struct str provider, instance, id, recipient, account;
	int64_t worth; /* 0: nothing is known for its sender */
};

struct parked_item {
	struct parked_item *older, *newer; /* of its sort, by when it came */
	int64_t since, seen;		   /* seconds; seen: put off again */
	int64_t tried;			   /* last asked for; 0: never */
	int64_t worth;
	const char *provider;
	char id[PARKED_ID], instance[PARKED_INSTANCE];
	struct str recipient, account; /* the former in lower case */
	struct str key;
	char texts[];
};

struct parked;
struct parked *parked_new(size_t max);
void parked_free(struct parked **p);

/* It was put off. false: it isn't one that can be named in a table, or there
 * are too many. */
bool parked_note(struct parked *p, const struct parked_message *m, int64_t now);
/* It was tried, or is gone. true: it was known. */
bool parked_gone(
    struct parked *p, struct str instance, struct str id, struct str recipient);
/* Whose sender is good no more, or is now. */
void parked_set_worth(struct parked *p, struct parked_item *i, int64_t worth);

/* All of a provider (empty: of all), those with a worth first, each sort by
 * age. Nothing may go meanwhile but the one that is shown. */
typedef void parked_fn(void *ctx, struct parked_item *i);
void parked_each(
    struct parked *p, struct str provider, parked_fn *each, void *ctx);
/* The one with a worth that was tried the longest ago, of those the worthiest;
 * NULL: there is none. */
struct parked_item *parked_best(struct parked *p, struct str provider);
size_t parked_count(
    const struct parked *p, struct str provider, size_t *worthy);
/* Those that weren't put off since then are gone by other ways. */
void parked_tick(struct parked *p, int64_t since);

#endif
