/* ledger_usual - what a subject usually sends, and how long that is known
 *
 * Past windows are counted back from now. What is packed of a record stands in
 * buckets of ten minutes and more, begins with whole ones and changes only when
 * ten minutes of the clock are over: until then it makes the same windows, if
 * these are whole tens of minutes as well. Only single minutes make others, of
 * which there are few.
 */
#include "ledger/ledger_state.h"

#include <math.h>
#include <stdlib.h>

enum {
	WINDOWS = 1024,
	TOP = 64,
	TENS = 10,
	/* Older, before such ten minutes are over, no single one gets. */
	SINGLE = RECORD_SHORT + TENS,
};

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The k-th largest. */
static uint64_t
find_largest(uint64_t *v, size_t n, size_t k)
{
	uint64_t top[TOP];
	size_t got = 0;

	if (k > TOP) {
		qsort(v, n, sizeof(*v), compare_u64);
		return v[n - k];
	}
	for (size_t i = 0; i < n; i++) {
		size_t at = got;

		if (got < k)
			got++;
		else if (v[i] <= top[--at])
			continue;
		for (; at > 0 && top[at - 1] < v[i]; at--)
			top[at] = top[at - 1];
		top[at] = v[i];
	}
	return top[k - 1];
}

/* The how many-th largest of n is the quantile: of more it is no earlier one.
 */
static size_t
rank_of(double q, size_t n)
{
	double at = ceil(q * (double)n) - 1;

	return n - (at < 0 ? 0 : at >= (double)n ? n - 1 : (size_t)at);
}

/* What stays true of the first n, which are packed, whatever others there will
 * be. A single minute that is in the last of them stays there: it is younger
 * than what is packed of that. */
static void
foretell(const struct ledger *l, uint64_t *v, size_t n, uint32_t minutes,
    double q, struct subject_past *out)
{
	if (minutes % TENS != 0)
		return;
	out->at_least = n;
	out->at_most = n + SINGLE / minutes;
	out->until = l->now - l->now % (60 * TENS) + 60 * TENS;
	size_t rank = out->at_most > 0 ? rank_of(q, out->at_most) : 0;

	if (rank > 0 && rank <= n && rank <= TOP)
		out->least = find_largest(v, n, rank);
}

void
subject_usual(struct ledger *l, struct subject *s, enum count c, int64_t window,
    double q, struct subject_past *out)
{
	uint64_t v[WINDOWS];
	struct record sum = {0};
	size_t n_packed;
	const struct record *r = subject_gather(l, s, &sum);
	uint32_t minutes = record_window(window);

	minutes = minutes ? minutes : 1;
	size_t n = record_past_windows(l->spelling, (uintptr_t)s, r, c, minutes,
	    l->minute, v, WINDOWS, &n_packed);

	record_done(&sum);
	*out = (struct subject_past){.windows = n};
	/* Others' pages come at any time. */
	if (!s->others)
		foretell(l, v, n_packed, minutes, q, out);
	if (n > 0)
		out->usual = find_largest(v, n, rank_of(q, n));
}
