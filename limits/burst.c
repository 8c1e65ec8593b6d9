/* burst - many more recipients in ten minutes than the account ever sends */
#include "limits/burst.h"

/* A class's usual is of ten minutes. */
static uint64_t
class_usual(const struct judge_input *in, int64_t window)
{
	const struct account_class *c =
	    rules_class_at(in->rules, in->class_index);
	uint64_t usual = c->usual * (uint64_t)window / 600;

	return usual ? usual : 1;
}

static uint64_t
allowed_by_operator(const struct judge_input *in)
{
	uint64_t most = 0;

	for (size_t i = 0; i < in->n_overrides; i++) {
		const struct limits_override *o = &in->overrides[i];
		const struct limit *l =
		    rules_find_limit(in->rules, str_from(o->limit));

		if (l && l->count == COUNT_RECIPIENTS && l->window <= 3600 &&
		    in->now < o->until && o->max > l->max && o->max > most)
			most = o->max;
	}
	return most;
}

static void
find_usual(const struct judge_input *in, const struct rules_signal *s,
    struct reason *out)
{
	size_t windows = 0;
	uint64_t allowed = allowed_by_operator(in);

	out->bound = usual_get(
	    s->usual, in->ledger, in->subject, s->spec.window, &windows);
	out->is_own = windows >= (size_t)s->spec.history;
	if (!out->is_own)
		out->bound = class_usual(in, s->spec.window);
	if (s->spec.from_ratio > 0)
		allowed /= (uint64_t)s->spec.from_ratio;
	if (out->bound < allowed) {
		out->bound = allowed;
		out->is_own = false;
	}
}

bool
burst_judge(const struct judge_input *in, const struct rules_signal *s,
    uint64_t extra, struct reason *out)
{
	const struct signal_spec *spec = &s->spec;
	struct reason r = {
	    .rule = s->name, .count = COUNT_RECIPIENTS, .window = spec->window};

	r.value = subject_watched(in->ledger, in->subject, s->slot) + extra;
	if (r.value < (uint64_t)spec->floor)
		return false;
	find_usual(in, s, &r);
	double base = (double)r.bound;

	if (base < (double)spec->floor / 2)
		base = (double)spec->floor / 2;
	double ratio = (double)r.value / base;
	double points = ratio * (double)spec->points;

	if (ratio < (double)spec->from_ratio)
		return false;
	if (points > (double)spec->points_max)
		points = (double)spec->points_max;
	r.points = (int)points;
	*out = r;
	return r.points > 0;
}
