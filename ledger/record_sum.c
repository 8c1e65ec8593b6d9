/* record_sum - how many in a window, one by one or many at once */
#include "ledger/record_cells.h"

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
	struct record_walk w;
	struct cell cell;
	uint64_t sum = 0;

	record_walk(&w, r);
	while (record_next(&w, &cell)) {
		if (cell_count(cell) == c && cell_end(cell) > from)
			sum += cell.n;
	}
	return sum;
}

static inline void
sum_pairs(const struct record_pairs *pairs, uint32_t c, uint32_t n,
    uint32_t age, uint64_t *sums)
{
	for (uint32_t p = pairs->first[c];
	     p < pairs->first[c + 1] && pairs->minutes[p] > age; p++)
		sums[pairs->slot[p]] += n;
}

/* How long ago a bucket ended; 0 for those to come. */
static inline uint32_t
age_of(uint32_t end, uint32_t today)
{
	return today > end ? today - end : 0;
}

/* The buckets that no window from this minute on holds. */
static void
skip_over(const uint8_t **at, const uint8_t *end, uint32_t from, uint32_t *last)
{
	while (*at < end) {
		const uint8_t *next = *at;
		uint32_t b = *last;

		bucket_skip(&next, end, &b);
		if ((b >> 2) + widths[b & 3] > from)
			return;
		*at = next;
		*last = b;
	}
}

void
record_sum_all(const struct record *r, const struct record_pairs *pairs,
    int64_t mark, int64_t now, uint64_t *sums)
{
	uint32_t today = record_minute(now);
	uint32_t marked = mark ? record_minute(mark) : 0;
	const uint8_t *at = r->old, *end = r->old ? at + r->old_n : NULL;
	struct bucket b = {0};

	skip_over(&at, end, floor_to(today, pairs->longest, 1), &b.at);
	while (at < end && bucket_take(&at, end, b.at, &b)) {
		uint32_t over = (b.at >> 2) + widths[b.at & 3];
		uint32_t age = age_of(over, today);

		if (over <= marked || age >= pairs->longest)
			continue;
		for (uint32_t has = b.has & pairs->has; has; has &= has - 1) {
			uint32_t c = (uint32_t)__builtin_ctz(has);

			sum_pairs(pairs, c, b.n[c], age, sums);
		}
	}
	for (uint32_t i = 0; r->live && i < r->live->n; i++) {
		struct cell cell = r->live->v[i];
		uint32_t over = cell_end(cell);

		if (over > marked)
			sum_pairs(pairs, cell_count(cell), cell.n,
			    age_of(over, today), sums);
	}
}
