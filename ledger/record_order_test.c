/* record_order_test - in any order, any number of times: the same record
 *
 * Thousands of random sets of facts, each counted in several ways; what comes
 * out must be the same bytes. And bytes from outside, damaged at random, are
 * refused or give a record with which everything can be done.
 */
#include "ledger/record.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/test.h"
#include "ledger/networks.h"
#include "ledger/sketch.h"

enum { DAY = 86400, FACTS_MAX = 120, ENTRIES_MAX = 40, PACKED_MAX = 1 << 20 };

struct one {
	enum count c;
	int64_t at;
	uint32_t n;
};

struct facts {
	struct one v[FACTS_MAX];
	size_t n;
	int64_t first, end; /* they are within; end is later than all */
};

static uint64_t seed = 3;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static int
compare_time(const void *a, const void *b)
{
	int64_t x = ((const struct one *)a)->at;
	int64_t y = ((const struct one *)b)->at;

	return (x > y) - (x < y);
}

/* In order of time: crowds of a few minutes, or of a few weeks. */
static void
make_facts(struct facts *f)
{
	static const int64_t spans[] = {
	    60, 600, 3600, 7200, DAY, 2 * DAY, 8 * DAY, 9 * DAY, 34 * DAY};
	uint32_t span = (uint32_t)spans[draw(9)];

	f->n = draw(FACTS_MAX);
	f->first = 1700000000 + draw(100 * DAY);
	f->end = f->first + span + draw(3) * draw(DAY);
	for (size_t i = 0; i < f->n; i++)
		f->v[i] = (struct one){
		    .c = (enum count)draw(draw(4) ? 4 : COUNTS),
		    .at = f->first + draw(span),
		    .n = draw(20) ? 1 + draw(5) : 1 + draw(UINT32_MAX >> 8),
		};
	qsort(f->v, f->n, sizeof(f->v[0]), compare_time);
}

static void
add(struct record *r, const struct one *one, int64_t now)
{
	record_add(r, one->c, one->at, now, one->n);
}

static void
shuffle(struct facts *f)
{
	for (size_t i = f->n; i > 1; i--) {
		size_t k = draw((uint32_t)i);
		struct one moved = f->v[k];

		f->v[k] = f->v[i - 1];
		f->v[i - 1] = moved;
	}
}

static void
pack_at(struct record *r, int64_t now, struct text *out)
{
	record_fold(r, now);
	text_clear(out);
	record_pack(r, out);
}

/* As they come: looked at, packed away and unpacked in between. */
static void
count_live(struct record *r, const struct facts *f, struct text *scratch)
{
	for (size_t i = 0; i < f->n; i++) {
		add(r, &f->v[i], f->v[i].at);
		if (draw(4) == 0)
			record_fold(r, f->v[i].at + draw(60));
		if (draw(6) == 0)
			record_shrink(r);
		if (draw(12) == 0)
			record_saved(r);
		if (draw(20))
			continue;
		text_clear(scratch);
		record_pack(r, scratch);
		CHECK(record_unpack(r, text_view(scratch)));
	}
}

static void
any_order_gives_the_same_record(void)
{
	struct text live, late, scratch;
	struct facts f;

	text_grow(&live, PACKED_MAX);
	text_grow(&late, PACKED_MAX);
	text_grow(&scratch, PACKED_MAX);
	for (unsigned run = test_trials(6000); run > 0; run--) {
		struct record a = {0}, b = {0};

		make_facts(&f);
		count_live(&a, &f, &scratch);
		shuffle(&f);
		for (size_t i = 0; i < f.n; i++)
			add(&b, &f.v[i], f.end);
		pack_at(&a, f.end + 60, &live);
		pack_at(&b, f.end + 60, &late);
		CHECK(str_is(text_view(&live), text_view(&late)));
		record_done(&a);
		record_done(&b);
	}
	text_done(&live);
	text_done(&late);
	text_done(&scratch);
}

/* What several nodes counted, added up in any order, is what one would have
 * counted. */
static void
any_division_gives_the_same_sum(void)
{
	enum { NODES = 3 };
	struct text whole, sum;
	struct facts f;

	text_grow(&whole, PACKED_MAX);
	text_grow(&sum, PACKED_MAX);
	for (unsigned run = test_trials(4000); run > 0; run--) {
		struct record one = {0}, nodes[NODES] = {{0}}, all = {0};
		uint32_t first = draw(NODES);

		make_facts(&f);
		for (size_t i = 0; i < f.n; i++) {
			add(&one, &f.v[i], f.v[i].at);
			add(&nodes[draw(NODES)], &f.v[i],
			    draw(2) ? f.v[i].at : f.end);
		}
		for (uint32_t i = 0; i < NODES; i++) {
			if (draw(2))
				record_fold(&nodes[i], f.end);
			record_shrink(&nodes[i]);
		}
		for (uint32_t i = 0; i < NODES; i++)
			record_merge(&all, &nodes[(first + i) % NODES]);
		pack_at(&one, f.end + 60, &whole);
		pack_at(&all, f.end + 60, &sum);
		CHECK(str_is(text_view(&whole), text_view(&sum)));
		for (uint32_t i = 0; i < NODES; i++)
			record_done(&nodes[i]);
		record_done(&one);
		record_done(&all);
	}
	text_done(&whole);
	text_done(&sum);
}

/* A journal of changes, replayed over a record that was written at any moment
 * between them, entries repeated: the latest state. */
static void
any_repetition_gives_the_same_record(void)
{
	struct text changes[ENTRIES_MAX], base, last, again;
	struct facts f;

	text_grow(&base, PACKED_MAX);
	text_grow(&last, PACKED_MAX);
	text_grow(&again, PACKED_MAX);
	for (int i = 0; i < ENTRIES_MAX; i++)
		text_grow(&changes[i], PACKED_MAX);
	for (unsigned run = test_trials(3000); run > 0; run--) {
		struct record r = {0}, back = {0};
		uint32_t entries = 1 + draw(ENTRIES_MAX);
		uint32_t cut = draw(entries), from = draw(cut + 1);
		size_t k = 0;

		make_facts(&f);
		for (uint32_t i = 0; i < entries; i++) {
			size_t end = f.n * (i + 1) / entries;

			for (; k < end; k++)
				add(&r, &f.v[k], f.v[k].at);
			if (k > 0 && draw(30) == 0)
				record_mark(&r, f.v[k - 1].at);
			if (draw(3) == 0)
				record_shrink(&r);
			text_clear(&changes[i]);
			record_pack_change(&r, &changes[i]);
			record_saved(&r);
			if (i == cut) {
				text_clear(&base);
				record_pack(&r, &base);
			}
		}
		/* Those before the cut are in the base already. */
		CHECK(record_unpack(&back, text_view(&base)));
		for (uint32_t i = from; i < entries; i++) {
			CHECK(
			    record_apply_change(&back, text_view(&changes[i])));
			if (draw(4) == 0)
				CHECK(record_apply_change(
				    &back, text_view(&changes[i])));
		}
		text_clear(&last);
		record_pack(&r, &last);
		text_clear(&again);
		record_pack(&back, &again);
		CHECK(str_is(text_view(&last), text_view(&again)));
		record_done(&r);
		record_done(&back);
	}
	for (int i = 0; i < ENTRIES_MAX; i++)
		text_done(&changes[i]);
	text_done(&base);
	text_done(&last);
	text_done(&again);
}

static void
check_sane(struct record *r, struct text *scratch)
{
	const int64_t now = 1700000000 + draw(200 * DAY);
	struct record back = {0}, part = {0};
	struct record_walk w;
	struct cell cell;
	uint32_t last = 0, n = 0;

	record_walk(&w, r);
	for (; record_next(&w, &cell); n++) {
		CHECK(n == 0 || last < cell.key);
		CHECK(cell.n > 0);
		CHECK(cell_count(cell) < COUNTS);
		last = cell.key;
	}
	CHECK((n == 0) == record_is_empty(r));
	text_clear(scratch);
	record_pack(r, scratch);
	CHECK(record_unpack(&back, text_view(scratch)));
	record_add(r, COUNT_MESSAGES, now, now, 1);
	record_mark(r, now);
	record_fold(r, now + draw(40 * DAY));
	record_before(r, record_minute(now), record_minute(now), &part);
	record_merge(&back, r);
	record_shrink(&back);
	record_done(&back);
	record_done(&part);
}

static struct str
damage(struct text *t)
{
	for (uint32_t i = 1 + draw(3); i > 0 && t->n > 0; i--)
		t->p[draw((uint32_t)t->n)] ^= (char)(1 << draw(8));
	return str_head(
	    text_view(t), draw(2) ? t->n : draw((uint32_t)t->n + 1));
}

static void
damaged_records_are_refused_or_sane(void)
{
	struct text t, scratch;
	struct facts f;

	text_grow(&t, PACKED_MAX);
	text_grow(&scratch, PACKED_MAX);
	for (unsigned run = test_trials(20000); run > 0; run--) {
		struct record r = {0}, back = {0};

		make_facts(&f);
		for (size_t i = 0; i < f.n; i++)
			add(&r, &f.v[i], f.v[i].at);
		text_clear(&t);
		if (draw(2))
			record_pack_change(&r, &t);
		else
			record_pack(&r, &t);
		struct str bad = damage(&t);

		if (!record_unpack(&back, bad))
			CHECK(record_is_empty(&back));
		check_sane(&back, &scratch);
		record_apply_change(&r, bad);
		check_sane(&r, &scratch);
		record_done(&r);
		record_done(&back);
	}
	text_done(&t);
	text_done(&scratch);
}

static void
damaged_sketches_are_refused_or_sane(void)
{
	struct text t;

	text_grow(&t, PACKED_MAX);
	for (unsigned run = test_trials(4000); run > 0; run--) {
		struct sketch s = {0}, back = {0}, *v[] = {&s, &back};
		struct networks w = {0};
		int64_t at = 1700000000 + draw(DAY);
		uint32_t n = draw(4) ? draw(40) : draw(600);

		for (uint32_t i = 0; i < n; i++)
			sketch_add(&s,
			    (uint16_t)(draw(1024) << 6 | (1 + draw(20))),
			    at + draw(7200));
		text_clear(&t);
		if (draw(2))
			sketch_pack(&s, &t);
		else
			sketch_pack_fresh(&s, &t);
		struct str bad = damage(&t);

		if (!sketch_unpack(&back, bad))
			CHECK(sketch_is_empty(&back));
		sketch_apply_fresh(&s, bad);
		sketch_add(&s, 1, at + DAY);
		CHECK(sketch_count((const struct sketch *const *)v, 2, DAY,
			  at) < UINT32_MAX);
		sketch_fold(&back, at + DAY);
		if (!networks_unpack(&w, bad))
			CHECK_INT(w.n, 0);
		CHECK(w.n <= NETWORKS);
		networks_fold(&w, at);
		networks_done(&w);
		sketch_done(&s);
		sketch_done(&back);
	}
	text_done(&t);
}

TESTS(TEST(any_order_gives_the_same_record),
    TEST(any_division_gives_the_same_sum),
    TEST(any_repetition_gives_the_same_record),
    TEST(damaged_records_are_refused_or_sane),
    TEST(damaged_sketches_are_refused_or_sane))
