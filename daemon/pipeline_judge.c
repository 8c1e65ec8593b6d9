/* pipeline_judge - who is judged after a fact, and by what */
#include "daemon/pipeline_note.h"
#include "limits/evidence.h"
#include "limits/scope.h"

void
pipeline_prepare(
    struct pipeline *p, struct subject *s, struct pipeline_view *out)
{
	enum subject_kind kind = subject_kind(s);
	struct str key = subject_key(s);
	int64_t now = ledger_now(p->ledger);
	const struct judge_owner owner = pipeline_owner_of(p, s);

	out->in = (struct judge_input){
	    .rules = p->settings->rules,
	    .ledger = p->ledger,
	    .subject = s,
	    .class_index =
		rules_class_of(p->settings->rules, kind, key, owner.plan, NULL),
	    .owner = owner,
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
	if (out->state.mark > subject_mark(s))
		ledger_mark(p->ledger, s, out->state.mark);
	out->in.standing = out->state.rung;
	out->in.passed = out->state.passed;
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

bool
pipeline_is_far(struct pipeline *p, struct judge_input *in)
{
	uint64_t note = pipeline_note(p, in->subject);

	if (note & NOTE_STANDING)
		return false;
	in->owner = pipeline_owner_of(p, in->subject);
	return judge_is_far(
	    pipeline_note_plan(p->settings->rules, in->subject, note), in);
}

/* What is known of it changes nothing, nor will it without an event: only
 * after a suspension comes something else than what was before. */
static bool
is_calm(struct pipeline *p, struct subject *s, uint64_t note)
{
	struct pipeline_view v = {0};

	if (!(note & NOTE_STANDING))
		return true;
	if (p->settings->trial)
		return false;
	pipeline_prepare(p, s, &v);
	return v.in.n_overrides == 0 && v.state.exempt_until == 0 &&
	       v.state.rung != STANDING_PROBATION &&
	       v.state.rung < STANDING_SUSPENDED &&
	       v.state.observed < STANDING_SUSPENDED;
}

static void
give_brief_rest(struct pipeline *p, const struct pipeline_view *v)
{
	bool enforces = standings_is_enforcing(p->standings);

	pipeline_give_brief_rest(p, v->in.subject, &v->verdict,
	    enforces ? v->state.rung : v->state.observed,
	    enforces ? v->state.until : v->state.observed_until);
}

static struct judge_rest
far_of(const struct rules_plan *plan, const struct rules_plan *other,
    const struct judge_input *in)
{
	struct judge_rest far = judge_headroom(plan, in);

	if (other && far.often > 0) {
		const struct judge_rest more = judge_headroom(other, in);

		judge_rest_less(&far, &more);
	}
	return far;
}

/* Its rest is over. */
__attribute__((noinline)) static void
judge_anew(struct pipeline *p, struct subject *s, uint64_t raised,
    uint64_t note, const struct rules_plan *plan,
    const struct rules_plan *other)
{
	struct pipeline_view v;
	struct judge_input in = {
	    .ledger = p->ledger, .subject = s, .now = ledger_now(p->ledger)};

	if (p->known && pipeline_is_no_news(p, s, note, raised))
		return;
	in.owner = pipeline_owner_of(p, s);
	struct judge_rest far = far_of(plan, other, &in);

	if (far.often > 0 && is_calm(p, s, note)) {
		pipeline_give_rest(s, note, &far);
		return;
	}
	pipeline_end_rest(s, note);
	bool is_tried = other && pipeline_may_speak(other, &in, note, raised);

	if (!is_tried && !pipeline_may_speak(plan, &in, note, raised))
		return;
	pipeline_look(p, s, &v);
	if ((v.verdict.n_reasons > 0 || (is_tried && pipeline_tries(p, &v))) &&
	    p->hooks.on_doubt && p->hooks.on_doubt(p->hooks.ctx, s))
		return;
	if (is_tried)
		pipeline_try(p, &v);
	uint64_t seq = p->seq;

	pipeline_decide(p, &v);
	if (!other && p->seq == seq &&
	    (v.verdict.n_reasons == 0 || !p->hooks.on_doubt))
		give_brief_rest(p, &v);
}

/* n more were counted. Most facts bring no subject near a number that anything
 * asks about. */
static void
judge_one(struct pipeline *p, struct subject *s, uint64_t raised, uint64_t n)
{
	uint64_t note = pipeline_note(p, s);
	const struct trial *trial = p->settings->trial;
	const struct rules_plan *plan =
	    pipeline_note_plan(p->settings->rules, s, note);
	const struct rules_plan *other =
	    trial ? pipeline_note_plan(trial->written, s, note) : NULL;
	uint64_t read = (plan->counts | (other ? other->counts : 0)) & raised;

	if (read && !pipeline_take_rest(p, s, note, read, n))
		judge_anew(p, s, raised, note, plan, other);
}

void
pipeline_judge(struct pipeline *p, struct subject *s)
{
	if (p->is_judged[subject_kind(s)])
		judge_one(p, s, UINT64_MAX, UINT64_MAX);
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
	uint64_t raised = ledger_raised(f, touched);
	uint64_t n = f->n < 1 ? 1 : (uint64_t)f->n;

	n = touched->most > n ? touched->most : n;
	if (!(counts[SUBJECT_KINDS] & raised))
		return;
	if (p->began != ledger_began(p->ledger)) {
		p->began = ledger_began(p->ledger);
		pipeline_void_notes(p);
	}
	for (size_t i = 0; i < touched->n; i++) {
		struct subject *s = touched->v[i];

		if (counts[subject_kind(s)] & raised)
			judge_one(p, s, raised, n);
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

/* Places come by the thousands, most of them once: what of them is only shown
 * is kept for as long as it is needed to spare who is good; the size of mail,
 * which isn't, and takes a third of all, for a day. */
static void
keep_places(struct pipeline *p)
{
	static const enum subject_kind places[] = {
	    SUBJECT_CLIENT, SUBJECT_NETWORK};
	const struct trial *trial = p->settings->trial;

	for (int i = 0; i < 2; i++) {
		int64_t keep = rules_reach(p->settings->rules, places[i]);
		int64_t other =
		    trial ? rules_reach(trial->written, places[i]) : 0;

		keep = other > keep ? other : keep;
		ledger_keep(p->ledger, places[i],
		    keep > SCOPE_KEEPS ? keep : SCOPE_KEEPS);
		bool is_limited = p->counts[places[i]] >> COUNT_KIB & 1;

		ledger_keep_sizes(p->ledger, places[i],
		    is_limited ? (int64_t)RECORD_DAYS * 86400 : 86400);
	}
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
	keep_places(p);
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
