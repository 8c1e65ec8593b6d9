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
sum(struct ledger *l, struct subject *u, enum count c)
{
	return subject_sum(l, u, c, COMPLAINED_WINDOW);
}

/* false: too few. */
static bool
measure(const struct limits_settings *s, struct ledger *l, struct subject *u,
    struct reason *r, double *share)
{
	uint64_t all = sum(l, u, COUNT_COMPLAINTS);
	uint64_t back = sum(l, u, COUNT_NOT_SPAM);
	uint64_t traps =
	    sum(l, u, COUNT_TRAPS) * (uint64_t)(s->trap_weight - 1);

	r->value = all > back ? all - back : 0;
	/* The host's own users complain, too. */
	r->bound =
	    sum(l, u, COUNT_DELIVERED) + sum(l, u, COUNT_INSIDE_DELIVERED);
	*share = complained_share(r->value + traps, r->bound);
	return r->value >= (uint64_t)s->complaint_floor &&
	       *share >= (double)s->complaint_watch;
}

bool
complained_is_over(
    const struct limits_settings *s, struct ledger *l, struct subject *u)
{
	struct reason r;
	double share;

	return !u || !measure(s, l, u, &r, &share);
}

uint64_t
complained_room(const struct judge_input *in, int slot)
{
	uint64_t floor = (uint64_t)rules_settings(in->rules)->complaint_floor;
	uint64_t n = subject_watched(in->ledger, in->subject, slot);

	return n < floor ? floor - n : 0;
}

/* Behind it are others: of them it is only warned. */
static bool
is_others(const struct judge_input *in)
{
	return in->is_shared || classes_prefix(subject_key(in->subject)).n > 0;
}

bool
complained_signal(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r, double *share)
{
	const struct limits_settings *set = rules_settings(in->rules);
	uint64_t n = subject_watched(in->ledger, in->subject, s->slot);
	uint64_t floor = (uint64_t)s->spec.floor;

	r->window = COMPLAINED_WINDOW;
	r->is_share = true;
	r->room = n < floor ? floor - n : 0;
	r->until = n < floor ? r->until : 0;
	return n >= floor && !is_others(in) &&
	       measure(set, in->ledger, in->subject, r, share) &&
	       *share >= (double)s->spec.share &&
	       subject_sum(in->ledger, in->subject, COUNT_COMPLAINTS,
		   s->spec.window) > 0;
}

bool
complained_judge(const struct judge_input *in, int slot, struct reason *out)
{
	const struct limits_settings *s = rules_settings(in->rules);
	struct reason r = {.rule = COMPLAINED_RULE,
	    .count = COUNT_COMPLAINTS,
	    .window = COMPLAINED_WINDOW,
	    .is_share = true};
	double share;

	if (complained_room(in, slot) > 0 ||
	    !measure(s, in->ledger, in->subject, &r, &share))
		return false;
	r.is_warning =
	    share < (double)s->complaint_share || is_others(in) ||
	    subject_sum(in->ledger, in->subject, COUNT_COMPLAINTS, FRESH) == 0;
	if (!r.is_warning)
		r.points = (int)s->score_throttle;
	*out = r;
	return true;
}
