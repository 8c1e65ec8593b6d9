/* record_fold - what has aged moves into wider buckets */
#include "ledger/record_cells.h"

#include <stdlib.h>

static uint32_t
put_bucket(struct cell *v, uint32_t n, struct bucket *b)
{
	for (uint32_t bits = b->has; bits; bits &= bits - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(bits);

		n = cells_put(v, n, b->at << 5 | c, b->n[c]);
		b->n[c] = 0;
	}
	b->has = 0;
	return n;
}

/* Where a cell belongs now; false: nowhere any more. */
static bool
place_now(const struct record *r, struct cell cell, uint32_t now, uint32_t *key)
{
	int tier = tier_of(cell.key);
	int due = tier_at(cell_start(cell), now);

	*key = due > tier ? place(r, cell_start(cell), cell_end(cell), due)
			  : cell.key & ~31u;
	return !is_over((*key >> 7) + widths[tier_of(*key)], now);
}

/* By tier: what begins before this is due for a wider bucket, or over. */
struct dues {
	uint32_t v[4];
};

static struct dues
make_dues(uint32_t now)
{
	return (struct dues){{
	    floor_to(now, MINUTES_FINE, widths[TIER_TEN]),
	    floor_to(now, MINUTES_TENS, widths[TIER_HOUR]),
	    floor_to(now, MINUTES_HOURS, widths[TIER_DAY]),
	    floor_to(now, MINUTES_ALL + widths[TIER_DAY] - 1, 1),
	}};
}

static bool
is_stale(const struct dues *d, struct cell cell)
{
	return cell_start(cell) < d->v[tier_of(cell.key)];
}

/* Where a stale cell goes: into the bucket that is collected. */
static uint32_t
move_cell(struct record *r, struct cells *c, uint32_t n, struct cell cell,
    uint32_t now, struct bucket *b)
{
	uint32_t key, k = cell_count(cell);

	note_change(r->live, cell.key);
	if (!place_now(r, cell, now, &key))
		return n;
	note_change(r->live, key);
	if (key >> 5 != b->at)
		n = put_bucket(c->v, n, b);
	b->at = key >> 5;
	b->has |= 1u << k;
	b->n[k] = add_saturated(b->n[k], cell.n);
	return n;
}

static uint32_t
keep_cell(struct cells *c, uint32_t n, struct cell cell)
{
	if (n > 0 && c->v[n - 1].key >= cell.key)
		return cells_put(c->v, n, cell.key, cell.n);
	c->v[n] = cell;
	return n + 1;
}

/* Nothing is written ahead of what is read. */
static void
fold_cells(struct record *r, struct cells *c, uint32_t now)
{
	struct dues d = make_dues(now);
	struct bucket b = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		struct cell cell = c->v[i];

		if (is_stale(&d, cell)) {
			n = move_cell(r, c, n, cell, now, &b);
			continue;
		}
		n = b.has ? put_bucket(c->v, n, &b) : n;
		n = keep_cell(c, n, cell);
	}
	c->n = put_bucket(c->v, n, &b);
}

/* Mostly what has aged moves but a little; if it must join a bucket before the
 * first that has, all is spelt out. */
static void
fold_all(struct record *r, uint32_t now)
{
	struct cut cut = record_cut_stale(r, make_dues(now).v);

	record_live(r, 0);
	for (;;) {
		struct cells c = record_open(r, &cut, 0);

		fold_cells(r, &c, now);
		if (c.n == 0 || cut.size == 0 || c.v[0].key >> 5 > cut.last) {
			record_close(r, &c);
			return;
		}
		free(c.v);
		cut = (struct cut){.due = UINT32_MAX};
	}
}

/* The wider bucket that live's i-th cell and its next belong to; returns what
 * follows them. */
static uint32_t
collect(const struct record *r, uint32_t i, const struct dues *d, uint32_t now,
    struct bucket *b)
{
	const struct record_live *live = r->live;
	uint32_t key;

	b->has = 0;
	for (; i < live->n && is_stale(d, live->v[i]); i++) {
		uint32_t k = cell_count(live->v[i]), n = live->v[i].n;

		if (!place_now(r, live->v[i], now, &key))
			continue;
		if (b->has && key >> 5 != b->at)
			break;
		b->at = key >> 5;
		b->n[k] = b->has & 1u << k ? add_saturated(b->n[k], n) : n;
		b->has |= 1u << k;
	}
	return i;
}

/* Only single minutes are due: their buckets join old at its end. false: they
 * don't, some of them belong further back. */
static bool
fold_live(struct record *r, uint32_t now)
{
	struct record_live *live = r->live;
	struct dues d = make_dues(now);
	struct bucket b;
	uint32_t first = 0;

	live->due_minute = live->old_due;
	while (first < live->n && is_stale(&d, live->v[first])) {
		uint32_t next = collect(r, first, &d, now, &b);

		if (b.has && b.at <= live->old_last)
			break;
		note_change(live, live->v[first].key);
		if (b.has) {
			note_change(
			    live, b.at << 5 | (uint32_t)__builtin_ctz(b.has));
			record_append_old(r, &b);
		}
		first = next;
	}
	live->n -= first;
	memmove(live->v, live->v + first, live->n * sizeof(*live->v));
	if (live->n == 0)
		return true;
	live->due_minute =
	    earlier(live->due_minute, due_minute(live->v[0].key >> 5));
	return !is_stale(&d, live->v[0]);
}

bool
record_is_due(const struct record *r, uint32_t minute)
{
	return r->old_n > 0 && record_cut(r, UINT32_MAX).due <= minute;
}

void
record_fold(struct record *r, int64_t now)
{
	uint32_t minute = record_minute(now);
	struct record_live *live = r->live;

	if (!live) {
		record_thaw(r);
		if (record_is_due(r, minute))
			fold_all(r, minute);
		return;
	}
	if (minute <= live->folded_minute)
		return;
	live->folded_minute = minute;
	if (minute < live->due_minute)
		return;
	if (minute >= live->old_due || !fold_live(r, minute))
		fold_all(r, minute);
}

/* Where the first bucket ends; UINT32_MAX: there is none. */
static uint32_t
first_end(const struct record *r)
{
	const uint8_t *at = r->old;
	uint32_t bucket = 0;

	if (r->old_n == 0)
		return r->live && r->live->n > 0 ? cell_end(r->live->v[0])
						 : UINT32_MAX;
	bucket_skip(&at, at + r->old_n, &bucket);
	return (bucket >> 2) + widths[bucket & 3];
}

bool
record_forget(struct record *r, uint32_t minutes, int64_t now)
{
	uint32_t n = 0, before = floor_to(record_minute(now), minutes, 1);

	if (record_is_condensed(r) || before < widths[TIER_DAY] ||
	    first_end(r) > before - widths[TIER_DAY])
		return false;
	struct cells c = record_open(r, &(struct cut){.due = UINT32_MAX}, 0);

	note_change(record_live(r, 0), c.v[0].key);
	while (n < c.n && cell_end(c.v[n]) <= before)
		n++;
	c.n -= n;
	memmove(c.v, c.v + n, c.n * sizeof(*c.v));
	record_close(r, &c);
	return true;
}

/* Does something that ends by then have a size? */
static bool
has_sizes(const struct record *r, uint32_t end)
{
	struct record_walk w;
	struct cell cell;

	record_walk(&w, r);
	while (record_next(&w, &cell) && cell_end(cell) <= end) {
		if (cell_count(cell) == COUNT_KIB)
			return true;
	}
	return false;
}

bool
record_forget_sizes(struct record *r, uint32_t minutes, int64_t now)
{
	enum { SELDOM = 4 * 60 };
	uint32_t n = 0, before = floor_to(record_minute(now), minutes, 1);

	if (record_is_condensed(r) || before < SELDOM ||
	    !has_sizes(r, before - SELDOM))
		return false;
	struct cells c = record_open(r, &(struct cut){.due = UINT32_MAX}, 0);

	note_change(record_live(r, 0), c.v[0].key);
	for (uint32_t i = 0; i < c.n; i++) {
		if (cell_count(c.v[i]) != COUNT_KIB ||
		    cell_end(c.v[i]) > before)
			c.v[n++] = c.v[i];
	}
	c.n = n;
	record_close(r, &c);
	return true;
}
