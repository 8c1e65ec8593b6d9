/* sanction - from a verdict to an event */
#include "limits/sanction.h"

#include "base/json.h"
#include "base/time.h"
#include "limits/brake.h"
#include "limits/sanction_event.h"
#include "limits/trial.h"

static int64_t
duration(const struct limits_settings *s, enum standing rung, unsigned repeats)
{
	switch (rung) {
	case STANDING_THROTTLED:
		return s->throttle_for;
	case STANDING_HELD:
		return s->hold_for;
	case STANDING_SUSPENDED:
		if (repeats == 0)
			return s->suspend_for;
		return repeats == 1 ? s->suspend_again_for : TIME_NEVER;
	default:
		return s->watch_for;
	}
}

static int64_t
end_of(int64_t at, int64_t seconds)
{
	return seconds == TIME_NEVER ? TIME_NEVER : at + seconds;
}

static void
put_reason(struct json_out *j, const struct reason *r)
{
	char buf[160];
	struct text words;

	text_init(&words, buf, sizeof(buf));
	reason_print(r, &words);
	json_open(j, NULL);
	json_str(j, "rule", str_from(r->rule));
	json_str(j, "count", str_from(reason_count_text(r->count)));
	json_i64(j, "window", r->window);
	json_i64(j, "value", (int64_t)r->value);
	json_i64(j, "bound", (int64_t)r->bound);
	json_i64(j, "points", r->points);
	json_bool(j, "is_limit", r->is_limit);
	json_bool(j, "is_warning", r->is_warning);
	if (r->is_own)
		json_bool(j, "is_own", true);
	if (r->is_share)
		json_bool(j, "is_share", true);
	json_str(j, "text", text_view(&words));
	json_close(j);
}

static void
put_evidence(const struct sanction_about *a, const struct verdict *v,
    int64_t at, struct event *out)
{
	struct text t;
	struct json_out j;

	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_i64(&j, "score", v->score);
	json_time(&j, "at", at);
	json_i64(&j, "repeats", a->state->repeats);
	if (a->evidence)
		evidence_print(a->evidence, &j);
	json_open_array(&j, "reasons");
	for (size_t i = 0; i < v->n_reasons; i++)
		put_reason(&j, &v->reasons[i]);
	json_close_array(&j);
	json_close(&j);
	out->is_sane = !t.is_cut;
}

/* What led to the rung, dearest first: "A; B". */
static void
put_words(const struct verdict *v, struct event *out)
{
	struct text t;

	text_init(&t, out->reason, sizeof(out->reason));
	for (size_t i = 0; i < v->n_reasons; i++) {
		if (v->reasons[i].is_warning || v->reasons[i].points < 0)
			continue;
		if (t.n > 0)
			text_add(&t, "; ");
		reason_print(&v->reasons[i], &t);
	}
}

/* A hold that waits is another one than a short hold for the same reason. */
static bool
is_worse(
    const struct sanction_about *a, enum standing rung, enum standing in_force)
{
	if (a->is_braked && rung == in_force)
		return !a->state->is_braked;
	return rung > in_force;
}

static void
name_cause(const struct sanction_about *a, const struct verdict *v,
    bool is_enforcing, struct event *out)
{
	char rule[96];
	struct text t;

	text_init(&t, rule, sizeof(rule));
	if (a->is_braked)
		text_add(&t, "braked\n");
	text_add(&t, v->reasons[0].rule);
	standings_cause(a->kind, a->key, v->rung, text_view(&t),
	    a->state->epoch, !is_enforcing, out->cause);
}

bool
sanction_is_news(
    const struct sanction_about *a, const struct verdict *v, bool is_enforcing)
{
	enum standing in_force =
	    is_enforcing ? a->state->rung : a->state->observed;

	return v->rung >= STANDING_WATCHED && is_worse(a, v->rung, in_force) &&
	       !a->state->is_operator && v->n_reasons > 0;
}

bool
sanction_from_verdict(const struct sanction_about *a,
    const struct limits_settings *s, const struct verdict *v, int64_t at,
    bool is_enforcing, struct event *out)
{
	const struct standing_state *state = a->state;

	if (!sanction_is_news(a, v, is_enforcing))
		return false;
	int64_t until =
	    end_of(at, a->is_braked ? s->brake_hold
				    : duration(s, v->rung, state->repeats));

	if (until <= a->now_us / TIME_US)
		return false;
	struct str rule = str_from(v->reasons[0].rule);

	sanction_event_begin(a, EVENT_SANCTION, out);
	sanction_event_put(
	    out->rung, sizeof(out->rung), str_from(standing_text(v->rung)));
	sanction_event_put(out->rule, sizeof(out->rule), rule);
	out->until = until;
	out->mark = state->epoch;
	out->is_observed = !is_enforcing;
	if (a->is_braked)
		sanction_event_put(
		    out->how, sizeof(out->how), STR(SANCTION_BRAKED));
	name_cause(a, v, is_enforcing, out);
	put_words(v, out);
	put_evidence(a, v, at, out);
	return true;
}

void
sanction_tried(const struct sanction_about *a, const struct trial_rule *rule,
    const struct verdict *v, int64_t at, struct event *out)
{
	char version[96];
	struct text t;

	sanction_event_begin(a, EVENT_SANCTION, out);
	sanction_event_put(
	    out->rung, sizeof(out->rung), str_from(standing_text(v->rung)));
	sanction_event_put(out->rule, sizeof(out->rule), str_from(rule->name));
	sanction_event_put(out->how, sizeof(out->how), STR(SANCTION_TRIED));
	out->until = rule->until;
	out->mark = a->state->epoch;
	out->is_observed = true;
	text_init(&t, version, sizeof(version));
	text_printf(&t, "trial\n%s\n%016llx", rule->name,
	    (unsigned long long)rule->version);
	standings_cause(a->kind, a->key, v->rung, text_view(&t),
	    a->state->epoch, true, out->cause);
	put_words(v, out);
	put_evidence(a, v, at, out);
}

void
sanction_approve(const struct sanction_about *a,
    const struct limits_settings *s, const struct event *held, struct str by,
    struct event *out)
{
	int64_t at = a->now_us / TIME_US;

	sanction_event_begin(a, EVENT_SANCTION, out);
	sanction_event_put(out->rung, sizeof(out->rung),
	    str_from(standing_text(STANDING_SUSPENDED)));
	sanction_event_put(out->rule, sizeof(out->rule), str_from(held->rule));
	sanction_event_put(
	    out->class, sizeof(out->class), str_from(held->class));
	sanction_event_put(out->how, sizeof(out->how), STR(SANCTION_APPROVED));
	sanction_event_put(out->by, sizeof(out->by), by);
	sanction_event_put(
	    out->reason, sizeof(out->reason), str_from(held->reason));
	sanction_event_put(
	    out->evidence, sizeof(out->evidence), str_from(held->evidence));
	out->until =
	    end_of(at, duration(s, STANDING_SUSPENDED, a->state->repeats));
	out->mark = held->mark;
	standings_cause(a->kind, a->key, STANDING_SUSPENDED,
	    str_from(held->rule), held->mark, false, out->cause);
}

static const struct reason *
find_warning(const struct verdict *v)
{
	for (size_t i = 0; i < v->n_reasons; i++) {
		if (v->reasons[i].is_warning)
			return &v->reasons[i];
	}
	return NULL;
}

bool
sanction_warning(struct standings *s, const struct sanction_about *a,
    const struct verdict *v, int64_t at, bool is_enforcing, struct event *out)
{
	const struct reason *r = find_warning(v);
	struct text t;

	if (!r || a->state->rung > STANDING_WATCHED)
		return false;
	int64_t period = at - at % r->window;

	if (standings_knows_warning(
		s, a->kind, a->key, r->rule, period, !is_enforcing))
		return false;
	sanction_event_begin(a, EVENT_WARNING, out);
	sanction_event_put(out->rule, sizeof(out->rule), str_from(r->rule));
	standings_cause(a->kind, a->key, STANDING_GOOD, str_from(r->rule),
	    period, !is_enforcing, out->cause);
	out->mark = period;
	out->until = period + r->window;
	out->is_observed = !is_enforcing;
	text_init(&t, out->reason, sizeof(out->reason));
	reason_print(r, &t);
	put_evidence(a, v, at, out);
	return true;
}

void
sanction_expire(const struct sanction_about *a,
    const struct standings_ended *ended, struct event *out)
{
	sanction_event_begin(a, EVENT_EXPIRE, out);
	sanction_event_put(
	    out->rung, sizeof(out->rung), str_from(standing_text(ended->rung)));
	sanction_event_put(out->rule, sizeof(out->rule), str_from(ended->rule));
	out->until = ended->until;
	out->mark = ended->mark;
	out->is_operator = ended->is_operator;
	out->is_observed = ended->is_observed;
	standings_end_cause(ended->cause, out->cause);
	sanction_event_put(
	    out->reason, sizeof(out->reason), str_from(ended->reason));
}

void
sanction_undone(const struct sanction_about *a,
    const struct standings_ended *undone, struct event *out)
{
	struct text t;
	struct json_out j;

	sanction_event_begin(a, EVENT_UNDONE, out);
	sanction_event_put(out->rung, sizeof(out->rung),
	    str_from(standing_text(undone->rung)));
	sanction_event_put(
	    out->rule, sizeof(out->rule), str_from(undone->rule));
	out->mark = undone->mark;
	out->is_observed = undone->is_observed;
	standings_undone_cause(undone->cause, out->cause);
	sanction_event_put(
	    out->after, sizeof(out->after), str_from(undone->cause));
	sanction_event_put(
	    out->reason, sizeof(out->reason), STR("imposed by mistake"));
	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_time(&j, "since", undone->at);
	json_close(&j);
}
