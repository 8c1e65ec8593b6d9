/* record_test - tiers, windows and the codec against a naive model */
#include "ledger/record.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/test.h"

enum { FACTS = 4000, DAY = 86400 };

/* Everything that was ever counted, one by one, in the order of time. */
struct model {
	struct {
		enum count c;
		int64_t at;
		uint32_t n;
		bool is_before_mark;
	} v[FACTS];
	size_t n;
};

static uint64_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void
count(struct model *m, struct record *r, enum count c, int64_t at, int64_t now,
    uint32_t n)
{
	size_t i = m->n++;

	record_add(r, c, at, now, n);
	for (; i > 0 && m->v[i - 1].at > at; i--)
		m->v[i] = m->v[i - 1];
	m->v[i].c = c;
	m->v[i].at = at;
	m->v[i].is_before_mark = false;
	m->v[i].n = n;
}

static void
model_sums(const struct model *m, int64_t since, uint64_t sums[3])
{
	memset(sums, 0, 3 * sizeof(*sums));
	for (size_t i = m->n; i > 0 && m->v[i - 1].at > since; i--)
		if (!m->v[i - 1].is_before_mark)
			sums[m->v[i - 1].c] += m->v[i - 1].n;
}

/* The widest bucket in which a count of this age can stand. */
static int64_t
widest(int64_t age)
{
	return age <= 3600 ? 60 : age <= 2 * DAY + 3600 ? 3600 : DAY;
}

static void
check_window(const struct model *m, const struct record *r, int64_t window,
    int64_t mark, int64_t now)
{
	uint64_t least[3], most[3];

	model_sums(m, now - window, least);
	model_sums(m, now - window - 60 - widest(window + 60), most);
	for (int c = 0; c < 3; c++) {
		uint64_t got = record_sum(r, (enum count)c, window, mark, now);

		if (got < least[c] || got > most[c])
			test_fail(__FILE__, __LINE__,
			    "window %lld count %d: %llu not in %llu..%llu",
			    (long long)window, c, (unsigned long long)got,
			    (unsigned long long)least[c],
			    (unsigned long long)most[c]);
	}
}

static void
check_sorted(const struct record *r)
{
	struct record_walk w;
	struct cell cell;
	uint32_t last = 0;

	record_walk(&w, r);
	while (record_next(&w, &cell)) {
		CHECK(last < cell.key);
		CHECK(cell.n > 0);
		last = cell.key;
	}
}

static const int64_t windows[] = {60, 600, 3600, 7200, 6 * 3600, DAY, 2 * DAY,
    7 * DAY, 8 * DAY, 20 * DAY, 34 * DAY};

static int64_t
step(void)
{
	switch (draw(8)) {
	case 0:
		return draw(2 * DAY);
	case 1:
		return draw(4 * 3600);
	case 2:
		return 0;
	default:
		return draw(300);
	}
}

static void
windows_round_outward(void)
{
	for (unsigned run = test_trials(20); run > 0; run--) {
		struct model *m = xalloc(1, sizeof(*m));
		struct record r = {0};
		int64_t now = 1700000000 + draw(10 * DAY);

		for (int i = 0; i < FACTS; i++) {
			int64_t late = draw(10) ? 0 : draw(3 * 3600);

			now += step();
			count(m, &r, (enum count)draw(3), now - late, now,
			    1 + draw(9));
			if (draw(50))
				continue;
			record_fold(&r, now);
			check_sorted(&r);
			for (size_t w = 0; w < sizeof(windows) / 8; w++)
				check_window(m, &r, windows[w], 0, now);
		}
		record_done(&r);
		free(m);
	}
}

static bool
is_same(const struct record *a, const struct record *b)
{
	struct record_walk v, w;
	struct cell x, y;

	record_walk(&v, a);
	record_walk(&w, b);
	for (;;) {
		bool has_x = record_next(&v, &x), has_y = record_next(&w, &y);

		if (!has_x || !has_y)
			return has_x == has_y;
		if (x.key != y.key || x.n != y.n)
			return false;
	}
}

static void
packs_and_unpacks(void)
{
	struct record r = {0}, back = {0};
	struct text t;
	int64_t now = 1700000000;

	text_grow(&t, 1 << 20);
	for (int i = 0; i < 2000; i++) {
		now += step();
		record_add(&r, (enum count)draw(COUNTS), now, now,
		    draw(3) ? draw(20) : draw(UINT32_MAX));
		text_clear(&t);
		record_pack(&r, &t);
		CHECK(record_unpack(&back, text_view(&t)));
		CHECK(is_same(&r, &back));
	}
	/* Damage is told or changes numbers, it breaks nothing. */
	text_clear(&t);
	record_pack(&r, &t);
	for (unsigned i = test_trials(20000); i > 0; i--) {
		uint32_t at = draw((uint32_t)t.n);
		char bit = (char)(1 << draw(8));

		t.p[at] ^= bit;
		if (!record_unpack(&back,
			str_head(text_view(&t), draw((uint32_t)t.n + 1))))
			CHECK(record_is_empty(&back));
		check_sorted(&back);
		t.p[at] ^= bit;
	}
	text_done(&t);
	record_done(&r);
	record_done(&back);
}

static void
changes_apply_in_order_and_twice(void)
{
	struct record r = {0}, copy = {0};
	struct text t;
	int64_t now = 1700000000;

	text_grow(&t, 1 << 20);
	for (int i = 0; i < 3000; i++) {
		for (uint32_t k = draw(6); k > 0; k--) {
			now += step();
			record_add(&r, (enum count)draw(COUNTS),
			    now - draw(600), now, 1 + draw(7));
		}
		if (draw(20) == 0)
			record_mark(&r, now - draw(60));
		text_clear(&t);
		record_pack_change(&r, &t);
		record_saved(&r);
		for (uint32_t k = 1 + draw(2); k > 0; k--)
			CHECK(record_apply_change(&copy, text_view(&t)));
		CHECK(is_same(&r, &copy));
	}
	text_clear(&t);
	record_pack_change(&r, &t);
	CHECK(t.n < 8);
	text_done(&t);
	record_done(&r);
	record_done(&copy);
}

/* The state after entries 1 to n, replayed from a record that was written
 * somewhere between them. */
static void
changes_apply_to_what_is_newer(void)
{
	enum { ENTRIES = 60 };

	for (int run = 0; run < 50; run++) {
		struct record r = {0}, base = {0};
		struct text changes[ENTRIES], packed;
		int64_t now = 1700000000 + draw(DAY);
		uint32_t cut = draw(ENTRIES);

		text_grow(&packed, 1 << 20);
		for (uint32_t i = 0; i < ENTRIES; i++) {
			now += step();
			record_add(&r, COUNT_MESSAGES, now, now, 1);
			text_grow(&changes[i], 1 << 20);
			record_pack_change(&r, &changes[i]);
			record_saved(&r);
			if (i == cut)
				record_pack(&r, &packed);
		}
		CHECK(record_unpack(&base, text_view(&packed)));
		for (int i = 0; i < ENTRIES; i++) {
			CHECK(
			    record_apply_change(&base, text_view(&changes[i])));
			text_done(&changes[i]);
		}
		CHECK(is_same(&r, &base));
		text_done(&packed);
		record_done(&r);
		record_done(&base);
	}
}

static void
mark_starts_anew(void)
{
	for (unsigned run = test_trials(200); run > 0; run--) {
		struct record r = {0};
		struct model *m = xalloc(1, sizeof(*m));
		int64_t now = 1700000000 + draw(DAY), mark = 0;

		for (int i = 0; i < 400; i++) {
			now += step();
			count(m, &r, (enum count)draw(3), now, now, 1);
			if (draw(60) == 0) {
				mark = now;
				record_mark(&r, mark);
				for (size_t k = 0; k < m->n; k++)
					m->v[k].is_before_mark = true;
			}
			if (mark && draw(9) == 0) {
				record_add(&r, COUNT_MESSAGES,
				    record_before_mark(&r, now), now, 1000);
			}
			for (size_t w = 0; w < sizeof(windows) / 8; w++)
				check_window(m, &r, windows[w], mark, now);
		}
		record_done(&r);
		free(m);
	}
}

/* A person: two weeks, one or two messages on most days. */
static void
median_account_is_small(void)
{
	size_t sizes[101];

	for (int a = 0; a < 101; a++) {
		struct record r = {0};
		struct text t;
		int64_t now = 1700000000 + draw(DAY);
		int64_t end = now + RECORD_DAYS * DAY;

		while (now < end) {
			uint32_t rcpts = draw(4) ? 1 : 3;

			now += DAY / 2 + draw(3 * DAY);
			record_add(&r, COUNT_MESSAGES, now, now, 1);
			record_add(&r, COUNT_RECIPIENTS, now, now, rcpts);
			record_add(&r, COUNT_DELIVERED, now, now, rcpts);
			record_add(&r, COUNT_KIB, now, now, 1 + draw(90));
		}
		record_fold(&r, now);
		text_grow(&t, 1 << 16);
		record_pack(&r, &t);
		sizes[a] = t.n;
		text_done(&t);
		record_done(&r);
	}
	size_t below = 0;

	for (int a = 0; a < 101; a++)
		below += sizes[a] < 150;
	CHECK(below > 50);
}

static void
old_counts_go(void)
{
	struct record r = {0};
	int64_t now = 1700000000;

	record_add(&r, COUNT_MESSAGES, now, now, 7);
	record_add(&r, COUNT_MESSAGES, now - 36 * DAY, now, 9);
	CHECK_INT(record_sum(&r, COUNT_MESSAGES, 35 * DAY, 0, now), 7);
	record_fold(&r, now + 34 * DAY);
	CHECK_INT(
	    record_sum(&r, COUNT_MESSAGES, 35 * DAY, 0, now + 34 * DAY), 7);
	record_fold(&r, now + 37 * DAY);
	CHECK(record_is_empty(&r));
	record_saved(&r);
	record_shrink(&r);
	CHECK(r.live == NULL && r.old == NULL);
}

static void
odd_times_do_no_harm(void)
{
	struct record r = {0};
	static const int64_t times[] = {
	    INT64_MIN, -1, 0, 1, RECORD_EPOCH, INT64_MAX};

	for (size_t i = 0; i < 6; i++) {
		for (size_t k = 0; k < 6; k++) {
			record_add(&r, COUNT_KIB, times[i], times[k], 5);
			record_mark(&r, times[i]);
			record_sum(&r, COUNT_KIB, times[i], times[k], times[k]);
		}
	}
	record_done(&r);
	record_add(&r, COUNT_KIB, 1700000000, 1700000000, UINT32_MAX);
	record_add(&r, COUNT_KIB, 1700000000, 1700000000, UINT32_MAX);
	CHECK_INT(record_sum(&r, COUNT_KIB, DAY, 0, 1700000000), UINT32_MAX);
	record_done(&r);
}

TESTS(TEST(windows_round_outward), TEST(packs_and_unpacks),
    TEST(changes_apply_in_order_and_twice),
    TEST(changes_apply_to_what_is_newer), TEST(mark_starts_anew),
    TEST(median_account_is_small), TEST(old_counts_go),
    TEST(odd_times_do_no_harm))
