/* walk - many subjects count as changed again, in slices */
#include "ledger/walk.h"

#include "ledger/ledger_state.h"

static void
begin(struct ledger *l, struct ledger_walk *w, bool is_second)
{
	*w = (struct ledger_walk){.removals = l->removals,
	    .is_second = is_second,
	    .begun = w->begun + 1};
	for (int i = 0; i < SUBJECT_KINDS; i++)
		w->caps[i] = l->maps[i].cap;
}

void
walk_begin(struct ledger *l, struct ledger_walk *w)
{
	w->begun = 0;
	begin(l, w, false);
}

static bool
has_moved(const struct ledger *l, const struct ledger_walk *w)
{
	for (int i = 0; i < SUBJECT_KINDS; i++) {
		if (w->caps[i] != l->maps[i].cap)
			return true;
	}
	return false;
}

/* They only grow. */
static uint64_t
sum_caps(const struct ledger_walk *w)
{
	uint64_t sum = 0;

	for (int i = 0; i < SUBJECT_KINDS; i++)
		sum += w->caps[i];
	return sum;
}

void
walk_print(const struct ledger_walk *w, struct text *out)
{
	text_u64(out, w->i);
	text_char(out, '.');
	text_u64(out, sum_caps(w));
	text_char(out, '.');
	text_u64(out, w->removals);
	text_add(out, w->is_second ? ".2" : ".1");
}

bool
walk_parse(struct ledger *l, struct str text, struct ledger_walk *w)
{
	struct str word;
	uint64_t i, caps, removals;

	walk_begin(l, w);
	if (!str_cut(&text, '.', &word) || !str_to_u64(word, &i) ||
	    !str_cut(&text, '.', &word) || !str_to_u64(word, &caps) ||
	    !str_cut(&text, '.', &word) || !str_to_u64(word, &removals))
		return false;
	w->is_second = str_is(text, STR("2"));
	if (caps != sum_caps(w))
		return true;
	w->i = i;
	w->removals = removals;
	return true;
}

static void
change(void *ctx, struct subject *s)
{
	struct ledger *l = ctx;

	if (s == l->visited) /* it sleeps */
		s = subjects_find(
		    l, (enum subject_kind)s->kind, str_make(s->key, s->key_n));
	subjects_enlist(l, s, 1u << LIST_POST);
	s->listed |= LISTED_SKETCHES;
}

bool
walk_each(struct ledger *l, struct ledger_walk *w, size_t max, walk_fn *each,
    void *ctx)
{
	struct subject *s;

	if (has_moved(l, w))
		begin(l, w, w->is_second);
	for (; max > 0 && (s = ledger_next(l, &w->i)); max--)
		each(ctx, s);
	if (max == 0)
		return false;
	/* Removing one moves others back, perhaps behind us. */
	if (w->removals != l->removals && !w->is_second) {
		begin(l, w, true);
		return false;
	}
	return true;
}

bool
walk_some(struct ledger *l, struct ledger_walk *w, size_t max)
{
	l->listing |= 1u << LIST_POST;
	return walk_each(l, w, max, change, l);
}

void
walk_recent(struct ledger *l, int64_t since, size_t max)
{
	uint32_t stamp = ledger_stamp(since);

	l->listing |= 1u << LIST_POST;
	for (int i = 0; i < QUEUES; i++) {
		struct subject *s = l->queues[i].newest;

		for (size_t n = max; s && n > 0 && s->last_seen >= stamp; n--) {
			subjects_enlist(l, s, 1u << LIST_POST);
			s = s->older;
		}
	}
}

void
walk_change(struct ledger *l, struct subject *s)
{
	l->listing |= 1u << LIST_POST;
	subjects_enlist(l, s, 1u << LIST_POST);
}

void
walk_next(struct ledger *l, struct subject *s)
{
	l->listing |= 1u << LIST_POST;
	subjects_unlist(l, s, LIST_POST);
	subjects_enlist(l, s, 1u << LIST_POST);
}
