/* pipeline_note - what is remembered of a subject from fact to fact */
#include "daemon/pipeline_note.h"

struct judge_owner
pipeline_owner_of(struct pipeline *p, const struct subject *s)
{
	struct judge_owner o = {.plan = {"", 0}};

	if (p->hooks.owner && subject_kind(s) == SUBJECT_ACCOUNT)
		p->hooks.owner(p->hooks.ctx, subject_key(s), &o);
	return o;
}

void
pipeline_void_notes(struct pipeline *p)
{
	p->generation = p->generation % GENERATIONS + 1;
}

uint64_t
pipeline_note_anew(struct pipeline *p, struct subject *s)
{
	enum subject_kind kind = subject_kind(s);
	struct str key = subject_key(s);
	struct standing_state state;

	pipeline_forget_known(p, s);
	uint64_t note = p->generation << NOTE_GENERATION |
			rules_class_of(p->settings->rules, kind, key,
			    pipeline_owner_of(p, s).plan, NULL);

	standings_get(p->standings, kind, key, ledger_now(p->ledger), &state);
	/* The ledger may have forgotten it since. */
	if (state.mark > subject_mark(s))
		ledger_mark(p->ledger, s, state.mark);
	if (state.last_us)
		note |= NOTE_STANDING;
	subject_set_note(s, note);
	return note;
}

static uint64_t
minute_of(const struct pipeline *p)
{
	return (uint64_t)record_minute(ledger_now(p->ledger)) & MINUTES;
}

const struct rules_plan *
pipeline_note_plan(
    const struct limits_rules *rules, const struct subject *s, uint64_t note)
{
	return rules_plan(rules, subject_kind(s), note & NOTE_CLASS);
}

bool
pipeline_may_speak(const struct rules_plan *plan, const struct judge_input *in,
    uint64_t note, uint64_t raised)
{
	return (plan->counts & raised) &&
	       ((note & NOTE_STANDING) || judge_hears(plan, in, raised));
}

/* The minute, which may be this one, isn't over. */
static bool
is_to_come(const struct pipeline *p, uint64_t note)
{
	uint64_t left = (note >> NOTE_MINUTE) - minute_of(p);

	return (left & MINUTES) <= (uint64_t)REST_DAYS * 1440;
}

bool
pipeline_take_rest(const struct pipeline *p, struct subject *s, uint64_t note,
    uint64_t raised, uint64_t n)
{
	const uint64_t of_strangers = 1ull << COUNT_STRANGERS;
	uint64_t often = raised & JUDGE_OFTEN ? n : 0;
	uint64_t strangers = raised & of_strangers ? n : 0;
	uint64_t seldom = raised & ~(JUDGE_OFTEN | of_strangers) ? n : 0;

	if (often > (note >> NOTE_OFTEN & OFTEN_MAX) ||
	    strangers > (note >> NOTE_STRANGERS & STRANGERS_MAX) ||
	    seldom > (note >> NOTE_SELDOM & SELDOM_MAX))
		return false;
	if ((note & NOTE_BRIEF) && !is_to_come(p, note))
		return false;
	subject_set_note(s,
	    note - (often << NOTE_OFTEN) - (strangers << NOTE_STRANGERS) -
		(seldom << NOTE_SELDOM));
	return true;
}

void
pipeline_end_rest(struct subject *s, uint64_t note)
{
	note &= ~((uint64_t)OFTEN_MAX << NOTE_OFTEN |
		  (uint64_t)STRANGERS_MAX << NOTE_STRANGERS |
		  (uint64_t)SELDOM_MAX << NOTE_SELDOM | NOTE_BRIEF);
	subject_set_note(s, note);
}

/* Of so many the last one is judged. */
static uint64_t
left(uint64_t room, uint64_t most)
{
	return room - 1 < most ? room - 1 : most;
}

void
pipeline_give_rest(struct subject *s, uint64_t note, const struct judge_rest *r)
{
	pipeline_end_rest(s, note);
	if (r->often == 0)
		return;
	subject_set_note(s,
	    subject_note(s) | left(r->often, OFTEN_MAX) << NOTE_OFTEN |
		left(r->strangers, STRANGERS_MAX) << NOTE_STRANGERS |
		left(r->seldom, SELDOM_MAX) << NOTE_SELDOM);
}

/* The last whole minute before it, at least this one. */
static uint64_t
last_minute(const struct pipeline *p, int64_t until)
{
	int64_t now = ledger_now(p->ledger);
	int64_t most = now + (int64_t)REST_DAYS * 86400;

	until = p->known ? until : now;
	until = until < most ? until : most;
	return until - now < 60 ? minute_of(p)
				: (uint64_t)record_minute(until - 60) & MINUTES;
}

void
pipeline_give_brief_rest(struct pipeline *p, struct subject *s,
    const struct verdict *v, enum standing in_force, int64_t until)
{
	int64_t now = ledger_now(p->ledger);
	uint64_t note = pipeline_note(p, s);

	if (v->rest.often == 0 || v->worst == STANDING_SUSPENDED ||
	    (v->worst > STANDING_PROBATION &&
		(v->worst > in_force || until < now - now % 60 + 60)))
		return;
	uint64_t last =
	    last_minute(p, v->rest.until < until ? v->rest.until : until);

	pipeline_give_rest(s, note, &v->rest);
	note = subject_note(s) & ~((uint64_t)MINUTES << NOTE_MINUTE);
	subject_set_note(s, note | NOTE_BRIEF | last << NOTE_MINUTE);
}
