/* busiest - who sent most in the last hour, at hand at any time
 *
 * With a million accounts nobody walks them all for a look. An account's hour
 * grows only by a fact of its own, so each such fact lets it compete for one
 * of few places; what was counted before we started, or by other nodes, is
 * found by a sweep of a few hundred subjects at a time.
 */
#ifndef DAEMON_BUSIEST_H
#define DAEMON_BUSIEST_H

#include "ledger/ledger.h"

enum { BUSIEST = 128 };

struct busiest;

struct busiest *busiest_new(struct ledger *l); /* which outlives it */
void busiest_free(struct busiest **b);

/* A recipient was counted for this account. */
void busiest_note(struct busiest *b, struct subject *account);
/* Sweeps on by up to `max` subjects. True: all were seen since the last true.
 */
bool busiest_sweep(struct busiest *b, size_t max);
/* Makes room: what an hour ago was much may be nothing now. Up to `max` of them
 * are looked at, in turn; who sleeps wakes for it. */
void busiest_refresh(struct busiest *b, size_t max);

struct busiest_one {
	struct subject *subject; /* for this turn */
	uint64_t hour;		 /* recipients */
};
/* The most first; returns how many. */
size_t busiest_list(struct busiest *b, struct busiest_one out[BUSIEST]);

#endif
