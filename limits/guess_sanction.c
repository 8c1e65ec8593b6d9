/* guess_sanction - from a place that guesses to an event */
#include "base/json.h"
#include "base/time.h"
#include "limits/guess.h"
#include "limits/sanction_event.h"

static void
print_what(const struct guess_finding *f, struct text *out)
{
	text_printf(out, "%llu failed logins to %llu accounts in ",
	    (unsigned long long)f->failures, (unsigned long long)f->accounts);
	time_duration_words(out, f->window);
}

static void
put(const struct guess_finding *f, size_t n_good, int64_t at, struct event *out)
{
	struct json_out j;
	struct text t;

	sanction_event_put(out->rule, sizeof(out->rule), STR(GUESS_RULE));
	text_init(&t, out->reason, sizeof(out->reason));
	print_what(f, &t);
	if (n_good > 0)
		text_printf(&t,
		    "; not blocked: %zu accounts in good standing sent from "
		    "there in the last week",
		    n_good);
	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_time(&j, "at", at);
	json_i64(&j, "accounts", (int64_t)f->accounts);
	json_i64(&j, "failures", (int64_t)f->failures);
	json_i64(&j, "window", f->window);
	json_i64(&j, "good_accounts", (int64_t)n_good);
	json_close(&j);
}

static int64_t
duration(const struct limits_settings *s, unsigned repeats)
{
	int64_t seconds = s->guess_block_for;

	while (repeats-- > 0 && seconds < GUESS_LONGEST)
		seconds *= 4;
	return seconds < GUESS_LONGEST ? seconds : GUESS_LONGEST;
}

bool
guess_sanction(const struct sanction_about *a, const struct limits_settings *s,
    const struct guess_finding *f, int64_t at, bool is_enforcing,
    struct event *out)
{
	const struct standing_state *state = a->state;
	enum standing in_force = is_enforcing ? state->rung : state->observed;
	int64_t until = at + duration(s, state->repeats);

	if (in_force >= STANDING_SUSPENDED || state->is_operator ||
	    state->exempt_until > at || until <= a->now_us / TIME_US)
		return false;
	sanction_event_begin(a, EVENT_SANCTION, out);
	sanction_event_put(out->rung, sizeof(out->rung),
	    str_from(standing_text(STANDING_SUSPENDED)));
	out->until = until;
	out->mark = state->epoch;
	out->is_observed = !is_enforcing;
	standings_cause(a->kind, a->key, STANDING_SUSPENDED, STR(GUESS_RULE),
	    state->epoch, !is_enforcing, out->cause);
	put(f, 0, at, out);
	return true;
}

bool
guess_warning(struct standings *s, const struct sanction_about *a,
    const struct guess_finding *f, size_t n_good, int64_t at, bool is_enforcing,
    struct event *out)
{
	int64_t period = at - at % f->window;

	if (standings_knows_warning(
		s, a->kind, a->key, GUESS_RULE, period, !is_enforcing))
		return false;
	sanction_event_begin(a, EVENT_WARNING, out);
	standings_cause(a->kind, a->key, STANDING_GOOD, STR(GUESS_RULE), period,
	    !is_enforcing, out->cause);
	out->mark = period;
	out->until = period + f->window;
	out->is_observed = !is_enforcing;
	put(f, n_good, at, out);
	return true;
}
