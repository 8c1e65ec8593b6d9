/* ledger - the counts of every subject over time
 *
 * The way of a fact: which counts it makes (counted), for whom (find_way), and
 * then one addition per subject that is hot in the present minute.
 */
#include "ledger/ledger_state.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

enum {
	FEWEST_SUBJECTS = 64, /* no fact pushes out its own subjects */
	COOL_AFTER = 10,      /* minutes */
	BIG_RECORD = 160,     /* bytes; who counts so much will do so again */
	SMALL_AFTER = 30,     /* minutes */
	TICK_DROPS = 256,
	TICK_SWEEP = 128,
};

#define NO_COUNT COUNTS

/* When a fact counts. */
struct moment {
	int64_t at;
	uint32_t minute, stamp, accepted; /* of at; stamps */
};

/* What a fact about an inside or an outward recipient counts. */
static const uint8_t counted[FACT_KINDS][2] = {
    [FACT_ACCEPTED] = {COUNT_MESSAGES, COUNT_MESSAGES},
    [FACT_RECIPIENT] = {COUNT_INSIDE, COUNT_RECIPIENTS},
    [FACT_DELIVERED] = {COUNT_INSIDE_DELIVERED, COUNT_DELIVERED},
    [FACT_DEFERRED] = {NO_COUNT, COUNT_DEFERRED},
    [FACT_DEFERRAL] = {NO_COUNT, COUNT_DEFERRALS},
    [FACT_UNKNOWN_USER] = {COUNT_INSIDE_FAILED, COUNT_UNKNOWN_USER},
    [FACT_REFUSED] = {COUNT_INSIDE_FAILED, COUNT_REFUSED},
    [FACT_BOUNCED] = {COUNT_INSIDE_FAILED, COUNT_BOUNCED},
    [FACT_PENDING] = {NO_COUNT, NO_COUNT},
    [FACT_LOGIN_FAILED] = {COUNT_LOGIN_FAILED, COUNT_LOGIN_FAILED},
    [FACT_ATTEMPT] = {COUNT_ATTEMPTS, COUNT_ATTEMPTS},
    [FACT_LOST_LINES] = {NO_COUNT, NO_COUNT},
    [FACT_LOGIN] = {COUNT_LOGINS, COUNT_LOGINS},
};

uint64_t
ledger_raised(const struct fact *f)
{
	uint8_t c = counted[f->kind][f->is_outward];

	if (f->kind == FACT_PENDING)
		return f->n > 0 ? 1ull << COUNT_RECIPIENTS : 0;
	if (f->kind == FACT_RECIPIENT && f->is_outward)
		return 1ull << LEDGER_DISTINCT_RECIPIENTS |
		       (uint64_t)!f->was_pending << COUNT_RECIPIENTS;
	if (f->kind == FACT_ACCEPTED)
		return 1ull << COUNT_MESSAGES | 1ull << COUNT_KIB |
		       1ull << LEDGER_DISTINCT_NETWORKS;
	return c == NO_COUNT ? 0 : 1ull << c;
}

struct ledger *
ledger_new(const struct ledger_options *o)
{
	struct ledger *l = xalloc(1, sizeof(*l));

	l->max_subjects = o->max_subjects < FEWEST_SUBJECTS ? FEWEST_SUBJECTS
							    : o->max_subjects;
	memcpy(l->hash_key, o->hash_key, sizeof(l->hash_key));
	l->ways = l->last_way = xalloc(LEDGER_WAYS, sizeof(*l->ways));
	l->generation = 1;
	for (int i = 0; i < SUBJECT_KINDS; i++)
		map_init(&l->maps[i]);
	return l;
}

void
ledger_free(struct ledger **l)
{
	struct ledger *old = *l;

	if (!old)
		return;
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		struct subject *s;

		for (size_t at = 0; (s = map_next(&old->maps[i], &at));)
			subjects_free(s);
		map_done(&old->maps[i]);
	}
	for (size_t i = 0; i < old->n_gone; i++)
		free(old->gone[i]);
	for (int i = 0; i < LISTS; i++)
		free(old->lists[i].v);
	free(old->gone);
	free(old->ways);
	free(old);
	*l = NULL;
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
	if (minutes > l->pairs.longest)
		l->pairs.longest = minutes;
	index_pairs(l);
	return (int)l->n_watched - 1;
}

/* The sums go on being those of their minute. */
static void
add_to_sums(const struct ledger *l, struct subject_hot *h, uint32_t c)
{
	const struct record_pairs *p = &l->pairs;

	for (uint32_t i = p->first[c]; i < p->first[c + 1]; i++) {
		if (p->slot[i] < h->n_sums)
			h->sums[p->slot[i]] += h->now[c];
	}
}

void
ledger_pour(struct ledger *l, struct subject *s)
{
	struct subject_hot *h = s->hot;

	if (!h || !h->has)
		return;
	record_add_all(&s->record, h->has, h->now,
	    RECORD_EPOCH + 60 * (int64_t)h->minute, l->now);
	for (uint32_t bits = h->has; bits; bits &= bits - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(bits);

		add_to_sums(l, h, c);
		h->now[c] = 0;
	}
	h->has = 0;
	if (h->minute != l->minute)
		h->is_late = true;
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

/* A few steps along those that were hot and are silent now. */
static void
cool_some(struct ledger *l, struct subject_queue *q)
{
	for (int i = 0; i < 4 && q->hand; i++) {
		struct subject *s = q->hand;

		if (s->hot && s->hot->minute + COOL_AFTER >= l->minute)
			return;
		if (s->hot)
			ledger_cool(l, s);
		if (!s->newer)
			return;
		q->hand = s->newer;
	}
}

static void
heat(struct ledger *l, struct subject *s)
{
	if (s->hot)
		ledger_pour(l, s);
	else
		s->hot = xalloc(1, sizeof(*s->hot));
	s->hot->minute = l->minute;
	subjects_to_front(l, s);
	cool_some(l, &l->queues[QUEUE_OWN]);
	cool_some(l, &l->queues[QUEUE_STRANGERS]);
}

/* The next subject in the walk over all, again and again: silent ones get
 * small. */
static void
sweep_one(struct ledger *l)
{
	struct subject *s = map_next(&l->maps[l->sweep_kind], &l->sweep_at);

	if (!s) {
		l->sweep_kind = (l->sweep_kind + 1) % SUBJECT_KINDS;
		l->sweep_at = 0;
		return;
	}
	if (s->others)
		others_fold(s, l->now);
	if (s->hot ||
	    record_minute(ledger_unstamp(s->last_seen)) + SMALL_AFTER >
		l->minute)
		return;
	record_shrink(&s->record);
	subjects_fold_seen(s, l->now);
	subjects_keep_seen(s);
	others_forget(l, s);
}

void
ledger_advance(struct ledger *l, int64_t now)
{
	if (now <= l->now)
		return;
	l->now = now;
	l->minute = record_minute(now);
	l->is_loading = false;
	if (l->is_unsorted)
		subjects_sort(l);
}

/* The first fact ever. */
static void
begin(struct ledger *l, int64_t at)
{
	l->all = subjects_get(l, SUBJECT_ALL, STR(""));
	if (!l->all->first_seen)
		l->all->first_seen = ledger_stamp(at);
}

static struct moment
moment_of(const struct ledger *l, const struct fact *f)
{
	return (struct moment){
	    .at = f->at,
	    .minute = f->at == l->now ? l->minute : record_minute(f->at),
	    .stamp = ledger_stamp(f->at),
	    .accepted = ledger_stamp(f->accepted_at ? f->accepted_at : f->at),
	};
}

static void
add_now(struct subject_hot *h, uint32_t c, uint32_t n)
{
	if (__builtin_add_overflow(h->now[c], n, &h->now[c]))
		h->now[c] = UINT32_MAX;
	h->has |= 1u << c;
}

/* Not in the present minute, or from before the mark: straight to the cells.
 */
static void
add_late(
    struct ledger *l, struct subject *s, uint32_t c, uint32_t n, int64_t at)
{
	ledger_pour(l, s);
	record_add(&s->record, (enum count)c, at, l->now, n);
	subject_void_sums(l, s);
	subjects_to_front(l, s);
}

static bool
is_before_mark(const struct subject *s, const struct moment *m)
{
	return s->mark && m->accepted <= s->mark;
}

/* To who isn't hot in that minute. Kept out of the way of the others. */
__attribute__((noinline)) static void
add_cold(struct ledger *l, struct subject *s, const struct moment *m,
    uint32_t c, uint32_t n)
{
	if (is_before_mark(s, m)) {
		add_late(l, s, c, n, record_before_mark(&s->record, m->at));
	} else if (m->minute == l->minute) {
		heat(l, s);
		add_now(s->hot, c, n);
	} else {
		add_late(l, s, c, n, m->at);
	}
}

static inline void
add(struct ledger *l, struct subject *s, const struct moment *m, uint32_t c,
    uint32_t n)
{
	if (s->hot && s->hot->minute == m->minute && !is_before_mark(s, m))
		add_now(s->hot, c, n);
	else
		add_cold(l, s, m, c, n);
}

static inline void
touch(struct ledger *l, struct subject *s, const struct moment *m)
{
	if (!s->first_seen || m->stamp < s->first_seen)
		s->first_seen = m->stamp;
	if (m->stamp > s->last_seen)
		s->last_seen = m->stamp;
	subject_changed(l, s);
}

/* What was pending at the mark counts no more, and is confirmed in vain. */
static inline void
add_pending(struct subject *s, const struct moment *m, int32_t n)
{
	int64_t pending = (int64_t)s->pending + n;

	if (is_before_mark(s, m))
		return;
	pending = pending < 0 ? 0 : pending;
	s->pending = pending > INT32_MAX ? INT32_MAX : (int32_t)pending;
}

static bool
is_sender(const struct subject *s)
{
	return s->kind == SUBJECT_ACCOUNT || s->kind == SUBJECT_CLAIMED;
}

static void
see_recipient(
    struct ledger *l, const struct fact *f, const struct ledger_touched *t)
{
	uint16_t entry = sketch_entry(sketch_hash(l->hash_key, f->recipient));

	for (size_t i = 0; i < t->n; i++) {
		struct subject *s = t->v[i];

		if (is_sender(s) &&
		    sketch_add(&subjects_seen(s)->recipients, entry, f->at))
			s->listed |= LISTED_SKETCHES;
		if (is_sender(s) && !(l->listing & 1u << LIST_SAVE))
			sketch_saved(&s->seen->recipients);
	}
}

static void
see_news(struct subject *s)
{
	s->seen->is_unsaved = true;
	s->listed |= LISTED_SKETCHES;
}

static void
see_client(const struct fact *f, const struct ledger_touched *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct subject *s = t->v[i];

		if (is_sender(s) && networks_add(&subjects_seen(s)->networks,
					&f->client, f->at))
			see_news(s);
	}
}

static uint32_t
kib_of(uint64_t size_bytes)
{
	uint64_t kib = size_bytes / 1024 + (size_bytes % 1024 != 0);

	return kib > UINT32_MAX ? UINT32_MAX : (uint32_t)kib;
}

void
ledger_add(
    struct ledger *l, const struct fact *f, struct ledger_touched *touched)
{
	uint8_t c = counted[f->kind][f->is_outward];

	touched->n = 0;
	ledger_advance(l, f->at);
	if (!l->all)
		begin(l, f->at);
	struct moment m = moment_of(l, f);

	if (f->kind == FACT_LOGIN_FAILED || f->kind == FACT_LOGIN ||
	    f->kind == FACT_ATTEMPT)
		ways_find_few(l, f, touched);
	else if (f->account.n > 0 && (c != NO_COUNT || f->kind == FACT_PENDING))
		ways_find(l, f, touched);
	if (touched->n == 0) {
		touch(l, l->all, &m);
		return;
	}
	for (size_t i = 0; i < touched->n; i++) {
		struct subject *s = touched->v[i];

		touch(l, s, &m);
		if (f->kind == FACT_PENDING)
			add_pending(s, &m, f->n);
		else
			add(l, s, &m, c, f->n < 1 ? 1 : (uint32_t)f->n);
		if (f->was_pending && subject_has_pending(s->kind))
			add_pending(s, &m, -1);
	}
	if (f->kind == FACT_RECIPIENT && f->is_outward)
		see_recipient(l, f, touched);
	if (f->kind != FACT_ACCEPTED)
		return;
	for (size_t i = 0; i < touched->n && f->size_bytes > 0; i++)
		add(l, touched->v[i], &m, COUNT_KIB, kib_of(f->size_bytes));
	if (!ip_is_none(&f->client))
		see_client(f, touched);
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

static void
drop_silent(struct ledger *l, struct subject_queue *q)
{
	for (int i = 0; i < TICK_DROPS && q->oldest; i++) {
		struct subject *s = q->oldest;

		if (ledger_unstamp(s->last_seen) + RECORD_DAYS * 86400ll >
		    l->now)
			return;
		if (s == l->all)
			subjects_to_front(l, s);
		else
			subjects_drop(l, s);
	}
}

void
ledger_tick(struct ledger *l, int64_t now)
{
	ledger_advance(l, now);
	for (int i = 0; i < QUEUES; i++) {
		drop_silent(l, &l->queues[i]);
		for (int k = 0; k < TICK_SWEEP / 4; k++)
			cool_some(l, &l->queues[i]);
	}
	for (int i = 0; i < TICK_SWEEP; i++)
		sweep_one(l);
}
