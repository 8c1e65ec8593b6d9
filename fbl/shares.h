/* shares - what the people behind a provider complain about, against what was
 * delivered to them
 *
 * Counts by day, of this node and of the others: each node writes its own under
 * keys that have its name, in a list that all nodes have (kept.h). What was
 * counted since the last flush is in memory only: some seconds of deliveries
 * may be missing after a crash, which no share shows. Pure.
 */
#ifndef FBL_SHARES_H
#define FBL_SHARES_H

#include "fbl/kept.h"

enum share_count {
	SHARE_DELIVERED,
	SHARE_COMPLAINTS,
	SHARE_TRAPS,
	SHARE_NOT_SPAM,
	SHARE_COUNTS
};

enum {
	SHARES_MAX = 20000, /* in the list: days, providers, nodes */
	SHARES_DAYS = 35,
	SHARES_NAME = 40,
};

struct shares {
	struct kept kept;
	struct map now;	  /* counting, by key */
	int64_t told_at;  /* the others */
	int64_t last_day; /* with a count */
	char node[20];
	/* The last one that was counted. */
	struct shares_one *last;
};

struct share {
	uint64_t v[SHARE_COUNTS];
};

void shares_init(struct shares *s);
void shares_done(struct shares *s);
/* Before anything is counted. */
void shares_set_node(struct shares *s, struct str node);

/* at: of the message. */
void shares_add(
    struct shares *s, struct str provider, enum share_count c, int64_t at);
/* What was counted goes into the list; for the others, too, once a minute.
 * What is older than SHARES_DAYS goes. */
void shares_flush(struct shares *s, int64_t now);

/* Of all nodes, from the day of `since` on, as of their last flush: each day's,
 * each node's. */
typedef void shares_fn(
    void *ctx, struct str provider, const struct share *share);
void shares_each(struct shares *s, int64_t since, shares_fn *each, void *ctx);
void shares_sum(
    struct shares *s, struct str provider, int64_t since, struct share *out);

/* Complaints, traps as many times, less what was no spam. */
uint64_t shares_weigh(const struct share *s, uint64_t trap_weight);

#endif
