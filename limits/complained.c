/* complained - more of an account's recipients complain than mail is worth */
#include "limits/complained.h"

#include <math.h>

#include "limits/classes.h"

enum { FRESH = 86400 };

double
complained_share(uint64_t complaints, uint64_t delivered)
{
	const double z = 1.645;
	/* Some are delivered before the books began, or by another name. */
	double n = (double)(delivered > complaints ? delivered : complaints);

	if (complaints == 0)
		return 0;
	double p = (double)complaints / n;
	double middle = p + z * z / (2 * n);
	double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	return 10000 * (middle - half) / (1 + z * z / n);
}

static uint64_t
sum(const struct judge_input *in, enum count c)
{
	return subject_sum(in->ledger, in->subject, c, COMPLAINED_WINDOW);
}

bool
complained_judge(const struct judge_input *in, int slot, struct reason *out)
{
	const struct limits_settings *s = rules_settings(in->rules);
	struct reason r = {.rule = COMPLAINED_RULE,
	    .count = COUNT_COMPLAINTS,
	    .window = COMPLAINED_WINDOW,
	    .is_share = true};
	uint64_t all = subject_watched(in->ledger, in->subject, slot);
	uint64_t least = (uint64_t)s->complaint_floor;

	if (all < least)
		return false;
	uint64_t back = sum(in, COUNT_NOT_SPAM);

	r.value = all > back ? all - back : 0;
	/* The host's own users complain, too. */
	r.bound = sum(in, COUNT_DELIVERED) + sum(in, COUNT_INSIDE_DELIVERED);
	uint64_t traps = sum(in, COUNT_TRAPS) * (uint64_t)(s->trap_weight - 1);
	double share = complained_share(r.value + traps, r.bound);

	if (r.value < least || share < (double)s->complaint_watch)
		return false;
	r.is_warning =
	    share < (double)s->complaint_share || in->is_shared ||
	    classes_prefix(subject_key(in->subject)).n > 0 ||
	    subject_sum(in->ledger, in->subject, COUNT_COMPLAINTS, FRESH) == 0;
	if (!r.is_warning)
		r.points = (int)s->score_throttle;
	*out = r;
	return true;
}
