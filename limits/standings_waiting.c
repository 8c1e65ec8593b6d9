/* standings_waiting - those whom a brake made wait for an operator */
#include "base/time.h"
#include "limits/standings_parts.h"

bool
standings_is_braked(const struct kept *k)
{
	return !k->is_operator && strcmp(k->how, SANCTION_BRAKED) == 0;
}

/* The latest one about this rule, approve or release. */
static const struct kept *
find_decision(const struct standings *s, const char *rule)
{
	const struct standings_subject *all =
	    standings_find(s, SUBJECT_KINDS, STR(""));
	const struct kept *latest = NULL;

	for (int list = KEEP_APPROVE; all && list <= KEEP_RELEASE; list++) {
		const struct kept_list *l = &all->lists[list];

		for (size_t i = 0; i < l->n; i++) {
			if (strcmp(l->v[i]->rule, rule) == 0 &&
			    (!latest || standings_compare(latest, l->v[i]) < 0))
				latest = l->v[i];
		}
	}
	return latest;
}

static void
show(struct standings *s, const struct standings_subject *u,
    const struct kept *k, struct standings_waiting *out)
{
	const struct kept *d = find_decision(s, k->rule);

	*out = (struct standings_waiting){.kind = u->kind,
	    .key = u->key,
	    .rule = k->rule,
	    .class = k->class,
	    .reason = k->reason,
	    .since = k->at_us / TIME_US,
	    .until = k->until,
	    .json = k->json};
	if (!d || standings_compare(k, d) > 0)
		return;
	out->is_decided = true;
	out->is_approved = d->max;
	out->node = d->node;
	out->by = d->by;
	out->why = d->reason;
}

static bool
find(struct standings *s, const struct standings_subject *u, int64_t now,
    struct standings_waiting *out)
{
	const struct kept_list *l =
	    &u->lists[KEEP_SANCTION + (STANDING_HELD - STANDING_WATCHED)];
	struct standing_state state;

	if (l->n == 0)
		return false;
	standings_read(s, u, now, &state);
	for (size_t k = 0; state.is_braked && k < l->n; k++) {
		if (standings_is_braked(l->v[k]) &&
		    strcmp(l->v[k]->cause, state.cause) == 0) {
			show(s, u, l->v[k], out);
			return true;
		}
	}
	return false;
}

bool
standings_get_waiting(struct standings *s, enum subject_kind kind,
    struct str key, int64_t now, struct standings_waiting *out)
{
	const struct standings_subject *u = standings_find(s, kind, key);

	return u && find(s, u, now, out);
}

bool
standings_walk_waiting(struct standings *s, struct standings_walk *w,
    size_t max, int64_t now, standings_waiting_fn *each, void *ctx)
{
	const struct standings_subject *u;
	struct standings_waiting one;

	while ((u = standings_walk_next(s, w, &max))) {
		if (find(s, u, now, &one))
			each(ctx, &one);
	}
	return w->left > 0;
}

void
standings_each_waiting(
    struct standings *s, int64_t now, standings_waiting_fn *each, void *ctx)
{
	struct standings_walk w;

	standings_walk_begin(s, &w);
	standings_walk_waiting(s, &w, SIZE_MAX, now, each, ctx);
}
