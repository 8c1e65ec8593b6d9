/* app_trial - rules on trial: begun by a reload, ended by time or a person
 *
 * Time is the books': while catching up with the log a rule is on trial as long
 * as it was when the mail was sent.
 */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "config/trials.h"

void
app_trial_restore(struct app *a)
{
	struct error err;

	if (trials_restore(a->settings, &err) < 0)
		log_warning("%s", err.text);
}

static void
log_begin(const struct trial *t, const struct trial_rule *r)
{
	char words[640];
	struct text out;

	text_init(&out, words, sizeof(words));
	trial_print_change(t, r, &out);
	text_add(&out, "; until ");
	time_rfc3339(&out, r->until);
	log_notice("rule %s is on trial, whom it would stop is only noted: %s",
	    r->name, words);
}

void
app_trial_begin(struct app *a)
{
	const struct trial *t = a->settings->trial;
	const struct trial *was = a->retired ? a->retired->trial : NULL;

	for (size_t i = 0; t && i < t->n; i++) {
		const struct trial_rule *old = trial_find(was, t->v[i].name);

		if (!old || old->since != t->v[i].since)
			log_begin(t, &t->v[i]);
	}
}

static void
note_end(const char *name)
{
	metric_set(metrics_by(METRICS_TRIAL_ON, str_from(name)), 0);
	metric_set(metrics_by(METRICS_TRIAL_FOUND, str_from(name)), 0);
	log_notice("rule %s is no longer on trial: it holds from now on", name);
}

void
app_trial_settle(struct app *a)
{
	static struct trial was;
	struct error err;

	if (!a->settings->trial)
		return;
	was = *a->settings->trial;
	if (!trials_settle(a->settings, pipeline_standings(a->pipeline),
		ledger_now(pipeline_ledger(a->pipeline))))
		return;
	if (pipeline_set(a->pipeline, a->settings, &err) < 0)
		fatal("rules that were judged by can't be: %s", err.text);
	/* At a start it may have ended long ago. */
	for (size_t i = 0; a->control && i < was.n; i++) {
		if (!trial_find(a->settings->trial, was.v[i].name))
			note_end(was.v[i].name);
	}
}

static void
tell_one(void *ctx, const struct trial_rule *r, uint64_t found)
{
	struct json_out *j = ctx;
	char words[256];
	struct text says;

	text_init(&says, words, sizeof(words));
	text_printf(&says, "%s until ", r->name);
	time_local_text(&says, r->until);
	text_printf(&says,
	    ": it would have stopped %llu so far (outpost trial)",
	    (unsigned long long)found);
	json_open(j, NULL);
	json_str(j, "rule", str_from(r->name));
	json_time(j, "until", r->until);
	json_i64(j, "would_have_stopped", (int64_t)found);
	json_str(j, "says", text_view(&says));
	json_close(j);
}

void
app_trial_status(struct app *a, struct json_out *j)
{
	json_open_array(j, "on_trial");
	desk_trial_each(&a->desk, app_tally_tried(a), tell_one, j);
	json_close_array(j);
}

static void
set_gauges(void *ctx, const struct trial_rule *r, uint64_t found)
{
	(void)ctx;
	metric_set(metrics_by(METRICS_TRIAL_ON, str_from(r->name)), 1);
	metric_set(
	    metrics_by(METRICS_TRIAL_FOUND, str_from(r->name)), (int64_t)found);
}

void
app_trial_gauges(struct app *a)
{
	desk_trial_each(&a->desk, app_tally_tried(a), set_gauges, NULL);
}
