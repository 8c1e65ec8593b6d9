/* judge - what the counts say about an account: a score, its reasons, a rung
 *
 * Of several exceeded limits the dearest one's points count: they are one
 * piece of evidence. The reasons are by their points, but what decided the rung
 * comes first. The rung is the score's, at least the exceeded limits'
 * action, at most what the class allows; only what an account does is scored,
 * of a domain, client or network only limits are judged. Others write
 * complaints: no more than a throttle is theirs, and some points beside what
 * else there is.
 * What a forward passes on isn't its own: of its content it is only told.
 */
#include <limits.h>

#include "base/time.h"
#include "limits/classes.h"
#include "limits/complained.h"
#include "limits/forwarded.h"
#include "limits/judge_parts.h"
#include "limits/signal.h"

enum { YOUNG = 3 * 86400 };

struct tally {
	const struct judge_input *in;
	struct verdict *out;
	bool is_brief; /* nobody asks for the reasons */
	bool is_forward;
	uint64_t extra; /* recipients, see judge_extra */
	int limit_points, signal_points, complaint_points;
	int complained;	 /* of signal_points, those for complaints */
	int most_points; /* of the signals that speak */
	struct judge_rest rest;
	enum standing action; /* the worst of the exceeded limits' */
	const char *acting;   /* the first limit with it */
};

/* Dearest first; of equal ones the one that came first. */
static void
add_reason(struct tally *t, const struct reason *r)
{
	struct verdict *v = t->out;
	size_t i = v->n_reasons;

	if (t->is_brief && i == 0 && r->is_warning) {
		v->reasons[v->n_reasons++] = *r;
		return;
	}
	if (t->is_brief)
		return;
	if (i == VERDICT_REASONS) {
		if (v->reasons[--i].points >= r->points)
			return;
	} else {
		v->n_reasons++;
	}
	for (; i > 0 && v->reasons[i - 1].points < r->points; i--)
		v->reasons[i] = v->reasons[i - 1];
	v->reasons[i] = *r;
}

static void
leave_until(struct tally *t, int64_t until)
{
	if (until < t->rest.until)
		t->rest.until = until;
}

/* What is silent stays so, until so much more is counted, or that time. */
static void
leave_room(struct tally *t, int count, const struct reason *r)
{
	judge_rest_take(&t->rest, count, r->room);
	leave_until(t, r->until);
}

static void
judge_limit(struct tally *t, const struct limit *l)
{
	struct limit_state state;

	if (!judge_look_at(t->in, l, &state))
		return;
	struct reason r = {.rule = l->name,
	    .count = l->count,
	    .window = l->window,
	    .value = state.value,
	    .bound = state.max};

	if (state.value > state.max) {
		r.is_limit = true;
		r.points = l->points;
		if (l->points > t->limit_points)
			t->limit_points = l->points;
		if (l->action > t->action) {
			t->action = l->action;
			t->acting = l->name;
		}
		if (t->in->asked > 0 || t->in->asked_messages > 0) {
			int64_t after = judge_retry_after(t->in, &state);

			if (after > t->out->retry_after)
				t->out->retry_after = after;
		}
	} else if (l->warn && state.value * 100 >= state.max * l->warn) {
		r.is_warning = true;
	}
	if (!r.is_limit)
		judge_rest_take(
		    &t->rest, l->count, judge_room_below(&state, r.is_warning));
	if (r.is_limit || r.is_warning)
		add_reason(t, &r);
}

static enum standing
rung_of(const struct limits_settings *s, int score)
{
	if (score >= s->score_suspend)
		return STANDING_SUSPENDED;
	if (score >= s->score_hold)
		return STANDING_HELD;
	if (score >= s->score_throttle)
		return STANDING_THROTTLED;
	return score >= s->score_watch ? STANDING_WATCHED : STANDING_GOOD;
}

/* The worst that may be imposed without a person. */
static enum standing
at_most(const struct judge_input *in)
{
	enum standing most =
	    rules_class_at(in->rules, in->class_index)->at_most;

	if (subject_kind(in->subject) != SUBJECT_ACCOUNT &&
	    subject_kind(in->subject) != SUBJECT_CLAIMED)
		return STANDING_SUSPENDED;
	/* What is only claimed is no proof against whom it names. */
	if (most > STANDING_THROTTLED &&
	    (in->is_shared || subject_kind(in->subject) == SUBJECT_CLAIMED ||
		classes_prefix(subject_key(in->subject)).n > 0))
		return STANDING_THROTTLED;
	return most;
}

/* What decided comes before what was only dearer. */
static void
put_first(struct verdict *v, const char *rule)
{
	for (size_t i = 1; i < v->n_reasons; i++) {
		struct reason r = v->reasons[i];

		if (strcmp(r.rule, rule) != 0)
			continue;
		memmove(&v->reasons[1], &v->reasons[0], i * sizeof(r));
		v->reasons[0] = r;
		return;
	}
}

/* It was held for that, and nothing more came to light. */
static bool
is_passed(const struct judge_input *in, int64_t now)
{
	return in->passed > 0 &&
	       now - in->passed < rules_settings(in->rules)->hold_again_after;
}

static void
conclude(struct tally *t, const struct rules_plan *plan)
{
	struct verdict *out = t->out;
	enum standing most = at_most(t->in);

	out->score = t->limit_points + t->signal_points;
	if (plan->has_ladder)
		out->rung = rung_of(rules_settings(t->in->rules), out->score);
	if (out->rung > STANDING_WATCHED && out->rung < STANDING_SUSPENDED &&
	    is_passed(t->in, t->in->now))
		out->rung = STANDING_WATCHED;
	if (out->score < t->complaint_points)
		out->score = t->complaint_points;
	if (t->action > out->rung) {
		out->rung = t->action;
		if (t->acting)
			put_first(out, t->acting);
	}
	if (out->rung > most)
		out->rung = most;
	if (t->in->is_exempt)
		out->rung = STANDING_GOOD;
}

/* A mark, an end, an operator's word change more than counts do. */
static void
conclude_room(struct tally *t, const struct rules_plan *plan)
{
	struct verdict *out = t->out;
	enum standing most = at_most(t->in);

	out->worst = STANDING_GOOD;
	if (plan->has_ladder)
		out->worst = rung_of(rules_settings(t->in->rules),
		    t->limit_points + t->most_points);
	if (out->worst > STANDING_WATCHED && out->worst < STANDING_SUSPENDED &&
	    is_passed(t->in, t->in->now + 60)) {
		out->worst = STANDING_WATCHED;
		leave_until(
		    t, t->in->passed +
			   rules_settings(t->in->rules)->hold_again_after);
	}
	if (t->action > out->worst)
		out->worst = t->action;
	if (out->worst > most)
		out->worst = most;
	out->rest = t->rest;
	if (!judge_is_steady(plan, t->in) || t->in->n_overrides > 0 ||
	    t->in->is_exempt || t->in->standing == STANDING_PROBATION ||
	    out->n_reasons == VERDICT_REASONS)
		out->rest.often = out->rest.strangers = out->rest.seldom = 0;
}

static void
judge_complaints(struct tally *t, const struct rules_plan *plan)
{
	struct reason r;

	if (plan->complaints_slot < 0)
		return;
	judge_rest_take(&t->rest, COUNT_COMPLAINTS,
	    complained_room(t->in, plan->complaints_slot));
	if (!complained_judge(t->in, plan->complaints_slot, &r))
		return;
	t->complaint_points = r.points;
	if (r.points > 0 && t->action < STANDING_THROTTLED) {
		t->action = STANDING_THROTTLED;
		t->acting = r.rule;
	}
	if (t->complained > 0)
		r.points = t->complained;
	add_reason(t, &r);
}

/* It only tells. */
static void
judge_forward(struct tally *t, const struct rules_plan *plan)
{
	struct reason r;

	if (!plan->has_forwards || !forwarded_is(subject_key(t->in->subject)))
		return;
	if (forwarded_judge(t->in, &r))
		add_reason(t, &r);
	else
		leave_room(t, COUNT_FILTERED, &r);
}

static bool
judge_signal(struct tally *t, const struct rules_signal *s, struct reason *out)
{
	if (s->spec.younger_than > 0 &&
	    !judge_is_younger(t->in, s->spec.younger_than))
		return false;
	if (s->count != COUNT_RECIPIENTS && t->is_forward)
		return false;
	if (s->shape == SIGNAL_BLAMED && t->in->owner.blamed == 0)
		return false;
	if (!signal_judge(t->in, s, t->extra, out)) {
		if (s->spec.points_max > 0 && !s->spec.observe)
			leave_room(t, s->count, out);
		return false;
	}
	if (s->spec.observe)
		out->points = 0;
	out->points_max = s->spec.observe ? 0 : (int)s->spec.points_max;
	return true;
}

/* The least score of a rung worse than this one's; INT_MAX: there is none. */
static int
next_score(const struct limits_settings *s, int score)
{
	const int64_t scores[] = {s->score_watch, s->score_throttle,
	    s->score_hold, s->score_suspend};
	int next = INT_MAX;

	for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++)
		if (scores[i] > score && scores[i] < next)
			next = (int)scores[i];
	return next;
}

/* If one speaks alone, it is known how much more takes it to another rung: at
 * most it gives what is below that. */
static void
leave_step(struct tally *t, struct reason *v, size_t n)
{
	struct reason *one = NULL;
	int64_t until;

	for (size_t i = 0; i < n; i++) {
		if (v[i].points >= 0 && one)
			return;
		if (v[i].points >= 0)
			one = &v[i];
	}
	int next = next_score(rules_settings(t->in->rules),
		       t->limit_points + one->points) -
		   t->limit_points;

	if (next > one->points_max)
		return;
	uint64_t room = signal_room(one, next, &until);

	if (room == 0)
		return;
	judge_rest_take(&t->rest, one->count, room);
	leave_until(t, until);
	one->points_max = next - 1;
}

/* What they give at most, with nothing that speaks for it. */
static void
weigh_most(struct tally *t, struct reason *v, size_t n, bool is_young)
{
	for (size_t i = 0; i < n; i++)
		v[i].points = v[i].points < 0 ? 0 : v[i].points_max;
	signal_weigh(t->in, v, n, t->limit_points, is_young);
	for (size_t i = 0; i < n; i++)
		t->most_points += v[i].points;
}

static bool
is_below_floor(struct tally *t, const struct rules_heard *h,
    const struct subject_sums *sums)
{
	if (h->slot < 0)
		return false;
	uint64_t value = sums->whole[h->slot] + sums->now[h->signal->count] +
			 (h->has_extra ? t->extra : 0);

	if (value >= h->floor)
		return false;
	judge_rest_take(&t->rest, h->signal->count, h->floor - value);
	return true;
}

/* Does one of those speak that are only told? */
static bool
is_any_told(struct tally *t, const struct rules_plan *plan)
{
	struct reason r;

	for (size_t i = 0; i < plan->n_signals; i++) {
		if (signal_is_only_told(plan->signals[i]) &&
		    judge_signal(t, plan->signals[i], &r))
			return true;
	}
	return false;
}

/* Those that speak; returns how many. */
static size_t
find_signals(struct tally *t, const struct rules_plan *plan,
    struct reason found[SIGNALS])
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_signals; i++)
		n += judge_signal(t, plan->signals[i], &found[n]);
	return n;
}

/* The same, of those that give points. */
static size_t
hear_signals(struct tally *t, const struct rules_plan *plan,
    struct reason found[SIGNALS])
{
	const struct rules_signal *loud[SIGNALS];
	struct subject_sums sums;
	size_t n = 0, n_loud = 0;

	subject_watched_all(t->in->ledger, t->in->subject, &sums);
	for (size_t i = 0; i < plan->n_heard; i++) {
		if (!is_below_floor(t, &plan->heard[i], &sums))
			loud[n_loud++] = plan->heard[i].signal;
	}
	for (size_t i = 0; i < n_loud; i++)
		n += judge_signal(t, loud[i], &found[n]);
	return n;
}

/* What only speaks for it isn't told by itself. */
static void
judge_signals(struct tally *t, const struct rules_plan *plan)
{
	struct reason found[SIGNALS];
	bool is_any = false, is_young;
	size_t n = t->is_brief ? hear_signals(t, plan, found)
			       : find_signals(t, plan, found);

	for (size_t i = 0; i < n; i++)
		is_any |= found[i].points >= 0;
	if (n == 0 || (!is_any && !(t->is_brief && is_any_told(t, plan))))
		return;
	struct reason most[SIGNALS];

	/* Whom it halves now it may not halve then. */
	for (size_t i = 0; i < n; i++)
		leave_until(t, signal_is_of_place(&found[i]) ? 0 : TIME_NEVER);
	memcpy(most, found, n * sizeof(*found));
	is_young = judge_is_younger(t->in, YOUNG);
	if (is_any)
		leave_step(t, most, n);
	weigh_most(t, most, n, is_young);
	uint64_t left =
	    signal_weigh(t->in, found, n, t->limit_points, is_young);

	judge_rest_take(&t->rest, COUNT_FOREIGN_STRANGERS, left);
	judge_rest_take(&t->rest, COUNT_ATTEMPTS, left);
	for (size_t i = 0; i < n; i++) {
		t->signal_points += found[i].points;
		if (found[i].count == COUNT_COMPLAINTS)
			t->complained = found[i].points; /* told once, below */
		else
			add_reason(t, &found[i]);
	}
}

static void
judge_as(const struct judge_input *in, bool is_brief, struct verdict *out)
{
	const struct rules_plan *plan =
	    rules_plan(in->rules, subject_kind(in->subject), in->class_index);
	struct tally t = {.in = in,
	    .out = out,
	    .is_brief = is_brief,
	    .rest = JUDGE_REST_ANY};

	t.is_forward = forwarded_is(subject_key(in->subject));
	t.extra = judge_extra(in, COUNT_RECIPIENTS);
	out->rung = out->worst = STANDING_GOOD;
	out->rest = (struct judge_rest){0};
	out->score = 0;
	out->retry_after = 0;
	out->n_reasons = 0;
	if (!is_brief && in->n_overrides == 0 &&
	    in->standing != STANDING_PROBATION && in->owner.blamed == 0 &&
	    judge_is_far(plan, in))
		return;
	for (size_t i = 0; i < plan->n_limits; i++)
		judge_limit(&t, plan->limits[i]);
	judge_signals(&t, plan);
	judge_complaints(&t, plan);
	judge_forward(&t, plan);
	conclude(&t, plan);
	conclude_room(&t, plan);
}

void
judge(const struct judge_input *in, struct verdict *out)
{
	judge_as(in, false, out);
}

void
judge_brief(const struct judge_input *in, struct verdict *out)
{
	judge_as(in, true, out);
}
