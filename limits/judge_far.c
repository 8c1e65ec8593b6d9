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
	uint64_t recipients, messages;
};

static struct near
near_of(const struct judge_input *in)
{
	struct near near = {.in = in,
	    .recipients = judge_extra(in, COUNT_RECIPIENTS),
	    .messages = judge_extra(in, COUNT_MESSAGES)};

	subject_at_most_all(in->ledger, in->subject, &near.at_most);
	return near;
}

/* The exact sum is only asked for when it decides. */
__attribute__((noinline)) static uint64_t
exact_headroom(
    const struct judge_input *in, const struct rules_guard *g, uint64_t more)
{
	if (g->younger_than > 0 && !judge_is_younger(in, g->younger_than))
		return UINT64_MAX;
	more += subject_watched(in->ledger, in->subject, g->slot);
	return more < g->below ? g->below - more : 0;
}

/* What a guard compares, by what is at hand; UINT64_MAX: that doesn't tell. */
static inline uint64_t
sum_at_hand(const struct subject_sums *at_most, const struct rules_guard *g)
{
	if ((size_t)(unsigned)g->slot >= at_most->n)
		return UINT64_MAX;
	return at_most->whole[g->slot] + at_most->now[g->count];
}

/* How much more this guard asks for; 0: it may speak. */
static inline uint64_t
headroom(const struct near *near, const struct rules_guard *g)
{
	uint64_t sum = sum_at_hand(&near->at_most, g), more = 0;

	if (g->count == COUNT_RECIPIENTS)
		more = near->recipients;
	else if (g->count == COUNT_MESSAGES)
		more = near->messages;
	if (sum < g->below && more < g->below - sum)
		return g->below - sum - more;
	return exact_headroom(near->in, g, more);
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

	if (*guard < plan->n_guards &&
	    headroom(&near, &plan->guards[*guard]) == 0)
		return true;
	for (size_t i = 0; i < plan->n_guards; i++) {
		if (headroom(&near, &plan->guards[i]) == 0) {
			*guard = i;
			return true;
		}
	}
	return false;
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

		judge_rest_take(&r, g->count, headroom(&near, g));
	}
	return r;
}
