/* ledger_query - what the books say about a subject */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/error.h"

int64_t
ledger_now(const struct ledger *l)
{
	return l->now;
}

int64_t
ledger_began(const struct ledger *l)
{
	return l->all ? ledger_unstamp(l->all->first_seen) : 0;
}

size_t
ledger_subjects(const struct ledger *l)
{
	return l->n_subjects;
}

struct subject *
ledger_find(struct ledger *l, enum subject_kind kind, struct str key)
{
	return subjects_find(l, kind, key);
}

struct subject *
ledger_find_hashed(
    struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash)
{
	struct subject *s = map_find_hashed(&l->maps[kind], key, hash);

	return s ? s : sleepers_find(l, kind, key, hash);
}

void
ledger_expect(const struct ledger *l, enum subject_kind kind, uint64_t hash)
{
	map_expect(&l->maps[kind], hash);
	dorm_expect(&l->dorm, (uint8_t)kind, hash);
}

struct subject *
ledger_get(struct ledger *l, enum subject_kind kind, struct str key)
{
	return subjects_get(l, kind, key);
}

/* i: the part in the high bits, the dorm's or a map's own index below. */
struct subject *
ledger_next_of(struct ledger *l, size_t *i, enum ledger_next_part last)
{
	const size_t shift = LEDGER_NEXT_SHIFT, mask = ((size_t)1 << shift) - 1;
	size_t part = *i >> shift, at = *i & mask;
	struct subject *s = NULL;

	for (; part <= (size_t)last; part++, at = 0) {
		s = part == NEXT_ASLEEP || part == NEXT_ASLEEP_LAST
			? sleepers_visit(l, &at)
			: map_next(&l->maps[part - NEXT_AWAKE], &at);
		if (s)
			break;
	}
	*i = part << shift | at;
	return s;
}

struct subject *
ledger_next(struct ledger *l, size_t *i)
{
	return ledger_next_of(l, i, NEXT_ASLEEP_LAST - 1);
}

enum subject_kind
subject_kind(const struct subject *s)
{
	return (enum subject_kind)s->kind;
}

struct str
subject_key(const struct subject *s)
{
	return str_make(s->key, s->key_n);
}

uint64_t
subject_note(const struct subject *s)
{
	return s->note;
}

void
subject_set_note(struct subject *s, uint64_t note)
{
	s->note = note;
}

int64_t
subject_first_seen(const struct subject *s)
{
	uint32_t first = s->first_seen;

	for (const struct subject_other *o = s->others; o; o = o->next) {
		if (o->first_seen && (!first || o->first_seen < first))
			first = o->first_seen;
	}
	return ledger_unstamp(first);
}

int64_t
subject_last_seen(const struct subject *s)
{
	return ledger_unstamp(s->last_seen);
}

int64_t
subject_mark(const struct subject *s)
{
	return ledger_unstamp(s->mark);
}

int64_t
subject_pending(const struct subject *s)
{
	return s->pending + others_pending(s);
}

/* Everything that is counted in its cells, these folded: to be done. A bucket
 * that is to be joined to a wider one stays in a window as long as that: sums
 * must not depend on when it was looked at. */
static const struct record *
gather_own(struct ledger *l, struct subject *s, struct record *scratch)
{
	ledger_pour(l, s);
	if (s->hot && !ledger_age_sums(l, s))
		s->hot->sums_minute = 0;
	return record_folded(&s->record, l->now, scratch);
}

static void
compute_sums(
    struct ledger *l, struct subject *s, uint64_t *sums, uint32_t *until)
{
	int64_t mark = ledger_unstamp(s->mark);
	struct record scratch = {0};
	const struct record *r = gather_own(l, s, &scratch);

	memset(sums, 0, l->n_watched * sizeof(*sums));
	record_sum_spelt(
	    l->spelling, (uintptr_t)s, r, &l->pairs, mark, l->now, sums, until);
	record_done(&scratch);
	for (struct subject_other *o = s->others; o; o = o->next) {
		record_sum_spelt(l->spelling, (uintptr_t)o,
		    others_record(l, o, &scratch), &l->pairs, mark, l->now,
		    sums, NULL);
		record_done(&scratch);
	}
}

static void
refresh_hot(struct ledger *l, struct subject *s)
{
	struct record unused = {0};

	gather_own(l, s, &unused);
	record_done(&unused);
	if (s->hot->sums_minute == l->minute)
		return;
	if (s->hot->n_sums < l->n_watched)
		s->hot = xrealloc(s->hot, 1,
		    sizeof(*s->hot) + l->n_watched * sizeof(uint64_t));
	s->hot->n_sums = l->n_watched;
	compute_sums(l, s, s->hot->sums, &s->hot->sums_until);
	s->hot->sums_minute = l->minute;
	s->hot->is_late = false;
}

static bool
has_counts(const struct subject *s)
{
	return s->record.live || s->record.old_n > 0 || s->others;
}

/* Of one that isn't hot. */
static const uint64_t *
ask_sums(struct ledger *l, struct subject *s)
{
	static const uint64_t none[LEDGER_SUMS];

	if (!has_counts(s))
		return none;
	if (l->asked != s || l->asked_minute != l->minute)
		compute_sums(l, s, l->asked_sums, NULL);
	l->asked = s;
	l->asked_minute = l->minute;
	return l->asked_sums;
}

__attribute__((noinline)) static uint64_t
watched_anew(struct ledger *l, struct subject *s, int slot)
{
	if (slot < 0 || (uint32_t)slot >= l->n_watched)
		return 0;
	if (!s->hot)
		return ask_sums(l, s)[slot];
	refresh_hot(l, s);
	return s->hot->sums[slot] + s->hot->now[l->watched[slot].count];
}

uint64_t
subject_watched(struct ledger *l, struct subject *s, int slot)
{
	const struct subject_hot *h = s->hot;

	/* Often asked for. No negative slot is below n_sums. */
	if (h && h->sums_minute == l->minute && (uint32_t)slot < h->n_sums &&
	    !h->is_late && (!h->has || h->minute == l->minute))
		return h->sums[slot] + h->now[l->watched[slot].count];
	return watched_anew(l, s, slot);
}

void
subject_watched_all(
    struct ledger *l, struct subject *s, struct subject_sums *out)
{
	static const uint32_t none[COUNTS];
	const struct subject_hot *h = s->hot;

	if (!h) {
		*out =
		    (struct subject_sums){ask_sums(l, s), none, l->n_watched};
		return;
	}
	if (h->sums_minute != l->minute || h->n_sums < l->n_watched ||
	    h->is_late || (h->has && h->minute != l->minute))
		refresh_hot(l, s);
	*out = (struct subject_sums){s->hot->sums, s->hot->now, s->hot->n_sums};
}

void
subject_at_most_all(
    struct ledger *l, struct subject *s, struct subject_sums *out)
{
	static const uint32_t none[COUNTS];

	*out = (struct subject_sums){l->asked_sums, none, 0};
	if (l->has_regaining)
		return;
	if (s->hot && (!s->hot->sums_minute || s->hot->n_sums < l->n_watched))
		refresh_hot(l, s);
	if (s->hot)
		*out = (struct subject_sums){
		    s->hot->sums, s->hot->now, s->hot->n_sums};
	else
		*out =
		    (struct subject_sums){ask_sums(l, s), none, l->n_watched};
}

bool
ledger_sums_regain(const struct ledger *l)
{
	return l->has_regaining;
}

uint64_t
subject_sum(struct ledger *l, struct subject *s, enum count c, int64_t window)
{
	int64_t mark = ledger_unstamp(s->mark);
	struct record_pairs one = {.has = 1u << c};
	uint64_t sum = 0;

	for (uint32_t k = (uint32_t)c + 1; k <= COUNTS; k++)
		one.first[k] = 1;
	one.minutes[0] = record_window(window);
	struct record scratch = {0};
	const struct record *r = gather_own(l, s, &scratch);

	record_sum_spelt(
	    l->spelling, (uintptr_t)s, r, &one, mark, l->now, &sum, NULL);
	record_done(&scratch);
	for (struct subject_other *o = s->others; o; o = o->next) {
		record_sum_spelt(l->spelling, (uintptr_t)o,
		    others_record(l, o, &scratch), &one, mark, l->now, &sum,
		    NULL);
		record_done(&scratch);
	}
	return sum;
}

const struct record *
subject_gather(struct ledger *l, struct subject *s, struct record *sum)
{
	const struct record *own = gather_own(l, s, sum);

	if (!s->others)
		return own;
	if (own != sum)
		record_merge(sum, own);
	for (struct subject_other *o = s->others; o; o = o->next) {
		struct record scratch = {0};

		record_merge(sum, others_record(l, o, &scratch));
		record_done(&scratch);
	}
	record_fold(sum, l->now);
	return sum;
}

/* A cell's count over the buckets it covers, evenly. */
static void
spread(struct cell cell, int64_t begin, int64_t step, uint64_t *out, size_t n)
{
	int64_t from = RECORD_EPOCH + 60 * (int64_t)cell_start(cell);
	int64_t to = RECORD_EPOCH + 60 * (int64_t)cell_end(cell);

	if (to - from <= step) { /* most */
		if (from >= begin && (from - begin) / step < (int64_t)n)
			out[(from - begin) / step] += cell.n;
		return;
	}
	int64_t parts = (to - from) / step, given = 0;

	parts = parts < 1 ? 1 : parts;
	for (int64_t i = 0; i < parts; i++) {
		int64_t share = (int64_t)cell.n * (i + 1) / parts - given;
		int64_t at = from + i * step;

		given += share;
		if (at >= begin && (at - begin) / step < (int64_t)n)
			out[(at - begin) / step] += (uint64_t)share;
	}
}

void
subject_series(struct ledger *l, struct subject *s, enum count c, int64_t step,
    uint64_t *out, size_t n)
{
	struct record sum = {0};
	const struct record *r = subject_gather(l, s, &sum);

	step = step < 60 ? 60 : step;
	int64_t end = RECORD_EPOCH + 60 * ((int64_t)l->minute + 1);
	int64_t begin = end - step * (int64_t)n;

	memset(out, 0, n * sizeof(*out));
	const struct cell *cells;
	size_t n_cells =
	    record_cells_of(l->spelling, (uintptr_t)s, r, c, &cells);

	for (size_t i = 0; i < n_cells; i++)
		spread(cells[i], begin, step, out, n);
	record_done(&sum);
}
