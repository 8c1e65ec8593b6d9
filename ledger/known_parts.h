/* known_parts - what a set of those whom an account knows is made of; for
 * known*.c alone
 */
#ifndef LEDGER_KNOWN_PARTS_H
#define LEDGER_KNOWN_PARTS_H

#include "ledger/known.h"
#include "ledger/squeeze.h"

/* One block: the young generation, the old one, then the fresh ones, members of
 * the young generation that were met last, each sorted. They are what a journal
 * needs, and join the young ones when they are saved or become many.
 */
struct known {
	uint32_t began; /* days since RECORD_EPOCH: of the young generation */
	uint16_t young, old, fresh, cap; /* members */
	bool is_all_fresh;		 /* too much changed for a list */
	uint8_t v[];
};

_Static_assert((int)KNOWN_MEMBER == (int)SQUEEZE_NUMBER &&
		   (int)KNOWN_BITS == (int)SQUEEZE_BITS,
    "a member is a number");

/* Of a hash, or of a member that older versions kept, what a member has: the
 * upper KNOWN_BITS of 24. */
static inline uint32_t
known_member(uint64_t hash)
{
	return (uint32_t)(hash >> (64 - KNOWN_BITS))
	       << (8 * KNOWN_MEMBER - KNOWN_BITS);
}

static inline size_t
known_size(const struct known *k)
{
	return (size_t)k->young + k->old + k->fresh;
}

static inline const uint8_t *
known_old(const struct known *k)
{
	return k->v + (size_t)k->young * KNOWN_MEMBER;
}

static inline const uint8_t *
known_fresh(const struct known *k)
{
	return known_old(k) + (size_t)k->old * KNOWN_MEMBER;
}

/* known.c. Room for so many members; made when NULL. */
void known_resize(struct known **k, size_t cap);
/* The fresh ones into the young ones. */
void known_sort(struct known *k);
/* A young member, which may be there already; the first one begins that day. */
void known_put(struct known **k, uint32_t member, uint32_t began);

#endif
