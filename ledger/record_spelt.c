/* record_spelt - what is packed of a record, spelt out by count and remembered
 */
#include "ledger/record_spelt.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/record_cells.h"

enum {
	LARGE = 4096, /* cells; those with more share a few slots */
	SLOTS_LARGE = 8,
};

struct spelt {
	uint8_t *packed; /* what this was */
	uint32_t n_packed;
	uint32_t last;		    /* its last bucket, as bucket's at */
	uint32_t cap;		    /* cells there is room for */
	uint32_t first[COUNTS + 1]; /* cells of count c: first[c] to the next */
	bool is_sorted;		    /* ... end one after the other */
	uint32_t *ends;		    /* end << 2 | tier */
	uint64_t *upto;		    /* with all cells of the count before it */
};

struct record_spelling {
	struct cells cells; /* scratch */
	uint32_t n;
	struct spelt slots[];
};

struct record_spelling *
record_spelling_new(uint32_t n)
{
	struct record_spelling *s =
	    xalloc(1, sizeof(*s) + n * sizeof(*s->slots));

	s->n = n;
	return s;
}

void
record_spelling_free(struct record_spelling **s)
{
	struct record_spelling *old = *s;

	if (!old)
		return;
	for (uint32_t i = 0; i < old->n; i++) {
		free(old->slots[i].packed);
		free(old->slots[i].ends);
		free(old->slots[i].upto);
	}
	free(old->cells.v);
	free(old);
	*s = NULL;
}

static void
put_cell(struct spelt *to, uint32_t k, struct cell cell)
{
	bool has_one_before = k > to->first[cell_count(cell)];

	to->ends[k] = cell_end(cell) << 2 | (uint32_t)tier_of(cell.key);
	to->upto[k] = cell.n + (has_one_before ? to->upto[k - 1] : 0);
	if (has_one_before && to->ends[k] >> 2 < to->ends[k - 1] >> 2)
		to->is_sorted = false;
}

/* By count what is by time. */
static void
sort_cells(struct spelt *to, const struct cells *cells)
{
	uint32_t at[COUNTS + 1] = {0};

	for (uint32_t i = 0; i < cells->n; i++)
		at[cell_count(cells->v[i]) + 1]++;
	for (uint32_t c = 0; c < COUNTS; c++)
		at[c + 1] += at[c];
	memcpy(to->first, at, sizeof(at));
	to->is_sorted = true;
	for (uint32_t i = 0; i < cells->n; i++) {
		struct cell cell = cells->v[i];

		put_cell(to, at[cell_count(cell)]++, cell);
	}
}

/* Each behind those of its count, which make room; from the last on, so that
 * none is moved over another. */
static void
add_cells(struct spelt *to, const struct cells *cells)
{
	uint32_t n[COUNTS] = {0}, before = cells->n;

	for (uint32_t i = 0; i < cells->n; i++)
		n[cell_count(cells->v[i])]++;
	for (uint32_t c = COUNTS; before > 0 && c-- > 0;) {
		uint32_t first = to->first[c];
		uint32_t there = to->first[c + 1] - first;

		to->first[c + 1] += before;
		before -= n[c];
		memmove(to->ends + first + before, to->ends + first,
		    there * sizeof(*to->ends));
		memmove(to->upto + first + before, to->upto + first,
		    there * sizeof(*to->upto));
	}
	for (uint32_t i = 0; i < cells->n; i++) {
		uint32_t c = cell_count(cells->v[i]);

		put_cell(to, to->first[c + 1] - n[c]--, cells->v[i]);
	}
}

/* What is packed from there on is spelt out, behind what was before. */
static void
spell(struct record_spelling *s, struct spelt *to, const struct record *r,
    uint32_t from)
{
	uint32_t n = from > 0 ? to->first[COUNTS] : 0;

	s->cells.n = 0;
	s->cells.cut.last = from > 0 ? to->last : 0;
	cells_take(&s->cells, r->old + from, r->old + r->old_n);
	n += s->cells.n;
	if (to->cap < n) {
		to->cap = n + n / 4;
		to->ends = xrealloc(to->ends, to->cap, sizeof(*to->ends));
		to->upto = xrealloc(to->upto, to->cap, sizeof(*to->upto));
	}
	if (from > 0)
		add_cells(to, &s->cells);
	else
		sort_cells(to, &s->cells);
	if (to->n_packed < r->old_n)
		to->packed = xrealloc(to->packed, 1, r->old_n);
	memcpy(to->packed + from, r->old + from, r->old_n - from);
	to->n_packed = r->old_n;
	to->last = s->cells.last;
}

/* NULL: nothing is packed. */
static const struct spelt *
spelt_of(struct record_spelling *s, uint64_t who, const struct record *r)
{
	uint32_t at = (uint32_t)(who * 0x9e3779b97f4a7c15u >> 40);

	if (r->old_n == 0)
		return NULL;
	/* A cell takes a byte or two. */
	struct spelt *to =
	    &s->slots[at & (r->old_n > LARGE ? SLOTS_LARGE - 1 : s->n - 1)];

	/* Mostly something came behind it. */
	bool has_begun = to->n_packed > 0 && to->n_packed <= r->old_n &&
			 memcmp(to->packed, r->old, to->n_packed) == 0;

	if (!has_begun || to->n_packed < r->old_n)
		spell(s, to, r, has_begun ? to->n_packed : 0);
	return to;
}

/* The first of them that ends after this minute. */
static uint32_t
find_after(const struct spelt *p, uint32_t i, uint32_t n, uint32_t minute)
{
	while (i < n) {
		uint32_t mid = i + (n - i) / 2;

		if (p->ends[mid] >> 2 > minute)
			n = mid;
		else
			i = mid + 1;
	}
	return i;
}

static uint64_t
count_of(const struct spelt *p, uint32_t first, uint32_t i)
{
	return p->upto[i] - (i > first ? p->upto[i - 1] : 0);
}

/* What ended after this minute. Of the next pair more is over: i, the first
 * that isn't. */
static uint64_t
sum_after(const struct spelt *p, uint32_t c, uint32_t minute, uint32_t *i)
{
	uint32_t first = p->first[c], n = p->first[c + 1];
	uint64_t sum = 0;

	if (p->is_sorted) {
		*i = find_after(p, *i, n, minute);
		if (*i == n)
			return 0;
		return p->upto[n - 1] - (*i > first ? p->upto[*i - 1] : 0);
	}
	for (uint32_t k = first; k < n; k++)
		if (p->ends[k] >> 2 > minute)
			sum += count_of(p, first, k);
	return sum;
}

static void
sum_old(const struct spelt *p, const struct record_pairs *pairs,
    uint32_t marked, uint32_t today, uint64_t *sums, uint32_t *until)
{
	if (!p->is_sorted)
		*until = today + 1;
	for (uint32_t has = pairs->has; has; has &= has - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(has), i = p->first[c];

		if (i == p->first[c + 1])
			continue;
		for (uint32_t k = pairs->first[c]; k < pairs->first[c + 1];
		     k++) {
			uint32_t from = floor_to(today, pairs->minutes[k], 1);

			if (pairs->minutes[k] == 0)
				break; /* the longest came first */
			sums[pairs->slot[k]] +=
			    sum_after(p, c, from < marked ? marked : from, &i);
			if (i < p->first[c + 1])
				*until = earlier(*until,
				    (p->ends[i] >> 2) + pairs->minutes[k]);
		}
	}
}

/* From the oldest minute on: each comes into windows that hold none before. */
static void
sum_live(const struct record_live *live, const struct record_pairs *pairs,
    uint32_t marked, uint32_t today, uint64_t *sums)
{
	uint64_t all[COUNTS] = {0}, before[RECORD_PAIRS];
	uint8_t open[COUNTS]; /* the windows up to this one hold it */

	memcpy(open, pairs->first, sizeof(open));
	for (uint32_t i = 0; i < live->n; i++) {
		struct cell cell = live->v[i];
		uint32_t c = cell_count(cell), over = cell_end(cell);
		uint32_t age = today > over ? today - over : 0;

		if (over <= marked)
			continue;
		for (; open[c] < pairs->first[c + 1] &&
		       pairs->minutes[open[c]] > age;
		     open[c]++)
			before[open[c]] = all[c];
		all[c] += cell.n;
	}
	for (uint32_t has = pairs->has; has; has &= has - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(has);

		for (uint32_t k = pairs->first[c]; k < open[c]; k++)
			sums[pairs->slot[k]] += all[c] - before[k];
	}
}

void
record_sum_spelt(struct record_spelling *s, uint64_t who,
    const struct record *r, const struct record_pairs *pairs, int64_t mark,
    int64_t now, uint64_t *sums, uint32_t *until)
{
	uint32_t today = record_minute(now);
	uint32_t marked = mark ? record_minute(mark) : 0;
	/* What is a single minute now. */
	uint32_t first = today + pairs->least_long - MINUTES_FINE;
	const struct spelt *p = spelt_of(s, who, r);

	if (p)
		sum_old(p, pairs, marked, today, sums, &first);
	if (r->live)
		sum_live(r->live, pairs, marked, today, sums);
	if (until)
		*until = first;
}

/* The first of them that begins no earlier. Mostly it is near where the minute
 * lies between the first and the last one, which are in the cache: halving
 * would look at others before. */
static uint32_t
find_begin(const struct record_live *live, uint32_t minute)
{
	uint32_t key = make_key(minute, 0, 0), n = live->n;

	if (n == 0 || live->v[0].key >= key)
		return 0;
	uint32_t first = cell_start(live->v[0]);
	uint32_t last = cell_start(live->v[n - 1]);

	if (minute > last)
		return n;
	uint32_t i = (minute - first) * (n - 1) / (last - first);

	while (live->v[i].key >= key)
		i--; /* no further than the first */
	while (live->v[i].key < key)
		i++; /* nor than the last, which is of that minute or later */
	return i;
}

/* Those that ended after the minute `after`, up to `to`. */
static void
leave_window(const struct record_live *live, const struct record_pairs *pairs,
    uint32_t window, uint32_t after, uint32_t to, uint64_t *sums)
{
	uint32_t i = find_begin(live, after);

	for (; i < live->n && cell_end(live->v[i]) <= to; i++) {
		uint32_t c = cell_count(live->v[i]);

		for (uint32_t k = pairs->first[c]; k < pairs->first[c + 1]; k++)
			if (pairs->minutes[k] == window)
				sums[pairs->slot[k]] -= live->v[i].n;
	}
}

void
record_leave(const struct record *r, const struct record_pairs *pairs,
    int64_t mark, uint32_t from, uint32_t to, uint64_t *sums)
{
	uint32_t marked = mark ? record_minute(mark) : 0;

	for (uint32_t i = 0; r->live && i < pairs->n_shorts; i++) {
		uint32_t window = pairs->shorts[i];
		uint32_t after = floor_to(from, window, 1);

		leave_window(r->live, pairs, window,
		    after < marked ? marked : after, floor_to(to, window, 1),
		    sums);
	}
}

size_t
record_cells_of(struct record_spelling *s, uint64_t who, const struct record *r,
    enum count c, const struct cell **out)
{
	const struct spelt *p = spelt_of(s, who, r);
	uint32_t first = p ? p->first[c] : 0;

	s->cells.n = 0;
	for (uint32_t i = first; p && i < p->first[c + 1]; i++) {
		uint32_t tier = p->ends[i] & 3;
		uint32_t start = (p->ends[i] >> 2) - widths[tier];

		cells_append(
		    &s->cells, (struct cell){make_key(start, (int)tier, c),
				   (uint32_t)count_of(p, first, i)});
	}
	for (uint32_t i = 0; r->live && i < r->live->n; i++) {
		if (cell_count(r->live->v[i]) == c)
			cells_append(&s->cells, r->live->v[i]);
	}
	*out = s->cells.v;
	return s->cells.n;
}

/* The windows while they are gathered. */
struct past {
	uint64_t *v;
	size_t n, max;
	uint32_t window, today;
	uint32_t last; /* so many windows ago was the last; UINT32_MAX: none */
};

static void
gather(struct past *p, uint32_t end, uint32_t width, uint64_t n)
{
	const uint32_t day = 1440;
	bool is_wide = width > p->window;

	if (p->n == p->max || end + p->window > p->today ||
	    (width == day && p->window < day / 4))
		return;
	uint32_t ago = is_wide ? UINT32_MAX : (p->today - end) / p->window;

	if (is_wide || ago != p->last)
		p->v[p->n++] = 0;
	p->v[p->n - 1] += n;
	p->last = ago;
}

size_t
record_past_windows(struct record_spelling *s, uint64_t who,
    const struct record *r, enum count c, uint32_t window, uint32_t today,
    uint64_t *v, size_t max, size_t *n_packed)
{
	struct past past = {v, 0, max, window, today, UINT32_MAX};
	const struct spelt *p = spelt_of(s, who, r);
	uint32_t first = p ? p->first[c] : 0;

	uint32_t i = first, end = p ? p->first[c + 1] : 0;

	for (; i < end && (p->ends[i] & 3) != TIER_MINUTE; i++)
		gather(&past, p->ends[i] >> 2, widths[p->ends[i] & 3],
		    count_of(p, first, i));
	*n_packed = past.n;
	for (; i < end; i++)
		gather(&past, p->ends[i] >> 2, 1, count_of(p, first, i));
	for (i = 0; r->live && i < r->live->n; i++) {
		struct cell cell = r->live->v[i];

		if (cell_count(cell) == c)
			gather(&past, cell_end(cell), 1, cell.n);
	}
	return past.n;
}
