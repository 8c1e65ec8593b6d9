/* sketch - about how many different ones: a set that merges, in little memory
 *
 * A HyperLogLog of 1024 registers (3% off) per hour and per day, the present
 * one and the one before: estimates cover one to two hours or days. Few
 * members are kept as (register, rank, hour), four bytes each; beyond
 * SKETCH_SPARSE of them the registers are spelt out. Hashes come from outside,
 * keyed with the installation's secret.
 */
#ifndef LEDGER_SKETCH_H
#define LEDGER_SKETCH_H

#include "ledger/bits.h"

enum { SKETCH_SPARSE = 256, SKETCH_KEY = 16 };

struct sketch_seen {
	uint16_t entry; /* register << 6 | rank */
	uint16_t hour;	/* since RECORD_EPOCH, its low bits */
};

/* All zero is an empty one. */
struct sketch {
	struct sketch_dense *dense; /* NULL: few */
	struct sketch_seen *seen;
	uint16_t n, cap;
	uint16_t fresh;	    /* the last so many of seen are not saved */
	bool is_fresh;	    /* too many for that: all of it is to be saved */
	uint32_t last_hour; /* the latest added */
};

void sketch_done(struct sketch *s);

/* SipHash-2-4: keyed, so that nobody outside can choose colliding members. */
uint64_t sketch_hash(const uint8_t key[SKETCH_KEY], struct str member);
/* What a hash becomes; a journal keeps entries, not hashes. */
uint16_t sketch_entry(uint64_t hash);

/* true when it changed the sketch. */
bool sketch_add(struct sketch *s, uint16_t entry, int64_t at);
/* Of several sketches together, over the last hour (window up to an hour) or
 * the last day. */
uint64_t sketch_count(
    const struct sketch *const *v, size_t n, int64_t window, int64_t now);
/* What sketch_add changed since sketch_saved. Applying it twice is harmless. */
bool sketch_has_fresh(const struct sketch *s);
void sketch_pack_fresh(const struct sketch *s, struct text *out);
bool sketch_apply_fresh(struct sketch *s, struct str packed);
void sketch_saved(struct sketch *s);

/* Forget what is over; may free everything. */
void sketch_fold(struct sketch *s, int64_t now);
bool sketch_is_empty(const struct sketch *s);

void sketch_pack(const struct sketch *s, struct text *out);
/* Replaces s, nothing is an empty one; false, and s empty, when damaged. */
bool sketch_unpack(struct sketch *s, struct str packed);
/* The same of one that isn't spelt out (dense), in half the bytes. */
void sketch_pack_small(const struct sketch *s, struct bits_out *out);
bool sketch_take_small(struct sketch *s, struct bits_in *in);
/* How it begins: its last hour, and of how many members. */
void sketch_look_small(struct bits_in *in, uint32_t *last_hour, uint32_t *n);

#endif
