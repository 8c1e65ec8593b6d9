/* record_cells - tiers, keys and places of cells; for record*.c alone
 *
 * The tiers change only at whole buckets of the next wider one, so the cells
 * of a tier stand together and a fold has work only when ten minutes are over.
 */
#ifndef LEDGER_RECORD_CELLS_H
#define LEDGER_RECORD_CELLS_H

#include "ledger/record.h"

enum { TIER_MINUTE, TIER_TEN, TIER_HOUR, TIER_DAY };
enum {
	LAST_MINUTE = (1 << 25) - 1,
	MINUTES_FINE = 60, /* single minutes for so long */
	MINUTES_TENS = 2 * 1440,
	MINUTES_HOURS = 8 * 1440,
	MINUTES_ALL = RECORD_DAYS * 1440,
};

static const uint32_t widths[] = {1, 10, 60, 1440}; /* as cell_end's */

static inline int
tier_of(uint32_t key)
{
	return key >> 5 & 3;
}

static inline uint32_t
make_key(uint32_t start, int tier, uint32_t c)
{
	return start << 7 | (uint32_t)tier << 5 | c;
}

static inline uint32_t
floor_to(uint32_t minute, uint32_t ago, uint32_t width)
{
	minute = minute > ago ? minute - ago : 0;
	return minute - minute % width;
}

/* The tier that a minute stands in at the time `now`. */
static inline int
tier_at(uint32_t minute, uint32_t now)
{
	if (minute + MINUTES_FINE >= now ||
	    minute >= floor_to(now, MINUTES_FINE, widths[TIER_TEN]))
		return TIER_MINUTE;
	if (minute >= floor_to(now, MINUTES_TENS, widths[TIER_HOUR]))
		return TIER_TEN;
	if (minute >= floor_to(now, MINUTES_HOURS, widths[TIER_DAY]))
		return TIER_HOUR;
	return TIER_DAY;
}

static inline bool
is_over(uint32_t end, uint32_t now)
{
	return end + MINUTES_ALL <= now;
}

/* Where what stands in [start, end) belongs in this tier, without its count. */
static inline uint32_t
place(const struct record *r, uint32_t start, uint32_t end, int tier)
{
	uint32_t width = widths[tier];
	uint32_t to = start - start % width;
	bool is_before_mark = end <= r->mark_minute;

	if (is_before_mark && to + width > r->mark_minute && to >= width)
		to -= width;
	return make_key(to, tier, 0);
}

static inline void
note_change(struct record *r, uint32_t key)
{
	if (key < r->changed_key)
		r->changed_key = key;
}

static inline uint32_t
add_saturated(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* When a cell must move to a wider bucket, or go. */
static inline uint32_t
due_minute(struct cell cell)
{
	static const uint32_t keeps[] = {
	    MINUTES_FINE, MINUTES_TENS, MINUTES_HOURS, MINUTES_ALL};
	static const uint32_t wholes[] = {10, 60, 1440, 1440};
	int tier = tier_of(cell.key);
	uint32_t start = cell_start(cell);

	return start - start % wholes[tier] + wholes[tier] + keeps[tier];
}

/* The first of v[0..n) whose key is not less. */
uint32_t cells_find(const struct cell *v, uint32_t n, uint32_t key);
/* Adds to a sorted array that has room; returns its new length. */
uint32_t cells_put(struct cell *v, uint32_t n, uint32_t key, uint32_t count);

#endif
