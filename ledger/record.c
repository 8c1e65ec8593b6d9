/* record - the counts of one subject over five weeks, in a few cells */
#include "ledger/record_cells.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

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

uint32_t
cells_find(const struct cell *v, uint32_t n, uint32_t key)
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

uint32_t
cells_put(struct cell *v, uint32_t n, uint32_t key, uint32_t count)
{
	uint32_t i = cells_find(v, n, key);

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
	uint32_t due = due_minute((struct cell){key, n});

	if (due < r->due_minute)
		r->due_minute = due;
	reserve(r, r->n + 1);
	r->n = cells_put(r->v, r->n, key, n);
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

/* The bucket for a time, without a count; false: long over. */
static bool
find_bucket(struct record *r, int64_t at, int64_t now, uint32_t *key)
{
	record_fold(r, now);
	uint32_t minute = record_minute(at);
	uint32_t today = r->folded_minute;
	int tier = tier_at(minute, today);

	if (is_over(minute - minute % widths[tier] + widths[tier], today))
		return false;
	*key = place(r, minute, minute + 1, tier);
	return true;
}

void
record_add(struct record *r, enum count c, int64_t at, int64_t now, uint32_t n)
{
	uint32_t key;

	if (find_bucket(r, at, now, &key) && n > 0)
		put(r, key | c, n);
}

void
record_add_all(struct record *r, uint32_t has, const uint32_t n[COUNTS],
    int64_t at, int64_t now)
{
	uint32_t key;

	if (!find_bucket(r, at, now, &key) || has == 0)
		return;
	uint32_t due = due_minute((struct cell){key, 0});

	if (due < r->due_minute)
		r->due_minute = due;
	reserve(r, r->n + (uint32_t)__builtin_popcount(has));
	note_change(r, key | (uint32_t)__builtin_ctz(has));
	for (; has; has &= has - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(has);

		/* Mostly the latest of all. */
		if (r->n == 0 || r->v[r->n - 1].key < (key | c))
			r->v[r->n++] = (struct cell){key | c, n[c]};
		else
			r->n = cells_put(r->v, r->n, key | c, n[c]);
	}
}

uint32_t
record_window(int64_t window)
{
	int64_t minutes = window <= 0 ? 0 : (window - 1) / 60 + 1;

	return minutes > MINUTES_ALL ? MINUTES_ALL : (uint32_t)minutes;
}

bool
record_window_regains(uint32_t minutes)
{
	static const uint32_t keeps[] = {
	    MINUTES_FINE, MINUTES_TENS, MINUTES_HOURS};

	for (int tier = TIER_MINUTE; tier < TIER_DAY; tier++) {
		if (minutes > keeps[tier] &&
		    minutes < keeps[tier] + widths[tier + 1])
			return true;
	}
	return false;
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

	uint32_t from = floor_to(today, pairs->longest + widths[TIER_DAY], 1);

	for (uint32_t i = cells_find(r->v, r->n, from << 7); i < r->n; i++) {
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
