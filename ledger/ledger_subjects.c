/* ledger_subjects - the subjects: found, made, kept in order of silence,
 * dropped
 */
#include "ledger/ledger_state.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

const char *
subject_kind_text(enum subject_kind k)
{
	static const char *const names[] = {
#define SUBJECT(name, letter, text, help) text,
#include "ledger/subjects.def"
#undef SUBJECT
	};

	assert((unsigned)k < SUBJECT_KINDS);
	return names[k];
}

bool
subject_kind_parse(struct str s, enum subject_kind *k)
{
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		if (str_is(s, str_from(subject_kind_text(i)))) {
			*k = (enum subject_kind)i;
			return true;
		}
	}
	return false;
}

static const char letters[] = {
#define SUBJECT(name, letter, text, help) letter,
#include "ledger/subjects.def"
#undef SUBJECT
};

char
subject_kind_letter(enum subject_kind k)
{
	return letters[k];
}

bool
subject_kind_from_letter(char letter, enum subject_kind *k)
{
	const char *at = memchr(letters, letter, sizeof(letters));

	if (at)
		*k = (enum subject_kind)(at - letters);
	return at != NULL;
}

/* Of clients, and of names that somebody claims, anybody can make many. */
static int
queue_of(enum subject_kind kind)
{
	return kind == SUBJECT_CLIENT || kind == SUBJECT_NETWORK ||
		       kind == SUBJECT_CLAIMED
		   ? QUEUE_STRANGERS
		   : QUEUE_OWN;
}

struct subject_queue *
subjects_queue(struct ledger *l, enum subject_kind kind)
{
	return &l->queues[queue_of(kind)];
}

static void
unlink_subject(struct ledger *l, struct subject *s)
{
	struct subject_queue *q = &l->queues[queue_of(s->kind)];

	if (q->hand == s)
		q->hand = s->newer;
	if (q->lay == s)
		q->lay = s->newer;
	*(s->newer ? &s->newer->older : &q->newest) = s->older;
	*(s->older ? &s->older->newer : &q->oldest) = s->newer;
	s->newer = s->older = NULL;
	q->n--;
}

static void
link_front(struct ledger *l, struct subject *s)
{
	struct subject_queue *q = &l->queues[queue_of(s->kind)];

	s->newer = NULL;
	s->older = q->newest;
	*(q->newest ? &q->newest->newer : &q->oldest) = s;
	q->newest = s;
	if (!q->hand)
		q->hand = s;
	if (!q->lay)
		q->lay = s;
	q->n++;
}

void
subjects_link_back(struct ledger *l, struct subject *s)
{
	struct subject_queue *q = &l->queues[queue_of(s->kind)];

	s->older = NULL;
	s->newer = q->oldest;
	*(q->oldest ? &q->oldest->older : &q->newest) = s;
	q->oldest = s;
	if (!q->hand)
		q->hand = s;
	q->n++;
	q->n_asleep--;
}

void
subjects_leave_queue(struct ledger *l, struct subject *s)
{
	unlink_subject(l, s);
	l->queues[queue_of(s->kind)].n_asleep++;
}

void
subjects_to_front(struct ledger *l, struct subject *s)
{
	if (s->newer) {
		unlink_subject(l, s);
		link_front(l, s);
	}
}

void
subjects_enlist(struct ledger *l, struct subject *s, unsigned lists)
{
	for (unsigned i = 0; s != l->visited && i < LISTS; i++) {
		struct subject_list *list = &l->lists[i];

		if (!(lists & 1u << i) || s->at[i])
			continue;
		if (list->n == list->cap) {
			list->cap = list->cap ? 2 * list->cap : 64;
			list->v =
			    xrealloc(list->v, list->cap, sizeof(*list->v));
		}
		list->v[list->n++] = s;
		s->at[i] = (uint32_t)list->n;
		s->listed |= (uint8_t)(1u << i);
	}
}

void
subjects_unlist(struct ledger *l, struct subject *s, enum ledger_list list)
{
	struct subject_list *in = &l->lists[list];

	if (!s->at[list])
		return;
	struct subject *last = in->v[--in->n];

	in->v[s->at[list] - 1] = last;
	last->at[list] = s->at[list];
	s->at[list] = 0;
	s->listed &= (uint8_t) ~(1u << list);
}

enum { TRIED_FOR = 86400 };

void
subject_seen_done(struct subject_seen *seen)
{
	sketch_done(&seen->recipients);
	networks_done(&seen->networks);
	known_free(&seen->known);
	known_free(&seen->tried);
	free(seen->habits);
	seen->habits = NULL;
}

void
subjects_fold_seen(struct subject *s, int64_t now)
{
	if (!s->seen)
		return;
	sketch_fold(&s->seen->recipients, now);
	networks_fold(&s->seen->networks, now);
	known_fold(&s->seen->known, now);
	/* Mail programs try again for a while. */
	if (ledger_unstamp(s->last_seen) + TRIED_FOR < now)
		known_free(&s->seen->tried);
	if (!sketch_is_empty(&s->seen->recipients) || s->seen->networks.n > 0 ||
	    s->seen->known || s->seen->habits || s->seen->tried)
		return;
	subject_seen_done(s->seen);
	free(s->seen);
	s->seen = NULL;
}

void
subject_other_free(struct subject_other *other)
{
	record_done(&other->record);
	subject_seen_done(&other->seen);
	free(other);
}

void
subjects_free(struct subject *s)
{
	while (s->others) {
		struct subject_other *next = s->others->next;

		subject_other_free(s->others);
		s->others = next;
	}
	if (s->seen)
		subject_seen_done(s->seen);
	free(s->seen);
	free(s->kept);
	free(s->hot);
	record_done(&s->record);
	free(s);
}

/* The books must learn that it is gone, and who else asks. */
static void
mourn(struct ledger *l, enum subject_kind kind, struct str key)
{
	if (l->on_drop)
		l->on_drop(l->drop_ctx, kind, key);
	if (!(l->listing & 1u << LIST_SAVE))
		return;
	struct subject_gone *g = xalloc(1, sizeof(*g) + key.n);

	g->kind = (uint8_t)kind;
	g->is_saved = l->is_loading;
	g->key_n = (uint16_t)key.n;
	memcpy(g->key, key.p, key.n);
	if (l->n_gone == l->cap_gone) {
		l->cap_gone = l->cap_gone ? 2 * l->cap_gone : 64;
		l->gone = xrealloc(
		    l->gone, l->cap_gone, sizeof(struct subject_gone *));
	}
	l->gone[l->n_gone++] = g;
}

void
subjects_forget_gone(struct ledger *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_gone; i++) {
		if (l->gone[i]->is_saved && l->gone[i]->is_folded)
			free(l->gone[i]);
		else
			l->gone[n++] = l->gone[i];
	}
	l->n_gone = n;
}

void
subjects_drop(struct ledger *l, struct subject *s)
{
	mourn(l, (enum subject_kind)s->kind, str_make(s->key, s->key_n));
	for (int i = 0; i < LISTS; i++)
		subjects_unlist(l, s, (enum ledger_list)i);
	unlink_subject(l, s);
	map_remove(&l->maps[s->kind], str_make(s->key, s->key_n));
	l->n_subjects--;
	l->generation++;
	l->removals++;
	if (l->all == s)
		l->all = NULL;
	subject_void_sums(l, s);
	subjects_free(s);
}

void
ledger_on_drop(struct ledger *l, ledger_drop_fn *fn, void *ctx)
{
	l->on_drop = fn;
	l->drop_ctx = ctx;
}

void
subjects_gone(struct ledger *l, enum subject_kind kind, struct str key)
{
	mourn(l, kind, key);
	l->queues[queue_of(kind)].n_asleep--;
	l->n_subjects--;
	l->removals++;
}

bool
ledger_forget(struct ledger *l, enum subject_kind kind, struct str key)
{
	struct subject *s = subjects_find(l, kind, key);

	if (s)
		subjects_drop(l, s);
	return s != NULL;
}

void
subjects_make_room(struct ledger *l)
{
	struct subject_queue *strangers = &l->queues[QUEUE_STRANGERS];
	struct subject_queue *own = &l->queues[QUEUE_OWN];
	size_t n_strangers = strangers->n + strangers->n_asleep;

	if (l->n_subjects < l->max_subjects)
		return;
	if (l->is_unsorted)
		subjects_sort(l);
	if (own->oldest == l->all && l->all)
		subjects_to_front(l, l->all);
	struct subject_queue *from =
	    n_strangers > l->max_subjects / 2 ? strangers : own;

	if (!sleepers_push_out(l, from))
		subjects_drop(l, from->oldest);
}

struct subject *
subjects_find(struct ledger *l, enum subject_kind kind, struct str key)
{
	key = str_head(key, SUBJECT_KEY);
	return ledger_find_hashed(l, kind, key, map_hash(key));
}

struct subject *
subjects_get(struct ledger *l, enum subject_kind kind, struct str key)
{
	key = str_head(key, SUBJECT_KEY);
	uint64_t hash = map_hash(key);
	struct subject *s = ledger_find_hashed(l, kind, key, hash);

	if (s)
		return s;
	subjects_make_room(l);
	s = xalloc(1, sizeof(*s) + key.n);
	s->kind = (uint8_t)kind;
	s->key_n = (uint16_t)key.n;
	if (key.n > 0)
		memcpy(s->key, key.p, key.n);
	s->last_seen = l->now ? ledger_stamp(l->now) : 0;
	map_put_hashed(&l->maps[kind], str_make(s->key, s->key_n), hash, s);
	link_front(l, s);
	l->n_subjects++;
	return s;
}

static int
compare_silence(const void *a, const void *b)
{
	uint32_t x = (*(struct subject *const *)a)->last_seen;
	uint32_t y = (*(struct subject *const *)b)->last_seen;

	return x < y ? -1 : x > y;
}

static void
sort_queue(struct ledger *l, struct subject_queue *q)
{
	size_t n = 0, n_all = q->n;
	struct subject **v = xalloc(n_all + 1, sizeof(struct subject *));

	for (struct subject *s = q->oldest; s; s = s->newer)
		v[n++] = s;
	qsort(v, n, sizeof(*v), compare_silence);
	*q = (struct subject_queue){.n_asleep = q->n_asleep};
	for (size_t i = 0; i < n; i++)
		link_front(l, v[i]);
	free(v);
}

void
ledger_loaded(struct ledger *l)
{
	dorm_settle(&l->dorm);
	if (l->is_unsorted)
		subjects_sort(l);
}

void
subjects_sort(struct ledger *l)
{
	l->is_unsorted = false;
	for (int i = 0; i < QUEUES; i++)
		sort_queue(l, &l->queues[i]);
}
