/* standings_undo - what a rule did, and that it was taken back
 *
 * An order to undo is one event for all subjects: it ends the sanctions of its
 * rule that were made since its mark and before itself, in whatever order the
 * events arrive.
 */
#include "base/crypto.h"
#include "base/time.h"
#include "limits/standings_parts.h"

static bool
is_meant(const struct kept *undo, const struct kept *k)
{
	return !k->is_operator && k->at_us / TIME_US >= undo->mark &&
	       standings_compare(k, undo) < 0 &&
	       (!*undo->rule || strcmp(k->rule, undo->rule) == 0) &&
	       (!*undo->config || strcmp(k->config, undo->config) == 0);
}

const struct kept *
standings_find_undo(const struct standings_view *v, const struct kept *k)
{
	const struct kept *last = NULL;

	for (size_t i = 0; v->undos && i < v->undos->n; i++) {
		const struct kept *undo = v->undos->v[i];

		if (is_meant(undo, k) &&
		    (!last || standings_compare(last, undo) < 0))
			last = undo;
	}
	return last;
}

static bool
is_remembered(const struct standings_view *v, const struct kept *k)
{
	const struct kept_list *l = &v->u->lists[KEEP_UNDONE];
	char cause[STANDINGS_CAUSE];

	if (l->n == 0)
		return false;
	standings_undone_cause(k->cause, cause);
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i]->cause, cause) == 0)
			return true;
	}
	return false;
}

/* Orders are kept in a small number; suspensions that they took back may last
 * longer than that, so each is remembered with its subject. */
bool
standings_was_undone(const struct standings_view *v, const struct kept *k)
{
	return !k->is_operator &&
	       (standings_find_undo(v, k) || is_remembered(v, k));
}

static void
tell_undone(const struct standings_view *v, const struct kept_list *l,
    standings_ended_fn *each, void *ctx)
{
	for (size_t i = 0; i < l->n; i++) {
		if (standings_find_undo(v, l->v[i]) &&
		    !is_remembered(v, l->v[i]))
			standings_tell(v, l->v[i], each, ctx);
	}
}

enum { LOOK = 3 }; /* effort, beside the step to it */

bool
standings_walk_undone(struct standings *s, struct standings_walk *w, size_t max,
    int64_t now, standings_ended_fn *each, void *ctx)
{
	const int first = KEEP_SANCTION + STANDING_HELD - STANDING_WATCHED;
	const struct standings_subject *u;

	while ((u = standings_walk_next(s, w, &max))) {
		struct standings_view v;

		max -= max > LOOK ? LOOK : max;
		standings_look(s, u, now, &v);
		for (int list = first; list < KEEP_END; list++)
			tell_undone(&v, &u->lists[list], each, ctx);
	}
	return w->left > 0;
}

static void
tell_of_rule(const struct standings_view *v, struct str rule, int64_t since,
    standings_ended_fn *each, void *ctx)
{
	for (int list = KEEP_SANCTION; list < KEEP_END; list++) {
		const struct kept_list *l = &v->u->lists[list];

		for (size_t k = 0; k < l->n; k++) {
			const struct kept *it = l->v[k];

			if (it->at_us / TIME_US >= since &&
			    (rule.n == 0 || str_is(rule, str_from(it->rule))) &&
			    !standings_was_undone(v, it))
				standings_tell(v, it, each, ctx);
		}
	}
}

bool
standings_walk_rule(struct standings *s, struct standings_walk *w, size_t max,
    struct str rule, int64_t since, int64_t now, standings_ended_fn *each,
    void *ctx)
{
	const struct standings_subject *u;

	while ((u = standings_walk_next(s, w, &max))) {
		struct standings_view v;

		max -= max > LOOK ? LOOK : max;
		standings_look(s, u, now, &v);
		tell_of_rule(&v, rule, since, each, ctx);
	}
	return w->left > 0;
}

void
standings_each_of_rule(struct standings *s, struct str rule, int64_t since,
    int64_t now, standings_ended_fn *each, void *ctx)
{
	struct standings_walk w;

	standings_walk_begin(s, &w);
	standings_walk_rule(s, &w, SIZE_MAX, rule, since, now, each, ctx);
}

bool
standings_is_undone(struct standings *s, const struct event *e)
{
	enum subject_kind kind;
	struct standings_view v;
	const struct standings_subject *u;

	if (e->type != EVENT_SANCTION || e->is_operator ||
	    !subject_kind_parse(str_from(e->kind), &kind) ||
	    !(u = standings_find(s, kind, str_from(e->subject))))
		return false;
	standings_look(s, u, e->at_us / TIME_US, &v);
	for (int list = KEEP_SANCTION; list < KEEP_END; list++) {
		for (size_t k = 0; k < u->lists[list].n; k++) {
			const struct kept *it = u->lists[list].v[k];

			if (strcmp(it->cause, e->cause) == 0)
				return standings_was_undone(&v, it);
		}
	}
	return false;
}
