/* judge_far - the cheap way to know that judge would find nothing */
#include "limits/judge_parts.h"

#include "base/time.h"

static uint64_t
above_zero(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

uint64_t
judge_extra(const struct judge_input *in, int count)
{
	if (count == COUNT_RECIPIENTS || count == LIMIT_DISTINCT_RECIPIENTS)
		return above_zero(subject_pending(in->subject)) +
		       above_zero(in->admitted) + above_zero(in->asked);
	if (count == COUNT_MESSAGES)
		return above_zero(in->admitted_messages) +
		       above_zero(in->asked_messages);
	return 0;
}

bool
judge_is_younger(const struct judge_input *in, int64_t than)
{
	int64_t first = subject_first_seen(in->subject);

	if (in->owner.born)
		return in->now - in->owner.born < than;
	return first - ledger_began(in->ledger) >= than &&
	       in->now - first < than;
}

bool
judge_is_steady(const struct rules_plan *plan, const struct judge_input *in)
{
	return !(plan->counts >> COUNT_KIB & 1) && !plan->has_sketches &&
	       !ledger_sums_regain(in->ledger);
}

/* What guards are held against: the sums at hand, which are no less than the
 * exact ones, and what counts on top of them. */
struct near {
	const struct judge_input *in;
	struct subject_sums at_most;
	uint64_t extra[EXTRAS];
};

static struct near
near_of(const struct judge_input *in)
{
	struct near near = {.in = in,
	    .extra = {[EXTRA_RECIPIENTS] = judge_extra(in, COUNT_RECIPIENTS),
		[EXTRA_MESSAGES] = judge_extra(in, COUNT_MESSAGES)}};

	subject_at_most_all(in->ledger, in->subject, &near.at_most);
	return near;
}

/* What a guard compares, by what is at hand; UINT64_MAX: that doesn't tell.
 * What is asked is bounded (policy), so nothing overflows. */
static inline uint64_t
at_hand(const struct near *near, const struct rules_guard *g)
{
	if (g->slot >= near->at_most.n)
		return UINT64_MAX;
	return near->at_most.whole[g->slot] + near->at_most.now[g->count] +
	       near->extra[g->extra];
}

/* How much more this guard asks for; 0: it may speak. The exact sum is only
 * asked for when it decides. */
__attribute__((noinline)) static uint64_t
exact_headroom(const struct near *near, const struct rules_guard *g)
{
	const struct judge_input *in = near->in;

	if (g->younger_than > 0 && !judge_is_younger(in, g->younger_than))
		return UINT64_MAX;
	uint64_t sum = subject_watched(in->ledger, in->subject, (int)g->slot) +
		       near->extra[g->extra];

	return sum < g->below ? g->below - sum : 0;
}

static inline uint64_t
headroom(const struct near *near, const struct rules_guard *g)
{
	uint64_t sum = at_hand(near, g);

	return sum < g->below ? g->below - sum : exact_headroom(near, g);
}

/* The first from g on that may speak, its headroom is 0; end: none. Nearly all
 * are asked this with every recipient, most often in vain. */
static const struct rules_guard *
first_to_speak(const struct near *all, const struct rules_guard *g,
    const struct rules_guard *end)
{
	const struct near near = *all; /* nobody else changes it */

	for (; g < end; g++) {
		if (at_hand(&near, g) >= g->below &&
		    exact_headroom(all, g) == 0)
			break;
	}
	return g;
}

/* Nothing anybody asks about can hold: the guards tell. */
bool
judge_is_far(const struct rules_plan *plan, const struct judge_input *in)
{
	size_t none = plan->n_guards;

	return !plan->has_sketches && !judge_is_near(plan, in, &none);
}

bool
judge_is_near(
    const struct rules_plan *plan, const struct judge_input *in, size_t *guard)
{
	const struct near near = near_of(in);
	const struct rules_guard *all = plan->guards, *g;

	if (*guard < plan->n_guards) {
		g = &all[*guard];
		if (first_to_speak(&near, g, g + 1) == g)
			return true;
	}
	g = first_to_speak(&near, all, all + plan->n_guards);
	if (g == all + plan->n_guards)
		return false;
	*guard = (size_t)(g - all);
	return true;
}

bool
judge_hears(const struct rules_plan *plan, const struct judge_input *in,
    uint64_t raised)
{
	if (plan->has_sketches)
		return (plan->counts & raised) != 0;
	const struct near near = near_of(in);

	for (size_t i = 0; i < plan->n_guards; i++) {
		const struct rules_guard *g = &plan->guards[i];

		if ((raised >> g->count & 1) && headroom(&near, g) == 0)
			return true;
	}
	return false;
}

void
judge_rest_take(struct judge_rest *r, int count, uint64_t room)
{
	if (room == 0)
		r->often = r->strangers = r->seldom = 0;
	else if (JUDGE_OFTEN >> count & 1)
		r->often = room < r->often ? room : r->often;
	else if (count == COUNT_STRANGERS)
		r->strangers = room < r->strangers ? room : r->strangers;
	else
		r->seldom = room < r->seldom ? room : r->seldom;
}

void
judge_rest_less(struct judge_rest *a, const struct judge_rest *b)
{
	a->often = b->often < a->often ? b->often : a->often;
	a->strangers =
	    b->strangers < a->strangers ? b->strangers : a->strangers;
	a->seldom = b->seldom < a->seldom ? b->seldom : a->seldom;
	a->until = b->until < a->until ? b->until : a->until;
}

struct judge_rest
judge_headroom(const struct rules_plan *plan, const struct judge_input *in)
{
	struct judge_rest r = JUDGE_REST_ANY;

	if (plan->has_sketches)
		r.often = r.strangers = r.seldom = 0;
	else if (!judge_is_steady(plan, in))
		r.often = r.strangers = r.seldom = 1;
	const struct near near = near_of(in);

	for (size_t i = 0; i < plan->n_guards && r.often > 0; i++) {
		const struct rules_guard *g = &plan->guards[i];

		judge_rest_take(&r, (int)g->count, headroom(&near, g));
	}
	return r;
}
