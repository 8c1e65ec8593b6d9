/* forwarded - spam that is passed on */
#include "limits/forwarded.h"

#include "base/time.h"
#include "limits/complained.h"

bool
forwarded_is(struct str account)
{
	return str_starts(account, STR("fwd:"));
}

static uint64_t
sum(const struct judge_input *in, enum count c)
{
	return subject_sum(in->ledger, in->subject, c, FORWARDED_WINDOW);
}

static uint64_t
more_until(uint64_t much, uint64_t n)
{
	return much > n ? much - n : 0;
}

bool
forwarded_judge(const struct judge_input *in, struct reason *out)
{
	const struct limits_settings *s = rules_settings(in->rules);
	uint64_t floor = (uint64_t)s->forward_floor;
	uint64_t share = (uint64_t)s->forward_share;

	*out = (struct reason){.rule = FORWARDED_RULE,
	    .count = REASON_FORWARDED_SPAM,
	    .window = FORWARDED_WINDOW,
	    .value = sum(in, COUNT_FILTERED) + sum(in, COUNT_REFUSED),
	    .is_share = true,
	    .is_warning = true,
	    .until = TIME_NEVER};
	out->room = more_until(floor, out->value);
	if (out->value < floor)
		return false;
	out->until = 0;
	out->bound = sum(in, COUNT_RECIPIENTS);
	/* The lower bound of a share is below it. */
	out->room = more_until(out->bound * share / 10000, out->value);
	return complained_share(out->value, out->bound) >= (double)share;
}
