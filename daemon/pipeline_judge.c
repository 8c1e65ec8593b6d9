/* pipeline_judge - who is judged after a fact, and by what */
#include "daemon/pipeline_state.h"
#include "limits/evidence.h"
#include "limits/scope.h"

void
pipeline_prepare(
    struct pipeline *p, struct subject *s, struct pipeline_view *out)
{
	enum subject_kind kind = subject_kind(s);
	struct str key = subject_key(s);
	int64_t now = ledger_now(p->ledger);

	out->in = (struct judge_input){
	    .rules = p->settings->rules,
	    .ledger = p->ledger,
	    .subject = s,
	    .class_index = rules_class(p->settings->rules, kind, key),
	    .overrides = out->overrides,
	    .asked = out->in.asked,
	    .asked_messages = out->in.asked_messages,
	    .admitted = out->in.admitted,
	    .admitted_messages = out->in.admitted_messages,
	    .now = now,
	    .is_shared =
		kind == SUBJECT_ACCOUNT && account_is_shared(&p->accounts, key),
	};
	out->verdict.n_reasons = 0;
	out->folds = p->folds;
	standings_get(p->standings, kind, key, now, &out->state);
	if (out->state.last_us == 0)
		return; /* most have no standing at all */
	out->in.standing = out->state.rung;
	out->in.is_exempt = out->state.exempt_until > now;
	out->in.n_overrides =
	    standings_overrides(p->standings, kind, key, now, out->overrides);
}

void
pipeline_look(struct pipeline *p, struct subject *s, struct pipeline_view *out)
{
	out->in = (struct judge_input){0};
	pipeline_prepare(p, s, out);
	trial_judge(p->settings->trial, &out->in, &out->verdict);
}

/* What is asked of a subject at every fact and seldom changes, in the ledger's
 * note: its class, and whether it has a standing. */
enum { NOTE_CLASS = 0xff, NOTE_STANDING = 0x100, NOTE_GENERATION = 16 };

static uint64_t
note_of(struct pipeline *p, struct subject *s)
{
	enum subject_kind kind = subject_kind(s);
	struct str key = subject_key(s);
	struct standing_state state;
	uint64_t note = subject_note(s);

	if (note >> NOTE_GENERATION == p->generation)
		return note;
	note = p->generation << NOTE_GENERATION |
	       rules_class(p->settings->rules, kind, key);

	standings_get(p->standings, kind, key, ledger_now(p->ledger), &state);
	/* The ledger may have forgotten it since. */
	if (state.mark > subject_mark(s))
		ledger_mark(p->ledger, s, state.mark);
	if (state.last_us)
		note |= NOTE_STANDING;
	subject_set_note(s, note);
	return note;
}

static const struct rules_plan *
plan_of(
    const struct limits_rules *rules, const struct subject *s, uint64_t note)
{
	return rules_plan(rules, subject_kind(s), note & NOTE_CLASS);
}

bool
pipeline_is_far(struct pipeline *p, const struct judge_input *in)
{
	uint64_t note = note_of(p, in->subject);

	return !(note & NOTE_STANDING) &&
	       judge_is_far(plan_of(p->settings->rules, in->subject, note), in);
}

/* Has this plan anything to say of what these counts rose to? */
static bool
may_speak(const struct rules_plan *plan, const struct judge_input *in,
    uint64_t note, uint64_t raised)
{
	return (plan->counts & raised) &&
	       ((note & NOTE_STANDING) || !judge_is_far(plan, in));
}

/* Most facts bring no subject near a number that anything asks about. */
static void
judge_one(struct pipeline *p, struct subject *s, uint64_t raised)
{
	struct pipeline_view v;
	const struct judge_input in = {
	    .ledger = p->ledger, .subject = s, .now = ledger_now(p->ledger)};
	uint64_t note = note_of(p, s);
	const struct trial *trial = p->settings->trial;
	bool is_tried = trial && may_speak(plan_of(trial->written, s, note),
				     &in, note, raised);

	if (!is_tried &&
	    !may_speak(plan_of(p->settings->rules, s, note), &in, note, raised))
		return;
	pipeline_look(p, s, &v);
	if ((v.verdict.n_reasons > 0 || (is_tried && pipeline_tries(p, &v))) &&
	    p->hooks.on_doubt && p->hooks.on_doubt(p->hooks.ctx, s))
		return;
	if (is_tried)
		pipeline_try(p, &v);
	pipeline_decide(p, &v);
}

void
pipeline_judge(struct pipeline *p, struct subject *s)
{
	if (p->is_judged[subject_kind(s)])
		judge_one(p, s, UINT64_MAX);
}

bool
pipeline_asks(const struct pipeline *p, enum subject_kind kind)
{
	return p->is_judged[kind];
}

void
pipeline_judge_touched(struct pipeline *p, const struct fact *f,
    const struct ledger_touched *touched)
{
	const uint64_t *counts = p->counts;
	uint64_t raised = ledger_raised(f);

	if (!(counts[SUBJECT_KINDS] & raised))
		return;
	for (size_t i = 0; i < touched->n; i++) {
		struct subject *s = touched->v[i];

		if (counts[subject_kind(s)] & raised)
			judge_one(p, s, raised);
	}
}

static void
note_counts(struct pipeline *p, const struct limits_rules *rules)
{
	for (size_t i = 0; i < SUBJECT_KINDS + 1; i++)
		p->counts[i] |= rules_counts(rules)[i];
	for (size_t i = 0; i < rules_limits(rules); i++)
		p->is_judged[rules_limit_at(rules, i)->of] = true;
}

/* Signals ask about accounts and the claimed ones; limits name their kind. */
void
pipeline_note_kinds(struct pipeline *p)
{
	memset(p->is_judged, 0, sizeof(p->is_judged));
	memset(p->counts, 0, sizeof(p->counts));
	p->is_judged[SUBJECT_ACCOUNT] = p->is_judged[SUBJECT_CLAIMED] = true;
	note_counts(p, p->settings->rules);
	if (p->settings->trial)
		note_counts(p, p->settings->trial->written);
}

void
pipeline_count_what_is_read(struct pipeline *p)
{
	uint64_t counts[SUBJECT_KINDS];

	memcpy(counts, p->counts, sizeof(counts));
	evidence_add_reads(counts);
	if (p->settings->limits.guess_block)
		scope_add_reads(counts);
	ledger_count_only(p->ledger, counts);
}
