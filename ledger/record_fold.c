/* record_fold - what has aged moves into wider buckets */
#include "ledger/record_cells.h"

/* Cells of one bucket to be, while a fold collects them. */
struct bucket {
	uint32_t key; /* without its count */
	uint32_t has; /* a bit per count */
	uint32_t n[32];
};

static uint32_t
put_bucket(struct cell *v, uint32_t n, struct bucket *b)
{
	for (uint32_t bits = b->has; bits; bits &= bits - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(bits);

		n = cells_put(v, n, b->key | c, b->n[c]);
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
move_cell(struct record *r, uint32_t n, struct cell cell, struct bucket *b)
{
	uint32_t key, c = cell_count(cell);

	note_change(r, cell.key);
	if (!place_now(r, cell, r->folded_minute, &key))
		return n;
	note_change(r, key);
	if (key != b->key)
		n = put_bucket(r->v, n, b);
	b->key = key;
	b->has |= 1u << c;
	b->n[c] = add_saturated(b->n[c], cell.n);
	return n;
}

static uint32_t
keep_cell(struct record *r, uint32_t n, struct cell cell)
{
	if (n > 0 && r->v[n - 1].key >= cell.key)
		return cells_put(r->v, n, cell.key, cell.n);
	r->v[n] = cell;
	return n + 1;
}

/* From the first stale one on; nothing is written ahead of what is read. */
static void
fold_cells(struct record *r, uint32_t first, const struct dues *d)
{
	struct bucket b = {0};
	uint32_t n = first;

	for (uint32_t i = first; i < r->n; i++) {
		struct cell cell = r->v[i];

		if (is_stale(d, cell)) {
			n = move_cell(r, n, cell, &b);
			continue;
		}
		n = b.has ? put_bucket(r->v, n, &b) : n;
		n = keep_cell(r, n, cell);
		/* Nothing is stale behind the first minute that isn't. */
		if (tier_of(cell.key) == TIER_MINUTE) {
			memmove(&r->v[n], &r->v[i + 1],
			    (r->n - i - 1) * sizeof(*r->v));
			n += r->n - i - 1;
			break;
		}
	}
	r->n = put_bucket(r->v, n, &b);
}

/* The first cell of a tier not wider than this; the tiers stand in order, the
 * widest first. (Where another node's clock was wrong they may not: then a cell
 * moves later, no more.) */
static uint32_t
find_tier(const struct record *r, int tier)
{
	uint32_t low = 0, high = r->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (tier_of(r->v[mid].key) > tier)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first of a tier is its oldest: only these are looked at. */
static uint32_t
find_stale(const struct record *r, const struct dues *d)
{
	for (int tier = TIER_DAY; tier >= 0; tier--) {
		uint32_t i = find_tier(r, tier);

		if (i < r->n && is_stale(d, r->v[i]))
			return i;
	}
	return r->n;
}

static void
find_due(struct record *r)
{
	r->due_minute = UINT32_MAX;
	for (int tier = TIER_DAY; tier >= 0; tier--) {
		uint32_t i = find_tier(r, tier);
		uint32_t due = i < r->n ? due_minute(r->v[i]) : UINT32_MAX;

		r->due_minute = due < r->due_minute ? due : r->due_minute;
	}
}

void
record_fold(struct record *r, int64_t now)
{
	uint32_t minute = record_minute(now);

	if (minute <= r->folded_minute)
		return;
	r->folded_minute = minute;
	if (minute < r->due_minute)
		return;
	struct dues d = make_dues(minute);

	fold_cells(r, find_stale(r, &d), &d);
	find_due(r);
}
