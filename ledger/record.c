/* record - the counts of one subject over five weeks, in a few cells
 *
 * The tiers change only at whole buckets of the next wider one, so the cells
 * of a tier stand together and a fold has work only when ten minutes are over.
 */
#include "ledger/record.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

enum { TIER_MINUTE, TIER_TEN, TIER_HOUR, TIER_DAY };
enum {
	LAST_MINUTE = (1 << 25) - 1,
	MINUTES_FINE = 60, /* single minutes for so long */
	MINUTES_TENS = 2 * 1440,
	MINUTES_HOURS = 8 * 1440,
	MINUTES_ALL = RECORD_DAYS * 1440,
};

static const uint32_t widths[] = {1, 10, 60, 1440};

const char *
count_text(enum count c)
{
	static const char *const names[] = {
#define COUNT(name, text, help) text,
#include "ledger/counts.def"
#undef COUNT
	};

	assert((unsigned)c < COUNTS);
	return names[c];
}

bool
count_parse(struct str s, enum count *c)
{
	for (int i = 0; i < COUNTS; i++) {
		if (str_is(s, str_from(count_text((enum count)i)))) {
			*c = (enum count)i;
			return true;
		}
	}
	return false;
}

void
record_done(struct record *r)
{
	free(r->v);
	*r = (struct record){0};
}

uint32_t
record_minute(int64_t at)
{
	int64_t minute = at < RECORD_EPOCH ? 0 : (at - RECORD_EPOCH) / 60;

	return minute > LAST_MINUTE ? LAST_MINUTE : (uint32_t)minute;
}

static int
tier_of(uint32_t key)
{
	return key >> 5 & 3;
}

uint32_t
cell_start(struct cell cell)
{
	return cell.key >> 7;
}

uint32_t
cell_end(struct cell cell)
{
	return (cell.key >> 7) + widths[tier_of(cell.key)];
}

enum count
cell_count(struct cell cell)
{
	return (enum count)(cell.key & 31);
}

static uint32_t
make_key(uint32_t start, int tier, uint32_t c)
{
	return start << 7 | (uint32_t)tier << 5 | c;
}

static uint32_t
floor_to(uint32_t minute, uint32_t ago, uint32_t width)
{
	minute = minute > ago ? minute - ago : 0;
	return minute - minute % width;
}

/* The tier that a minute stands in at the time `now`. */
static int
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

static bool
is_over(uint32_t end, uint32_t now)
{
	return end + MINUTES_ALL <= now;
}

/* Where what stands in [start, end) belongs in this tier, without its count. */
static uint32_t
place(const struct record *r, uint32_t start, uint32_t end, int tier)
{
	uint32_t width = widths[tier];
	uint32_t to = start - start % width;
	bool is_before_mark = end <= r->mark_minute;

	if (is_before_mark && to + width > r->mark_minute && to >= width)
		to -= width;
	return make_key(to, tier, 0);
}

static void
note_change(struct record *r, uint32_t key)
{
	if (key < r->changed_key)
		r->changed_key = key;
}

static uint32_t
add_saturated(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* The first cell of v[0..n) whose key is not less. */
static uint32_t
find_place(const struct cell *v, uint32_t n, uint32_t key)
{
	uint32_t low = 0, high = n;

	for (uint32_t i = n; i > 0 && i + 16 > n; i--) {
		if (v[i - 1].key < key)
			return i;
		high = i - 1;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (v[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Adds to a sorted array that has room; returns its new length. */
static uint32_t
put_cell(struct cell *v, uint32_t n, uint32_t key, uint32_t count)
{
	uint32_t i = find_place(v, n, key);

	if (i < n && v[i].key == key) {
		v[i].n = add_saturated(v[i].n, count);
		return n;
	}
	memmove(&v[i + 1], &v[i], (n - i) * sizeof(*v));
	v[i] = (struct cell){key, count};
	return n + 1;
}

static void
reserve(struct record *r, uint32_t n)
{
	if (n <= r->cap)
		return;
	uint32_t cap = r->cap + r->cap / 2;

	r->cap = cap < n ? (n < 4 ? 4 : n) : cap;
	r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
}

static void
put(struct record *r, uint32_t key, uint32_t n)
{
	reserve(r, r->n + 1);
	r->n = put_cell(r->v, r->n, key, n);
	note_change(r, key);
}

void
record_shrink(struct record *r)
{
	if (r->n == 0) {
		free(r->v);
		r->v = NULL;
	} else if (r->n < r->cap) {
		r->v = xrealloc(r->v, r->n, sizeof(*r->v));
	}
	r->cap = r->n;
}

void
record_merge(struct record *r, const struct record *from)
{
	for (uint32_t i = 0; i < from->n; i++)
		put(r, from->v[i].key, from->v[i].n);
}

void
record_add(struct record *r, enum count c, int64_t at, int64_t now, uint32_t n)
{
	record_fold(r, now);
	uint32_t minute = record_minute(at);
	uint32_t today = r->folded_minute;
	int tier = tier_at(minute, today);

	if (n == 0 ||
	    is_over(minute - minute % widths[tier] + widths[tier], today))
		return;
	put(r, place(r, minute, minute + 1, tier) | c, n);
}

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

		n = put_cell(v, n, b->key | c, b->n[c]);
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

/* The first cell that must move; r->n when none. */
static uint32_t
find_stale(const struct record *r, uint32_t now)
{
	uint32_t i = 0, key;

	while (i < r->n && place_now(r, r->v[i], now, &key) &&
	       key == (r->v[i].key & ~31u))
		i++;
	return i;
}

void
record_fold(struct record *r, int64_t now)
{
	uint32_t minute = record_minute(now);

	if (minute <= r->folded_minute)
		return;
	bool is_due =
	    minute / widths[TIER_TEN] != r->folded_minute / widths[TIER_TEN];

	r->folded_minute = minute;
	uint32_t i = is_due ? find_stale(r, minute) : r->n;

	if (i == r->n)
		return;
	struct bucket b = {0};
	uint32_t n = i, key;

	for (; i < r->n; i++) {
		struct cell cell = r->v[i];

		note_change(r, cell.key);
		if (!place_now(r, cell, minute, &key))
			continue;
		note_change(r, key);
		if (key != b.key)
			n = put_bucket(r->v, n, &b);
		b.key = key;
		b.has |= 1u << cell_count(cell);
		b.n[cell_count(cell)] =
		    add_saturated(b.n[cell_count(cell)], cell.n);
	}
	r->n = put_bucket(r->v, n, &b);
}

uint32_t
record_window(int64_t window)
{
	int64_t minutes = window <= 0 ? 0 : (window - 1) / 60 + 1;

	return minutes > MINUTES_ALL ? MINUTES_ALL : (uint32_t)minutes;
}

/* The minute after which a bucket must end to be in the window; never before
 * the mark's, whose bucket holds only what came after it. */
static uint32_t
window_start(int64_t window, int64_t mark, int64_t now)
{
	uint32_t from = floor_to(record_minute(now), record_window(window), 1);
	uint32_t marked = mark ? record_minute(mark) : 0;

	return from < marked ? marked : from;
}

uint64_t
record_sum(const struct record *r, enum count c, int64_t window, int64_t mark,
    int64_t now)
{
	uint32_t from = window_start(window, mark, now);
	uint64_t sum = 0;

	for (uint32_t i = r->n; i > 0; i--) {
		struct cell cell = r->v[i - 1];

		if (cell_start(cell) + widths[TIER_DAY] <= from)
			break;
		if (cell_count(cell) == c && cell_end(cell) > from)
			sum += cell.n;
	}
	return sum;
}

void
record_sum_all(const struct record *r, const struct record_pairs *pairs,
    int64_t mark, int64_t now, uint64_t *sums)
{
	uint32_t today = record_minute(now);
	uint32_t marked = mark ? record_minute(mark) : 0;

	for (uint32_t i = 0; i < r->n; i++) {
		struct cell cell = r->v[i];
		uint32_t c = cell_count(cell), end = cell_end(cell);

		if (end <= marked)
			continue;
		for (uint32_t p = pairs->first[c]; p < pairs->first[c + 1];
		     p++) {
			if (end + pairs->minutes[p] <= today)
				break;
			sums[pairs->slot[p]] += cell.n;
		}
	}
}

void
record_mark(struct record *r, int64_t mark)
{
	uint32_t minute = record_minute(mark), n = 0;
	struct cell moved[4 * COUNTS];
	size_t n_moved = 0;

	if (mark == 0 || minute < r->mark_minute || minute == 0)
		return;
	r->mark_minute = minute;
	for (uint32_t i = 0; i < r->n; i++) {
		struct cell cell = r->v[i];
		bool has_mark =
		    cell_start(cell) <= minute && cell_end(cell) > minute;

		if (has_mark && n_moved < sizeof(moved) / sizeof(*moved))
			moved[n_moved++] = cell;
		else
			r->v[n++] = cell;
	}
	r->n = n;
	for (size_t i = 0; i < n_moved; i++) {
		uint32_t width = widths[tier_of(moved[i].key)];

		note_change(r, moved[i].key);
		if (cell_start(moved[i]) >= width)
			put(r, moved[i].key - (width << 7), moved[i].n);
	}
}

int64_t
record_before_mark(const struct record *r, int64_t at)
{
	int64_t last = RECORD_EPOCH + 60 * (int64_t)r->mark_minute - 1;

	return at < last ? at : last;
}
