/* record - the counts of one subject over five weeks, in a few cells
 *
 * A cell is a count of one kind in one bucket of time. Buckets are minutes for
 * the last hour, ten minutes up to two days, hours up to eight days, days up
 * to five weeks; a count stands in exactly one. Cells are sorted by time; a
 * cell's key packs (minutes since 2000 << 7 | tier << 5 | count), so sorting
 * by key is sorting by the bucket's start. Sparse: what is 0 has no cell.
 *
 * Cells are how a record is spoken of; in memory only those of the last hour
 * are spelt out. What is older is kept as it is packed for the books, three or
 * four bytes for a bucket: a walk over it costs no more than one over cells
 * that aren't in the cache, and most that happens happens at its end.
 */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include "base/text.h"

enum count {
#define COUNT(name, text, help) COUNT_##name,
#include "ledger/counts.def"
#undef COUNT
	COUNTS
};

const char *count_text(enum count c);
bool count_parse(struct str s, enum count *c);

struct cell {
	uint32_t key;
	uint32_t n; /* saturates */
};

enum {
	RECORD_EPOCH = 946684800, /* 2000-01-01, so that old logs can be read */
	RECORD_DAYS = 35,	  /* how long a count is kept */
};

/* Single minutes, spelt out while they come; record_cells.h. */
struct record_live;

/* All zero is an empty record in which nothing has changed. */
struct record {
	struct record_live *live; /* NULL: none of the last hour */
	/* The wider buckets before it, packed; without live perhaps condensed
	 * (record_dense.h). */
	uint8_t *old;
	uint32_t old_n;
	uint32_t mark_minute; /* of the last record_mark; 0: none */
};

void record_done(struct record *r);

/* Minutes since RECORD_EPOCH; what is out of range becomes its nearest end. */
uint32_t record_minute(int64_t at);
/* A window in whole minutes, rounded up; at most RECORD_DAYS. */
uint32_t record_window(int64_t window);
/* Folding may bring back what this window (in minutes) has passed, in a bucket
 * that it hasn't passed: then a sum can grow without new counts. */
bool record_window_regains(uint32_t minutes);
/* The bucket a cell stands for: minutes [start, end). */
static inline uint32_t
cell_start(struct cell cell)
{
	return cell.key >> 7;
}

static inline uint32_t
cell_end(struct cell cell)
{
	static const uint32_t widths_by_tier[] = {1, 10, 60, 1440};

	return (cell.key >> 7) + widths_by_tier[cell.key >> 5 & 3];
}

static inline enum count
cell_count(struct cell cell)
{
	return (enum count)(cell.key & 31);
}

/* Count n at time `at` (seconds), `now` the time of the latest fact. Facts
 * older than five weeks are dropped. */
void record_add(
    struct record *r, enum count c, int64_t at, int64_t now, uint32_t n);

/* The same for several counts at one time: has is a bit per count, n how many
 * of each. */
void record_add_all(struct record *r, uint32_t has, const uint32_t n[COUNTS],
    int64_t at, int64_t now);

/* Something will soon be counted: it is fetched into the cache. */
void record_expect(const struct record *r);

/* Move what has aged into wider buckets and drop what is over; cheap when the
 * minute has not changed. */
void record_fold(struct record *r, int64_t now);

/* Forgets what is older than `minutes`: not at once, but by days, so that who
 * is looked at now and then seldom changes. true: something was. Of what is
 * condensed nothing is. */
bool record_forget(struct record *r, uint32_t minutes, int64_t now);
/* The same of the size of messages (COUNT_KIB) alone, by a few hours. */
bool record_forget_sizes(struct record *r, uint32_t minutes, int64_t now);

/* It will be silent: everything is packed, as small as it gets. */
void record_shrink(struct record *r);
/* It has been silent, and is shrunk: once more, by half. It is spelt out again
 * with the first change; to be read it must have gone through record_folded.
 * Takes a tenth of a microsecond for each byte returned. */
size_t record_condense(struct record *r);
/* The record as it is after record_fold. One that is silent stays as it is, so
 * that looking at it changes nothing that would have to be saved: then scratch
 * (empty, to be done) is filled and returned. */
const struct record *record_folded(
    struct record *r, int64_t now, struct record *scratch);
/* The record without the buckets that begin after this minute, or end after
 * that one; scratch is filled and returned when there are some. */
const struct record *record_before(const struct record *r, uint32_t begin,
    uint32_t end, struct record *scratch);

/* Every cell, by time: while (record_next(&walk, &cell)) ... The record must
 * not change meanwhile. */
struct record_walk {
	const struct record *r;
	const uint8_t *at, *end; /* what is left of old */
	uint32_t bucket;	 /* its start << 2 | tier */
	uint32_t has;		 /* counts of it that are still to come */
	uint32_t n[32];
	uint32_t i; /* of live's cells */
};
void record_walk(struct record_walk *w, const struct record *r);
bool record_next(struct record_walk *w, struct cell *cell);
bool record_is_empty(const struct record *r);

/* Counts another record's cells in: the sum of two nodes. */
void record_merge(struct record *r, const struct record *from);

/* How many in the last `window` seconds: the window rounds outward by at most
 * one bucket. Nothing at or before `mark` (a lift) is counted. */
uint64_t record_sum(const struct record *r, enum count c, int64_t window,
    int64_t mark, int64_t now);

/* Many sums at once (record_spelt.h): sums[slot[i]] grows by what the i-th pair
 * counts. The pairs of count c are first[c] to first[c + 1], the longest window
 * first. */
enum { RECORD_PAIRS = 128, RECORD_SHORT = 60 };
struct record_pairs {
	uint8_t first[COUNTS + 1];
	uint8_t slot[RECORD_PAIRS];
	uint32_t minutes[RECORD_PAIRS];
	uint32_t has; /* a bit per count with a pair */
	/* The windows of at most RECORD_SHORT minutes, each once; the shortest
	 * of the others. */
	uint8_t shorts[RECORD_SHORT];
	uint32_t n_shorts, least_long;
};

/* Packed: varints, or half of that as an arithmetic coder's bits; under 80
 * bytes for the median account. Unpacking checks everything; false leaves r
 * empty. What was unpacked counts as saved. */
void record_pack(const struct record *r, struct text *out);
/* The same without the coder, which takes longer than all else: for what is
 * packed again in a moment. */
void record_pack_soon(const struct record *r, struct text *out);
bool record_unpack(struct record *r, struct str packed);
/* The same of what record_pack wrote and a checksum has kept: it may stay
 * condensed, unread until it is needed. */
bool record_load(struct record *r, struct str packed);

/* The change since record_saved: "cells from key K on are exactly these".
 * Applying the changes in order to the state before gives the state after;
 * applying one twice is harmless. */
void record_pack_change(const struct record *r, struct text *out);
bool record_apply_change(struct record *r, struct str change);
void record_saved(struct record *r);

/* A mark in the middle of a minute: the counts of the mark's minute so far
 * move to the minute before, so that windows that start at the mark's minute
 * hold nothing from before it. record_fold keeps them apart: what was before
 * the mark never shares a bucket with what came after, it moves to the bucket
 * before. A mark that isn't later than the last one changes nothing. */
void record_mark(struct record *r, int64_t mark);
/* The time at which a fact from before the mark is counted. */
int64_t record_before_mark(const struct record *r, int64_t at);

#endif
