/* standings_read - from the kept events to the standing at a time */
#include "base/time.h"
#include "limits/standings_parts.h"

void
standings_look(struct standings *s, const struct standings_subject *u,
    int64_t now, struct standings_view *v)
{
	const struct standings_subject *all =
	    standings_find(s, SUBJECT_KINDS, STR(""));

	*v = (struct standings_view){
	    .u = u,
	    .lift = standings_latest(u, KEEP_LIFT),
	    .operator= standings_latest(u, KEEP_OPERATOR),
	    .mark = standings_latest(u, KEEP_MARK),
	    .exempt = standings_latest(u, KEEP_EXEMPT),
	    .enforce = all ? standings_latest(all, KEEP_ENFORCE) : NULL,
	    .undos = all ? &all->lists[KEEP_UNDO] : NULL,
	    .is_enforcing = standings_is_enforcing(s),
	    .now = now,
	};
	if (v->exempt &&
	    (v->exempt->type != EVENT_EXEMPT || v->exempt->until <= now))
		v->exempt = NULL;
	if (v->operator&& v->lift &&
	    standings_compare(v->operator, v->lift) < 0)
		v->operator= NULL;
}

/* A new maximum from the operator ends what the limit imposed before, short of
 * a suspension. NULL: there is none. */
static const struct kept *
find_override(const struct standings_view *v, const struct kept *k)
{
	const struct kept_list *l = &v->u->lists[KEEP_LIMIT];

	for (size_t i = 0; i < l->n && k->rung < STANDING_SUSPENDED; i++) {
		if (l->v[i]->type == EVENT_LIMIT &&
		    strcmp(l->v[i]->rule, k->rule) == 0 &&
		    standings_compare(k, l->v[i]) < 0)
			return l->v[i];
	}
	return NULL;
}

bool
standings_is_alive(const struct standings_view *v, const struct kept *k)
{
	if (find_override(v, k) || standings_was_undone(v, k))
		return false;
	if (v->mark && k->mark < v->mark->mark)
		return false;
	if (v->lift && standings_compare(k, v->lift) < 0)
		return false;
	if (v->operator&& standings_compare(k, v->operator) < 0)
		return false;
	if (!k->is_observed)
		return true;
	return !v->is_enforcing &&
	       (!v->enforce || standings_compare(k, v->enforce) > 0);
}

/* What the standing is read from, gathered over all automatic sanctions. */
struct gathered {
	const struct kept *worst;    /* in force and in effect */
	const struct kept *observed; /* the worst of all in force */
	int64_t last_end;	     /* of all that ended by themselves */
	int64_t undone_at;	     /* the latest undo of any; 0: none */
	int64_t passed;		     /* the end of the last hold that did */
	int64_t next;		     /* the first end that is to come */
};

/* The worse; of the same rung that which ends later, then the older. */
static const struct kept *
worse(const struct kept *a, const struct kept *b)
{
	if (!a || b->rung != a->rung)
		return !a || b->rung > a->rung ? b : a;
	if (b->until != a->until)
		return b->until > a->until ? b : a;
	return standings_compare(b, a) < 0 ? b : a;
}

static void
gather_next(struct gathered *g, const struct standings_view *v, int64_t end)
{
	if (end > v->now && end < g->next)
		g->next = end;
}

static void
gather_ended(struct gathered *g, const struct kept *k)
{
	if (k->until > g->last_end)
		g->last_end = k->until;
	if (k->rung == STANDING_HELD && !k->is_operator &&
	    !standings_is_braked(k) && k->until > g->passed)
		g->passed = k->until;
}

static void
gather_undone(
    struct gathered *g, const struct standings_view *v, const struct kept *k)
{
	const struct kept *undo = standings_find_undo(v, k);

	if (undo && undo->at_us / TIME_US > g->undone_at)
		g->undone_at = undo->at_us / TIME_US;
}

/* Ended by an operator's maximum: a later verdict is another one. */
static void
gather_overridden(
    struct gathered *g, const struct standings_view *v, const struct kept *k)
{
	const struct kept *o = find_override(v, k);

	if (o && o->at_us / TIME_US > g->last_end)
		g->last_end = o->at_us / TIME_US;
}

static void
gather(struct gathered *g, const struct standings_view *v)
{
	for (int list = KEEP_SANCTION; list < KEEP_END; list++) {
		const struct kept_list *l = &v->u->lists[list];

		for (size_t i = 0; i < l->n; i++) {
			const struct kept *k = l->v[i];

			gather_next(g, v, k->until);
			gather_overridden(g, v, k);
			gather_undone(g, v, k);
			if (!standings_is_alive(v, k))
				continue;
			if (k->until <= v->now) {
				gather_ended(g, k);
				continue;
			}
			if (!k->is_observed)
				g->worst = worse(g->worst, k);
			g->observed = worse(g->observed, k);
		}
	}
	if (v->operator&& v->operator->until <= v->now)
		gather_ended(g, v->operator);
	if (v->operator)
		gather_next(g, v, v->operator->until);
	if (v->exempt)
		gather_next(g, v, v->exempt->until);
}

static void
show(struct standing_state *out, const struct kept *k)
{
	out->rung = k->rung;
	out->since = k->at_us / TIME_US;
	out->until = k->until;
	out->rule = k->rule;
	out->reason = k->reason;
	out->by = k->by;
	out->cause = k->cause;
	out->is_operator = k->is_operator;
	out->is_braked = standings_is_braked(k);
	out->json = k->json;
}

static void
show_observed(struct standing_state *out, const struct kept *k)
{
	out->observed = k->rung;
	out->observed_since = k->at_us / TIME_US;
	out->observed_until = k->until;
	out->observed_reason = k->reason;
	out->json = k->json;
}

static void
show_probation(struct standing_state *out, int64_t ended_at, int64_t probation)
{
	out->rung = STANDING_PROBATION;
	out->since = ended_at;
	out->until = ended_at + probation;
	out->reason = "back after a suspension";
	out->by = "outpost";
}

static void
show_exemption(struct standing_state *out, const struct kept *exempt)
{
	if (!exempt)
		return;
	out->exempt_until = exempt->until;
	out->exempt_reason = exempt->reason;
	out->exempt_by = exempt->by;
}

bool
standing_is_doubt(const struct standing_state *s)
{
	return s->rung == STANDING_HELD && !s->is_braked &&
	       s->until != TIME_NEVER && s->until - s->since <= 86400;
}

static const struct standing_state nothing = {
    .same_until = TIME_NEVER,
    .rule = "",
    .reason = "",
    .observed_reason = "",
    .by = "",
    .cause = "",
    .exempt_reason = "",
    .exempt_by = "",
};

void
standings_read(struct standings *s, const struct standings_subject *u,
    int64_t now, struct standing_state *out)
{
	struct standings_view v;
	struct gathered g = {.next = TIME_NEVER};
	struct standings_past past;
	int64_t probation = s->options.probation_for;

	*out = nothing;
	standings_look(s, u, now, &v);
	gather(&g, &v);
	standings_read_past(&v, probation, &past);
	out->last_us = u->last_us;
	out->mark = v.mark ? v.mark->mark : 0;
	if (g.undone_at > out->mark)
		out->mark = g.undone_at;
	out->epoch = g.last_end > out->mark ? g.last_end : out->mark;
	out->passed = g.passed;
	out->repeats = past.repeats;
	if (past.ended_at > 0)
		gather_next(&g, &v, past.ended_at + probation);
	out->same_until = g.next;
	show_exemption(out, v.exempt);
	if (v.operator&& v.operator->until> now)
		show(out, v.operator);
	else if (g.worst && !v.exempt)
		show(out, g.worst);
	else if (past.ended_at > 0 && now - past.ended_at < probation)
		show_probation(out, past.ended_at, probation);
	out->observed = out->rung;
	if (g.observed && !out->is_operator && !v.exempt &&
	    g.observed->rung > out->observed)
		show_observed(out, g.observed);
}

void
standings_get(struct standings *s, enum subject_kind kind, struct str key,
    int64_t now, struct standing_state *out)
{
	const struct standings_subject *u = standings_find(s, kind, key);

	if (u)
		standings_read(s, u, now, out);
	else
		*out = nothing;
}
