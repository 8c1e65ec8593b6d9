/* record_sum - how many in a window */
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
