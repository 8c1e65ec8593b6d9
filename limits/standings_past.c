/* standings_past - what former suspensions leave behind: repetition, probation
 *
 * A suspension ends by itself or by the first lift after it. A lift that calls
 * the account innocent overturns what it ends; on probation, what led there.
 */
#include "base/time.h"
#include "limits/standings_parts.h"

enum { INCIDENTS = 16 };

struct incidents {
	int64_t marks[INCIDENTS];
	size_t n;
};

/* Two rules, or two nodes, that judged the same facts: one incident. */
static bool
is_another(struct incidents *seen, int64_t mark)
{
	for (size_t i = 0; i < seen->n; i++) {
		if (seen->marks[i] == mark)
			return false;
	}
	if (seen->n < INCIDENTS)
		seen->marks[seen->n++] = mark;
	return true;
}

static const struct kept_list *
lifts_of(const struct standings_view *v)
{
	return &v->u->lists[KEEP_LIFTS];
}

static const struct kept *
first_lift_after(const struct standings_view *v, const struct kept *k)
{
	const struct kept *first = NULL;

	for (size_t i = 0; i < lifts_of(v)->n; i++) {
		const struct kept *l = lifts_of(v)->v[i];

		if (standings_compare(k, l) < 0 &&
		    (!first || standings_compare(l, first) < 0))
			first = l;
	}
	return first;
}

/* Judged by a node that had yet to hear of a lift: never in force. */
static bool
is_stillborn(const struct standings_view *v, const struct kept *k)
{
	for (size_t i = 0; i < lifts_of(v)->n; i++) {
		const struct kept *l = lifts_of(v)->v[i];

		if (standings_compare(l, k) < 0 && k->mark < l->mark)
			return true;
	}
	return false;
}

/* The operator decided otherwise while it was in force. */
static bool
is_replaced(const struct standings_view *v, const struct kept *k)
{
	const struct kept *o = standings_latest(v->u, KEEP_OPERATOR);

	return o && standings_compare(k, o) < 0 &&
	       o->at_us / TIME_US < k->until;
}

/* When it ended; TIME_NEVER: it hasn't, or counts for nothing. */
static int64_t
end_of(const struct standings_view *v, const struct kept *k)
{
	const struct kept *lift = first_lift_after(v, k);

	if (k->is_observed || standings_was_undone(v, k) ||
	    is_stillborn(v, k) || is_replaced(v, k))
		return TIME_NEVER;
	if (!lift || lift->at_us / TIME_US >= k->until)
		return k->until;
	return lift->is_innocent ? TIME_NEVER : lift->at_us / TIME_US;
}

/* A lift of the probation that followed this end. */
static const struct kept *
find_pardon(const struct standings_view *v, int64_t ended_at, int64_t probation)
{
	const struct kept *found = NULL;

	for (size_t i = 0; i < lifts_of(v)->n; i++) {
		const struct kept *l = lifts_of(v)->v[i];
		int64_t at = l->at_us / TIME_US;

		if (l->rung == STANDING_PROBATION && at >= ended_at &&
		    at - ended_at < probation && (!found || l->is_innocent))
			found = l;
	}
	return found;
}

static void
add(const struct standings_view *v, const struct kept *k, int64_t probation,
    struct incidents *seen, struct standings_past *out)
{
	int64_t end = end_of(v, k);
	const struct kept *pardon;

	if (end > v->now)
		return;
	pardon = find_pardon(v, end, probation);
	if (pardon && pardon->is_innocent)
		return;
	if (end > v->now - STANDINGS_REMEMBERED && is_another(seen, k->mark))
		out->repeats++;
	if (!pardon && end > out->ended_at)
		out->ended_at = end;
}

void
standings_read_past(const struct standings_view *v, int64_t probation_for,
    struct standings_past *out)
{
	const struct kept_list *l =
	    &v->u->lists[KEEP_SANCTION + STANDING_SUSPENDED - STANDING_WATCHED];
	const struct kept *o = standings_latest(v->u, KEEP_OPERATOR);
	struct incidents seen = {.n = 0};

	*out = (struct standings_past){0};
	for (size_t i = 0; i < l->n; i++)
		add(v, l->v[i], probation_for, &seen, out);
	if (o && o->rung == STANDING_SUSPENDED)
		add(v, o, probation_for, &seen, out);
}
