#include "ledger/record_spelt.h"

#include <stdlib.h>

#include "base/test.h"
#include "ledger/record_cells.h"

enum { DAY = 86400, N = 5 };

static uint64_t seed = 88172645463325252u;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 20) % below;
}

static const struct {
	enum count count;
	int64_t window;
} asked[N] = {
    /* by count, the longest first */
    {COUNT_MESSAGES, 3600},
    {COUNT_RECIPIENTS, 9 * DAY},
    {COUNT_RECIPIENTS, 2 * DAY},
    {COUNT_RECIPIENTS, 3600},
    {COUNT_RECIPIENTS, 300},
};

static struct record_pairs
pairs_of(void)
{
	struct record_pairs p = {0};

	for (uint8_t i = 0; i < N; i++) {
		for (int c = (int)asked[i].count + 1; c <= COUNTS; c++)
			p.first[c] = (uint8_t)(i + 1);
		p.slot[i] = (uint8_t)(N - 1 - i);
		p.minutes[i] = record_window(asked[i].window);
		p.has |= 1u << asked[i].count;
	}
	p.shorts[p.n_shorts++] = 60;
	p.shorts[p.n_shorts++] = 5;
	p.least_long = 2880;
	return p;
}

static void
check_sums(struct record_spelling *s, const struct record *r, int64_t mark,
    int64_t now)
{
	const struct record_pairs pairs = pairs_of();
	uint64_t sums[N] = {0};

	record_sum_spelt(s, draw(2), r, &pairs, mark, now, sums, NULL);
	for (int i = 0; i < N; i++)
		CHECK_INT(sums[N - 1 - i],
		    record_sum(r, asked[i].count, asked[i].window, mark, now));
}

/* The same from cell to cell. */
static size_t
walk_windows(
    const struct record *r, uint32_t window, uint32_t today, uint64_t *v)
{
	size_t n = 0;
	uint64_t last = UINT64_MAX, i = 0;
	struct record_walk w;
	struct cell cell;

	record_walk(&w, r);
	for (; record_next(&w, &cell); i++) {
		uint32_t end = cell_end(cell), width = end - cell_start(cell);

		if (cell_count(cell) != COUNT_RECIPIENTS ||
		    end + window > today || (width == 1440 && window < 360))
			continue;
		uint64_t at = width > window ? UINT64_MAX - 1 - i
					     : (today - end) / window;

		if (at != last)
			v[n++] = 0;
		v[n - 1] += cell.n;
		last = at;
	}
	return n;
}

static void
check_windows(struct record_spelling *s, const struct record *r, int64_t now)
{
	static const uint32_t windows[] = {1, 10, 60, 360, 1440};
	uint32_t today = record_minute(now);

	for (int i = 0; i < 5; i++) {
		uint64_t v[1024], w[1024];
		size_t n_packed;
		size_t n = record_past_windows(s, draw(2), r, COUNT_RECIPIENTS,
		    windows[i], today, v, 1024, &n_packed);

		CHECK_INT(n, walk_windows(r, windows[i], today, w));
		CHECK(memcmp(v, w, n * sizeof(*v)) == 0);
		CHECK(n_packed <= n);
	}
}

static void
check_cells(struct record_spelling *s, const struct record *r)
{
	const struct cell *v;
	size_t n = record_cells_of(s, draw(2), r, COUNT_RECIPIENTS, &v), i = 0;
	struct record_walk w;
	struct cell cell;

	record_walk(&w, r);
	while (record_next(&w, &cell)) {
		if (cell_count(cell) != COUNT_RECIPIENTS)
			continue;
		CHECK(i < n && v[i].key == cell.key && v[i].n == cell.n);
		i++;
	}
	CHECK_INT(i, n);
}

/* Two records in turns, under names that they share now and then. */
static void
what_is_remembered_is_what_is_there(void)
{
	struct record_spelling *s = record_spelling_new(512);
	struct record r[2] = {{0}, {0}};
	int64_t now = 1700000000, mark = now + 20 * DAY + 17;

	for (int i = 0; i < 20000; i++) {
		struct record *one = &r[draw(2)];
		int64_t late = draw(9) ? 0 : draw(3 * 3600);

		now += draw(300);
		record_add(one, COUNT_RECIPIENTS, now - late, now, draw(5));
		record_add(one, COUNT_MESSAGES, now, now, 1);
		if (now > mark && now < mark + 900)
			record_mark(one, mark);
		if (draw(9))
			continue;
		record_fold(one, now);
		check_sums(s, one, now < mark ? 0 : mark, now);
		check_cells(s, one);
		if (draw(3) == 0)
			check_windows(s, one, now + draw(9000));
	}
	record_done(&r[0]);
	record_done(&r[1]);
	record_spelling_free(&s);
}

/* Buckets one over the other: not even then a count is lost. */
static void
overlapping_buckets(void)
{
	struct record_spelling *s = record_spelling_new(512);
	struct record r = {0};
	uint8_t packed[2 * BUCKET_MAX];
	uint32_t day = 20 * 365 * 1440, now = day + 5000;
	struct bucket b = {
	    .at = day << 2 | TIER_DAY, .has = 1u << COUNT_RECIPIENTS};

	b.n[COUNT_RECIPIENTS] = 7;
	size_t n = bucket_pack(&b, 0, packed);

	b.at = (day + 60) << 2 | TIER_HOUR;
	n += bucket_pack(&b, day << 2 | TIER_DAY, packed + n);
	r.old = packed;
	r.old_n = (uint32_t)n;
	for (uint32_t m = now - 300; m < now + 300; m += 7)
		check_sums(s, &r, 0, RECORD_EPOCH + 60 * (int64_t)m);
	check_windows(s, &r, RECORD_EPOCH + 60 * (int64_t)now);
	record_spelling_free(&s);
}

static void
count_some(struct record *r, const struct record_pairs *pairs, uint64_t *sums,
    int64_t now)
{
	static const enum count counts[] = {
	    COUNT_MESSAGES, COUNT_RECIPIENTS, COUNT_KIB};

	for (int i = 0; i < 3; i++) {
		uint32_t n = draw(3), c = counts[i];

		record_add(r, counts[i], now, now, n);
		for (uint32_t k = pairs->first[c]; k < pairs->first[c + 1]; k++)
			sums[pairs->slot[k]] += n;
	}
}

/* A sender who is silent for a while now and then, lifted now and then: what
 * is made of the sums of a minute before is what is summed up anew. */
static void
sums_grow_old(void)
{
	struct record_spelling *s = record_spelling_new(512);
	const struct record_pairs pairs = pairs_of();
	struct record r = {0};
	int64_t now = RECORD_EPOCH + 26 * 365 * (int64_t)DAY, mark = 0;
	uint64_t sums[N] = {0};
	uint32_t until = 0, from = 0, n_aged = 0;

	for (int i = 0; i < 60000; i++) {
		uint32_t minute = record_minute(now);
		bool is_aged = minute < until;
		uint64_t fresh[N] = {0};

		if (is_aged)
			record_leave(&r, &pairs, mark, from, minute, sums);
		record_fold(&r, now);
		record_sum_spelt(s, 1, &r, &pairs, mark, now, fresh,
		    is_aged ? NULL : &until);
		if (!is_aged)
			memcpy(sums, fresh, sizeof(sums));
		CHECK(memcmp(sums, fresh, sizeof(sums)) == 0);
		n_aged += is_aged;
		from = minute;
		count_some(&r, &pairs, sums, now);
		now += draw(300) ? draw(100) : draw(2 * DAY);
		if (draw(5000) == 0) {
			mark = now;
			record_mark(&r, mark);
			until = 0;
		}
	}
	CHECK(n_aged > 40000);
	record_done(&r);
	record_spelling_free(&s);
}

/* Also when they are packed, of who fell silent. */
static void
single_minutes_tell_nothing_lasting(void)
{
	struct record_spelling *s = record_spelling_new(8);
	struct record r = {0};
	int64_t now = RECORD_EPOCH + 14400 * 600;
	uint64_t v[16];
	size_t n_packed;

	record_add(&r, COUNT_RECIPIENTS, now - 14400, now, 1);
	for (int i = 0; i < 3; i++)
		record_add(&r, COUNT_RECIPIENTS, now - 1200 + 300 * i, now, 1);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(record_past_windows(s, 0, &r, COUNT_RECIPIENTS, 10,
			      record_minute(now), v, 16, &n_packed),
		    2);
		CHECK_INT(n_packed, 1);
		record_shrink(&r);
	}
	record_done(&r);
	record_spelling_free(&s);
}

TESTS(TEST(what_is_remembered_is_what_is_there), TEST(overlapping_buckets),
    TEST(sums_grow_old), TEST(single_minutes_tell_nothing_lasting))
