/* ledger_add - from a fact to counts
 *
 * What a fact does and for whom is known before (ledger_effects.c): then it is
 * one addition per subject that is hot in the fact's minute.
 */
#include "ledger/ledger_state.h"

/* When a fact counts. */
struct moment {
	int64_t at, accepted_at;
	uint32_t minute, stamp; /* of at */
	bool is_beginning;
};

/* The first fact ever. */
static void
begin(struct ledger *l, int64_t at)
{
	l->all = subjects_get(l, SUBJECT_ALL, STR(""));
	if (!l->all->first_seen)
		l->all->first_seen = ledger_stamp(at);
	subject_changed(l, l->all);
}

static struct moment
moment_of(const struct ledger *l, const struct fact *f, bool is_beginning)
{
	bool is_now = f->at == l->now;

	return (struct moment){
	    .at = f->at,
	    .accepted_at = f->accepted_at ? f->accepted_at : f->at,
	    .minute = is_now ? l->minute : record_minute(f->at),
	    .stamp = is_now ? l->stamp : ledger_stamp(f->at),
	    .is_beginning = is_beginning,
	};
}

static void
add_now(struct subject_hot *h, uint32_t c, uint32_t n)
{
	if (__builtin_add_overflow(h->now[c], n, &h->now[c]))
		h->now[c] = UINT32_MAX;
	h->has |= 1u << c;
}

/* Straight to the cells. */
static void
add_before_mark(
    struct ledger *l, struct subject *s, uint32_t c, uint32_t n, int64_t at)
{
	ledger_pour(l, s);
	record_add(&s->record, (enum count)c,
	    record_before_mark(&s->record, at), l->now, n);
	subject_void_sums(l, s);
	subjects_to_front(l, s);
}

static bool
is_before_mark(const struct subject *s, const struct moment *m)
{
	return s->mark && ledger_stamp(m->accepted_at) <= s->mark;
}

/* To who isn't hot in that minute. Kept out of the way of the others. */
__attribute__((noinline)) static void
add_cold(struct ledger *l, struct subject *s, const struct moment *m,
    uint32_t c, uint32_t n)
{
	if (is_before_mark(s, m)) {
		add_before_mark(l, s, c, n, m->at);
		return;
	}
	ledger_heat(l, s, m->minute);
	add_now(s->hot, c, n);
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
	if (!s->first_seen || (m->is_beginning && m->stamp < s->first_seen)) {
		s->first_seen = m->stamp;
		s->note = 0; /* it is older than it was */
	}
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
	if (pending < 0) { /* it began without what was pending then */
		pending = 0;
		s->note = 0;
	}
	s->pending = pending > INT32_MAX ? INT32_MAX : (int32_t)pending;
}

static void
see_recipient(struct ledger *l, const struct fact *f,
    const struct ledger_touched *t, unsigned kinds)
{
	uint16_t entry = sketch_entry(sketch_hash(l->hash_key, f->recipient));

	for (size_t i = 0; i < t->n; i++) {
		struct subject *s = t->v[i];

		if (!(kinds >> s->kind & 1))
			continue;
		if (sketch_add(&subjects_seen(s)->recipients, entry, f->at))
			s->listed |= LISTED_SKETCHES;
		if (!(l->listing & 1u << LIST_SAVE))
			sketch_saved(&s->seen->recipients);
	}
}

/* Other nodes' sets are looked at, never merged into our own. */
static bool
is_known_elsewhere(const struct subject *s, uint64_t hash)
{
	for (const struct subject_other *o = s->others; o; o = o->next)
		if (known_has(o->seen.known, hash))
			return true;
	return false;
}

/* Whom it writes to, and from where: strangers, new networks. Returns bits of
 * the counts that it raised. */
static uint64_t
meet(struct ledger *l, const struct fact *f, const struct moment *m,
    struct subject *s, uint64_t hash)
{
	struct subject_seen *seen = subjects_seen(s);
	bool is_new = known_meet(&seen->known, hash, f->at);
	bool is_stranger = is_new && !is_known_elsewhere(s, hash);
	bool is_foreign =
	    places_is_abroad(s, &f->client, f->accepted_at - l->known_after);

	if (is_new)
		s->listed |= LISTED_SKETCHES;
	if (is_stranger)
		add(l, s, m, COUNT_STRANGERS, 1);
	if (is_foreign)
		add(l, s, m, COUNT_FOREIGN, 1);
	if (is_stranger && is_foreign)
		add(l, s, m, COUNT_FOREIGN_STRANGERS, 1);
	return (uint64_t)is_stranger << COUNT_STRANGERS |
	       (uint64_t)is_foreign << COUNT_FOREIGN |
	       (uint64_t)(is_stranger && is_foreign) << COUNT_FOREIGN_STRANGERS;
}

/* The hash of whom it writes to. */
static uint64_t
expect_recipient(const struct ledger *l, const struct fact *f,
    const struct ledger_touched *t, unsigned kinds)
{
	uint64_t hash = sketch_hash(l->hash_key, f->recipient);

	for (size_t i = 0; i < t->n; i++)
		if ((kinds >> t->v[i]->kind & 1) && t->v[i]->seen)
			known_expect(t->v[i]->seen->known, hash);
	return hash;
}

static void
meet_recipient(struct ledger *l, const struct fact *f, const struct moment *m,
    struct ledger_touched *t, unsigned kinds, uint64_t hash)
{
	for (size_t i = 0; i < t->n; i++)
		if (kinds >> t->v[i]->kind & 1)
			t->met |= meet(l, f, m, t->v[i], hash);
}

static void
see_news(struct subject *s, enum networks_news news)
{
	_Static_assert((int)SUBJECT_NETWORK_NEWS == NETWORKS_NEWS, "as told");
	if (news == NETWORKS_SAME)
		return;
	s->seen->is_unsaved = true;
	s->listed |= LISTED_SKETCHES;
	if (news == NETWORKS_NEW)
		s->note = 0;
}

static void
see_client(const struct fact *f, const struct ledger_touched *t, unsigned kinds)
{
	for (size_t i = 0; i < t->n; i++) {
		struct subject *s = t->v[i];

		if (kinds >> s->kind & 1)
			see_news(s, networks_add(&subjects_seen(s)->networks,
					&f->client, f->at));
	}
}

static void
add_met(struct ledger *l, struct subject *s, const struct moment *m,
    struct ledger_touched *t, enum count c, uint32_t n)
{
	add(l, s, m, c, n);
	t->met |= 1ull << c;
	t->most = n > t->most ? n : t->most;
}

/* What an account sends by itself. */
static void
see_message(struct ledger *l, const struct fact *f, const struct moment *m,
    struct ledger_touched *t)
{
	if (t->n == 0 || t->v[0]->kind != SUBJECT_ACCOUNT || f->is_shared)
		return;
	struct subject *s = t->v[0];
	unsigned is = habits_see(l, s, f);
	uint32_t n = f->recipients ? f->recipients : 1;

	if (is & HABITS_IS_WIDE)
		add_met(l, s, m, t, COUNT_WIDE, n);
	if (is & HABITS_IS_DISGUISED)
		add_met(l, s, m, t, COUNT_DISGUISED, n);
	if (is & HABITS_IS_ALIKE)
		add_met(l, s, m, t, COUNT_ALIKE, 1);
}

/* Colleagues, from a new network. */
static void
meet_inside(struct ledger *l, const struct fact *f, const struct moment *m,
    struct ledger_touched *t, unsigned kinds)
{
	for (size_t i = 0; i < t->n; i++) {
		struct subject *s = t->v[i];

		if (!(kinds >> s->kind & 1))
			continue;
		subjects_seen(s);
		if (places_is_abroad(
			s, &f->client, f->accepted_at - l->known_after))
			add_met(l, s, m, t, COUNT_INSIDE_FOREIGN, 1);
	}
}

/* Who sends from where it never was. */
static void
see_place(struct ledger *l, const struct fact *f, const struct moment *m,
    struct ledger_touched *t)
{
	uint32_t n = f->recipients ? f->recipients : 1;

	if (places_is_sprayed(l, f, t))
		add_met(l, t->v[0], m, t, COUNT_SPRAYED, n);
}

static uint32_t
kib_of(uint64_t size_bytes)
{
	uint64_t kib = size_bytes / 1024 + (size_bytes % 1024 != 0);

	return kib > UINT32_MAX ? UINT32_MAX : (uint32_t)kib;
}

static int32_t
pending_of(const struct fact *f)
{
	return f->kind == FACT_PENDING ? f->n : -(int32_t)f->was_pending;
}

static void
find_touched(struct ledger *l, const struct fact *f, unsigned kinds,
    struct ledger_touched *t)
{
	if (f->kind == FACT_LOGIN_FAILED || f->kind == FACT_LOGIN ||
	    f->kind == FACT_ATTEMPT || f->kind == FACT_FOREIGN_SENDER ||
	    f->kind == FACT_RETURNED)
		ways_find_few(l, f, kinds, t);
	else if (f->account.n > 0 && kinds)
		ways_find(l, f, kinds, t);
}

/* To whom, from where and what it sends, and what of that is new. Kept out of
 * the way of facts that tell nothing of it. */
__attribute__((noinline)) static void
see(struct ledger *l, const struct fact *f, const struct moment *m,
    struct ledger_touched *t, const struct ledger_effect *e, uint64_t recipient)
{
	if (e->recipients)
		see_recipient(l, f, t, e->recipients);
	if (e->known)
		meet_recipient(l, f, m, t, e->known, recipient);
	if (e->networks && !ip_is_none(&f->client))
		see_client(f, t, e->networks);
	if (e->habits)
		see_message(l, f, m, t);
	if (e->inside && !ip_is_none(&f->client))
		meet_inside(l, f, m, t, e->inside);
	if (e->places && !ip_is_none(&f->client))
		see_place(l, f, m, t);
}

void
ledger_add(
    struct ledger *l, const struct fact *f, struct ledger_touched *touched)
{
	const struct ledger_effect *e = &l->effects[f->kind][f->is_outward];

	touched->n = 0;
	touched->met = 0;
	touched->most = 0;
	ledger_advance(l, f->at);
	if (!l->all)
		begin(l, f->at);
	struct moment m = moment_of(l, f, e->is_beginning);

	/* Only `all` would be touched, and was in this second. */
	if (!e->touched && l->all->last_seen == m.stamp)
		return;
	uint32_t n = f->n < 1 ? 1 : (uint32_t)f->n;
	int32_t pending = e->pending ? pending_of(f) : 0;
	uint32_t kib = e->kib ? kib_of(f->size_bytes) : 0;

	find_touched(l, f, e->touched, touched);
	uint64_t recipient =
	    e->known ? expect_recipient(l, f, touched, e->known) : 0;

	touch(l, l->all, &m);
	unsigned counted_for =
	    e->tried && places_is_tried_again(l, f, touched) ? 0 : e->counted;

	for (size_t i = 0; i < touched->n; i++) {
		struct subject *s = touched->v[i];

		touch(l, s, &m);
		if (counted_for >> s->kind & 1)
			add(l, s, &m, e->count, n);
		if (pending && (e->pending >> s->kind & 1))
			add_pending(s, &m, pending);
		if (kib && (e->kib >> s->kind & 1))
			add(l, s, &m, COUNT_KIB, kib);
	}
	if (e->seen)
		see(l, f, &m, touched, e, recipient);
}
