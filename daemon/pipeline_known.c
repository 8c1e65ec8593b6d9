/* pipeline_known - whom it is idle to judge
 *
 * A replay tells verdicts alone. A busy account whose standing is already as
 * bad as any verdict would make it, or on which the signals together don't
 * weigh enough, is judged without reasons: that tells most of them apart.
 */
#include "base/time.h"
#include "daemon/pipeline_note.h"

void
pipeline_tell_verdicts(struct pipeline *p)
{
	p->known = xalloc(PIPELINE_KNOWN, sizeof(*p->known));
}

static struct pipeline_known *
place_of(const struct pipeline *p, const struct subject *s)
{
	uint64_t hash = (uint64_t)(uintptr_t)s * 0x9e3779b97f4a7c15u;

	return &p->known[hash >> 32 & (PIPELINE_KNOWN - 1)];
}

void
pipeline_forget_known(struct pipeline *p, const struct subject *s)
{
	struct pipeline_known *k = p->known ? place_of(p, s) : NULL;

	if (k && k->subject == s)
		k->subject = NULL;
}

static void
look_up(struct pipeline *p, struct subject *s, struct pipeline_known *k)
{
	struct pipeline_view v;
	bool enforces = standings_is_enforcing(p->standings);

	v.in = (struct judge_input){0};
	pipeline_prepare(p, s, &v);
	*k = (struct pipeline_known){
	    .subject = s,
	    .generation = p->generation,
	    .mode = p->mode,
	    .same_until = v.state.same_until,
	    .passed = v.state.passed,
	    .in_force = enforces ? v.state.rung : v.state.observed,
	    .is_calm = v.in.n_overrides == 0 && v.state.exempt_until == 0 &&
		       v.state.rung != STANDING_PROBATION,
	    .is_shared = v.in.is_shared,
	};
}

static struct pipeline_known *
known_of(struct pipeline *p, struct subject *s)
{
	struct pipeline_known *k = place_of(p, s);

	if (k->subject != s || k->generation != p->generation ||
	    k->mode != p->mode || k->same_until <= ledger_now(p->ledger))
		look_up(p, s, k);
	return k;
}

/* Nothing that is counted changes it, while that is in force. */
static void
rest_meanwhile(
    struct pipeline *p, struct subject *s, const struct pipeline_known *k)
{
	const struct verdict any = {
	    .rest = JUDGE_REST_ANY,
	    .worst = STANDING_WATCHED};

	pipeline_end_rest(s, pipeline_note(p, s));
	pipeline_give_brief_rest(p, s, &any, k->in_force, k->same_until);
}

/* A warning isn't told; but from the first on the subject has a standing. */
static bool
is_quiet(struct pipeline *p, const struct pipeline_known *k,
    const struct judge_input *in, uint64_t note)
{
	struct verdict v;

	judge_brief(in, &v);
	if (v.rung >= STANDING_WATCHED && v.rung > k->in_force)
		return false;
	if (v.n_reasons > 0 && !(note & NOTE_STANDING))
		return false;
	pipeline_give_brief_rest(
	    p, in->subject, &v, k->in_force, k->same_until);
	return true;
}

bool
pipeline_is_no_news(
    struct pipeline *p, struct subject *s, uint64_t note, uint64_t raised)
{
	struct pipeline_known *k = known_of(p, s);
	const struct rules_plan *plan =
	    pipeline_note_plan(p->settings->rules, s, note);
	struct judge_input in = {
	    .rules = p->settings->rules,
	    .ledger = p->ledger,
	    .subject = s,
	    .class_index = note & NOTE_CLASS,
	    .standing = STANDING_GOOD,
	    .passed = k->passed,
	    .is_shared = k->is_shared,
	    .now = ledger_now(p->ledger),
	};

	if (p->settings->trial || p->hooks.owner)
		return false;
	if (k->in_force == STANDING_SUSPENDED) {
		rest_meanwhile(p, s, k);
		return true;
	}
	if (!k->is_calm)
		return false;
	struct judge_rest far = {0};

	if (!judge_is_near(plan, &in, &k->guard))
		far = judge_headroom(plan, &in);
	pipeline_give_rest(s, note, &far);
	if (far.often > 0 || !pipeline_may_speak(plan, &in, note, raised))
		return true;
	return is_quiet(p, k, &in, note);
}
