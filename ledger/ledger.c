/* ledger - the counts of every subject over time: which sums are watched, and
 * who is hot
 */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/error.h"

enum {
	FEWEST_SUBJECTS = 64, /* no fact pushes out its own subjects */
	BIG_RECORD = 160,     /* bytes; who counts so much will do so again */
	SPELT = 512,	      /* records */
	SOON = 8,	      /* so small a part of what cooling waits */
};

struct ledger *
ledger_new(const struct ledger_options *o)
{
	struct ledger *l = xalloc(1, sizeof(*l));

	l->max_subjects = o->max_subjects < FEWEST_SUBJECTS ? FEWEST_SUBJECTS
							    : o->max_subjects;
	memcpy(l->hash_key, o->hash_key, sizeof(l->hash_key));
	l->known_after = NETWORKS_KNOWN_AFTER;
	l->ways = l->last_way = xalloc(LEDGER_WAYS, sizeof(*l->ways));
	l->spelling = record_spelling_new(SPELT);
	l->generation = 1;
	l->cool_after = SUBJECT_SILENT_AFTER;
	ledger_count_all(l);
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		map_init(&l->maps[i]);
		l->keeps[i] = l->keeps_sizes[i] = RECORD_DAYS * 1440;
	}
	return l;
}

void
ledger_free(struct ledger **l)
{
	struct ledger *old = *l;

	if (!old)
		return;
	sleepers_leave(old);
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		struct subject *s;

		for (size_t at = 0; (s = map_next(&old->maps[i], &at));)
			subjects_free(s);
		map_done(&old->maps[i]);
	}
	dorm_done(&old->dorm);
	sprayed_done(&old->sprayed);
	sprayed_done(&old->shapes);
	for (size_t i = 0; i < old->n_gone; i++)
		free(old->gone[i]);
	for (int i = 0; i < LISTS; i++)
		free(old->lists[i].v);
	free(old->gone);
	free(old->ways);
	record_spelling_free(&old->spelling);
	free(old);
	*l = NULL;
}

static void
add_short(struct record_pairs *p, uint32_t minutes)
{
	if (minutes > RECORD_SHORT)
		p->least_long =
		    minutes < p->least_long ? minutes : p->least_long;
	else if (!memchr(p->shorts, (int)minutes, p->n_shorts))
		p->shorts[p->n_shorts++] = (uint8_t)minutes;
}

/* Pairs by count, the longest window first. */
static void
index_pairs(struct ledger *l)
{
	struct record_pairs *p = &l->pairs;
	uint8_t n = 0;

	p->has = 0;
	for (uint32_t c = 0; c < COUNTS; c++) {
		p->first[c] = n;
		for (uint32_t slot = 0; slot < l->n_watched; slot++) {
			uint8_t i = n;

			if (l->watched[slot].count != c)
				continue;
			for (; i > p->first[c] &&
			       p->minutes[i - 1] < l->watched[slot].minutes;
			     i--) {
				p->minutes[i] = p->minutes[i - 1];
				p->slot[i] = p->slot[i - 1];
			}
			p->minutes[i] = l->watched[slot].minutes;
			p->slot[i] = (uint8_t)slot;
			p->has |= 1u << c;
			n++;
		}
	}
	p->first[COUNTS] = n;
	p->n_shorts = 0;
	p->least_long = RECORD_DAYS * 1440;
	for (uint32_t slot = 0; slot < l->n_watched; slot++)
		add_short(p, l->watched[slot].minutes);
}

int
ledger_watch(struct ledger *l, enum count c, int64_t window)
{
	uint32_t minutes = record_window(window);

	for (uint32_t i = 0; i < l->n_watched; i++) {
		if (l->watched[i].count == c &&
		    l->watched[i].minutes == minutes)
			return (int)i;
	}
	if (l->n_watched == LEDGER_SUMS)
		return -1;
	l->watched[l->n_watched].count = c;
	l->watched[l->n_watched].minutes = minutes;
	l->n_watched++;
	if (record_window_regains(minutes))
		l->has_regaining = true;
	index_pairs(l);
	return (int)l->n_watched - 1;
}

void
ledger_keep(struct ledger *l, enum subject_kind kind, int64_t window)
{
	l->keeps[kind] = record_window(window);
}

void
ledger_keep_sizes(struct ledger *l, enum subject_kind kind, int64_t window)
{
	l->keeps_sizes[kind] = record_window(window);
}

int64_t
ledger_keeps(const struct ledger *l, enum subject_kind kind, enum count c)
{
	uint32_t minutes = l->keeps[kind];

	if (c == COUNT_KIB && l->keeps_sizes[kind] < minutes)
		minutes = l->keeps_sizes[kind];
	return (int64_t)minutes * 60;
}

bool
ledger_age_sums(const struct ledger *l, struct subject *s)
{
	struct subject_hot *h = s->hot;

	if (!h->sums_minute || h->is_late || h->n_sums < l->n_watched ||
	    h->sums_minute > l->minute || l->minute >= h->sums_until ||
	    l->has_regaining || s->others)
		return false;
	if (h->sums_minute < l->minute)
		record_leave(&s->record, &l->pairs, ledger_unstamp(s->mark),
		    h->sums_minute, l->minute, h->sums);
	h->sums_minute = l->minute;
	return true;
}

/* To the windows that hold its minute; when the sums aren't those of now, to
 * all. */
static void
add_to_sums(
    const struct ledger *l, struct subject_hot *h, uint32_t c, bool is_aged)
{
	const struct record_pairs *p = &l->pairs;
	uint32_t age = is_aged ? l->minute - h->minute : 0;

	for (uint32_t i = p->first[c]; i < p->first[c + 1]; i++) {
		if (p->slot[i] < h->n_sums && age <= p->minutes[i])
			h->sums[p->slot[i]] += h->now[c];
	}
}

void
ledger_pour(struct ledger *l, struct subject *s)
{
	struct subject_hot *h = s->hot;

	if (!h || !h->has)
		return;
	/* What is older may belong to a wider bucket. */
	bool is_aged = h->minute <= l->minute &&
		       h->minute + RECORD_SHORT >= l->minute &&
		       ledger_age_sums(l, s);

	record_add_all(&s->record, h->has, h->now,
	    RECORD_EPOCH + 60 * (int64_t)h->minute, l->now);
	for (uint32_t bits = h->has; bits; bits &= bits - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(bits);

		add_to_sums(l, h, c, is_aged);
		h->now[c] = 0;
	}
	h->has = 0;
	if (!is_aged)
		h->is_late = true;
	/* In the past there is more than what was found there. */
	if (h->minute + RECORD_SHORT < l->minute)
		s->note = 0;
}

void
ledger_cool(struct ledger *l, struct subject *s)
{
	ledger_pour(l, s);
	free(s->hot);
	s->hot = NULL;
	if (!(l->listing & 1u << LIST_SAVE))
		record_saved(&s->record);
	if (!(l->listing & 1u << LIST_SAVE) && s->seen)
		s->seen->is_unsaved = false;
	if (s->record.old_n < BIG_RECORD) {
		record_shrink(&s->record);
		subjects_keep_seen(s);
	}
}

void
ledger_cool_some(struct ledger *l, struct subject_queue *q)
{
	for (int i = 0; i < 4 && q->hand; i++) {
		struct subject *s = q->hand;

		if (s->hot && s->hot->heated + l->cool_after > l->minute)
			return;
		if (s->hot)
			ledger_cool(l, s);
		if (!s->newer)
			return;
		q->hand = s->newer;
	}
}

void
ledger_heat(struct ledger *l, struct subject *s, uint32_t minute)
{
	if (s->hot)
		ledger_pour(l, s);
	else
		s->hot = xalloc(1, sizeof(*s->hot));
	s->hot->minute = minute;
	/* Who was there a moment ago needs no way through its neighbours. */
	if (s->hot->heated + (l->cool_after + SOON - 1) / SOON <= l->minute) {
		s->hot->heated = l->minute;
		subjects_to_front(l, s);
	}
	ledger_cool_some(l, &l->queues[QUEUE_OWN]);
	ledger_cool_some(l, &l->queues[QUEUE_STRANGERS]);
}

void
ledger_advance(struct ledger *l, int64_t now)
{
	if (now <= l->now)
		return;
	l->now = now;
	l->minute = record_minute(now);
	l->stamp = ledger_stamp(now);
	l->is_loading = false;
	dorm_settle(&l->dorm);
	if (l->is_unsorted)
		subjects_sort(l);
}

void
ledger_mark(struct ledger *l, struct subject *s, int64_t mark)
{
	uint32_t stamp = ledger_stamp(mark);

	if (stamp <= s->mark)
		return;
	ledger_pour(l, s);
	s->mark = stamp;
	s->pending = 0;
	record_mark(&s->record, mark);
	others_mark(s, stamp);
	subject_void_sums(l, s);
	subject_changed(l, s);
}
