/* ring - which of several a key goes to, always the same one
 *
 * Weighted rendezvous hashing: each member has its score for the key, the best
 * one has it. Who comes, goes or changes its weight moves only what goes to or
 * from itself. The same on every host and after every restart. Pure.
 */
#ifndef REPUTATION_RING_H
#define REPUTATION_RING_H

#include "base/str.h"

/* Not keyed: an outsider who chooses his keys gains nothing. */
uint64_t ring_hash(struct str key);

struct ring_member {
	uint64_t id;   /* ring_hash of its name */
	double weight; /* 0: it gets nothing */
};
/* SIZE_MAX: nobody has a weight. */
size_t ring_choose(const struct ring_member *v, size_t n, uint64_t key);

#endif
