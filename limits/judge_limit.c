/* judge_limit - what a limit says of a subject */
#include "limits/judge_parts.h"

static uint64_t
counted(const struct judge_input *in, const struct limit *l)
{
	if (l->count == LIMIT_DISTINCT_RECIPIENTS)
		return subject_distinct_recipients(
		    in->subject, l->window, in->now);
	if (l->count == LIMIT_DISTINCT_NETWORKS)
		return subject_distinct_networks(
		    in->subject, l->window, in->now);
	return subject_watched(in->ledger, in->subject, l->slot);
}

static const struct limits_override *
find_override(const struct judge_input *in, const struct limit *l)
{
	for (size_t i = 0; i < in->n_overrides; i++) {
		const struct limits_override *o = &in->overrides[i];

		if (in->now < o->until && strcmp(o->limit, l->name) == 0)
			return o;
	}
	return NULL;
}

bool
judge_look_at(const struct judge_input *in, const struct limit *l,
    struct limit_state *out)
{
	if (l->younger_than > 0 && !judge_is_younger(in, l->younger_than))
		return false;
	out->limit = l;
	out->override = find_override(in, l);
	out->is_probation = false;
	out->max = l->max;
	if (out->override) {
		out->max = out->override->max;
	} else if (in->standing == STANDING_PROBATION) {
		int64_t share = rules_settings(in->rules)->probation_share;

		out->max = (l->max * (uint64_t)share + 99) / 100;
		out->is_probation = true;
	}
	out->value = counted(in, l) + judge_extra(in, l->count);
	return true;
}

int64_t
judge_retry_after(const struct judge_input *in, const struct limit_state *state)
{
	enum { STEPS = 60 };
	uint64_t series[STEPS], over = state->value - state->max, gone = 0;
	int64_t step = (state->limit->window + STEPS - 1) / STEPS;

	if (state->limit->slot < 0)
		return state->limit->window;
	subject_series(in->ledger, in->subject, (enum count)state->limit->count,
	    step, series, STEPS);
	for (int i = 0; i < STEPS; i++) {
		gone += series[i];
		if (gone >= over)
			return (i + 1) * step;
	}
	return state->limit->window;
}

uint64_t
judge_room_below(const struct limit_state *state, bool is_warning)
{
	uint64_t warn = (state->max * state->limit->warn + 99) / 100;

	if (is_warning && state->limit->window % 60 != 0)
		return 0; /* a warning's time is over within a minute */
	if (is_warning || warn == 0 || warn > state->max)
		warn = state->max + 1;
	return warn > state->value ? warn - state->value : 0;
}

void
judge_each_limit(const struct judge_input *in, judge_limit_fn *each, void *ctx)
{
	const struct rules_plan *plan =
	    rules_plan(in->rules, subject_kind(in->subject), in->class_index);

	for (size_t i = 0; i < plan->n_limits; i++) {
		struct limit_state state;

		if (judge_look_at(in, plan->limits[i], &state))
			each(ctx, &state);
	}
}
