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

static inline uint32_t
add_saturated(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static inline uint32_t
earlier(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* When a bucket (start << 2 | tier) must become part of a wider one, or go. */
static inline uint32_t
due_minute(uint32_t bucket)
{
	uint32_t start = bucket >> 2;

	switch (bucket & 3) {
	case TIER_MINUTE:
		return start - start % 10 + 10 + MINUTES_FINE;
	case TIER_TEN:
		return start - start % 60 + 60 + MINUTES_TENS;
	case TIER_HOUR:
		return start - start % 1440 + 1440 + MINUTES_HOURS;
	default:
		return start - start % 1440 + 1440 + MINUTES_ALL;
	}
}

struct record_live {
	uint32_t changed_key;	/* lowest key changed since record_saved;
				   UINT32_MAX: unchanged */
	uint32_t folded_minute; /* record_fold has run for this minute */
	uint32_t due_minute;	/* before it record_fold has no work */
	uint32_t old_due;	/* ... in old */
	uint32_t old_last;	/* the last bucket of old, start << 2 | tier */
	uint32_t n, cap;
	struct cell v[]; /* single minutes, all after old's */
};

/* A bucket, while it is packed or unpacked. */
struct bucket {
	uint32_t at;  /* start << 2 | tier; a cell's key without its count */
	uint32_t has; /* a bit per count */
	uint32_t n[32];
};

/* The beginning of old, which stays as it is. */
struct cut {
	uint32_t size; /* in bytes */
	uint32_t last; /* its last bucket, as bucket's at; 0: empty */
	uint32_t due;  /* the minute when one of it has aged */
};

/* Cells by key, spelt out: what follows the cut. */
struct cells {
	struct cut cut;
	struct cell *v;
	uint32_t n, cap;
	uint32_t last; /* bucket that cells_take took, as bucket's at */
};

/* record_code.c: buckets as bytes, each after the one before (0: the first);
 * at most BUCKET_MAX. Taking moves *at; false: damaged. has may be 0: nothing
 * that is known here. */
enum { BUCKET_MAX = 96 };
size_t bucket_pack(const struct bucket *b, uint32_t before, uint8_t *out);
bool bucket_take(
    const uint8_t **at, const uint8_t *end, uint32_t before, struct bucket *b);
/* Could record_pack have written this, of so many cells? */
bool buckets_are_sane(const uint8_t *at, const uint8_t *end, uint32_t *cells);
/* The same as bucket_take, of what is known to be sane: only where it is. */
void bucket_skip(const uint8_t **at, const uint8_t *end, uint32_t *bucket);
/* The bucket that begins at v[i]; returns what follows it. */
uint32_t bucket_gather(
    const struct cell *v, uint32_t n, uint32_t i, struct bucket *b);
/* Adds checked cells to those before, of buckets that follow the cut's last;
 * false: damaged, or out of order. */
bool cells_take(struct cells *c, const uint8_t *at, const uint8_t *end);
void cells_append(struct cells *c, struct cell cell);

/* The first of v[0..n) whose key is not less. */
uint32_t cells_find(const struct cell *v, uint32_t n, uint32_t key);
/* Adds to a sorted array that has room; returns its new length. */
uint32_t cells_put(struct cell *v, uint32_t n, uint32_t key, uint32_t count);

/* record.c: the record's live part, made when absent, with room for n more. */
struct record_live *record_live(struct record *r, uint32_t n);
/* What of old is before this bucket. */
struct cut record_cut(const struct record *r, uint32_t bucket);
/* ... before the first bucket that begins before this, by tier. */
struct cut record_cut_stale(const struct record *r, const uint32_t before[4]);
/* The cells after the cut, to be changed and closed again, with room for n
 * more. When closed they must still be after it. */
struct cells record_open(
    const struct record *r, const struct cut *cut, uint32_t n);
void record_close(struct record *r, struct cells *c);
/* Makes old so long; what is new is to be written. */
void record_resize_old(struct record *r, uint32_t n);
/* A bucket after all of old, and before all that is live. */
void record_append_old(struct record *r, const struct bucket *b);

/* record_pack.c: nothing is condensed any more. */
void record_thaw(struct record *r);
static inline bool
record_is_condensed(const struct record *r)
{
	return r->old_n > 2 && r->old[0] == 0 &&
	       (r->old[1] == 0 || r->old[1] == 4); /* DENSE_USUAL */
}

/* record_fold.c: of what is packed, when nothing remembers when it is due. */
bool record_is_due(const struct record *r, uint32_t minute);

static inline void
note_change(struct record_live *live, uint32_t key)
{
	live->changed_key = earlier(live->changed_key, key);
}

#endif
