/* app_reload - a new configuration, judged before it holds
 *
 * A file that can be read may still be wrong: a limit with a zero too few stops
 * half of the customers. So the new rules are first asked about every active
 * account, a few hundred microseconds at a time, and what would newly stop too
 * many is refused with their names. What goes on trial (limits/trial.h) stops
 * nobody, so that is no reason to refuse: whom it would stop is told.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_reload.h"
#include "daemon/app_state.h"
#include "config/generations.h"
#include "daemon/notify_systemd.h"
#include "config/trials.h"

enum {
	TURN_US = 500,
	PAUSE_US = 1000,
	LOOK_EVERY = 16, /* subjects between looks at the clock */
	ACTIVE_FOR = 7 * 86400
};

static void
forget_victims(struct victims *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].account);
		free(w->v[i].reason);
	}
	w->n = 0;
	w->total = 0;
}

static void
forget(struct app_reload *r)
{
	forget_victims(&r->stopped);
	forget_victims(&r->tried);
	r->active = 0;
	r->at = 0;
	r->is_bad = r->is_judging = false;
	settings_free(&r->settings);
}

static void
note_bound(struct settings *old, struct settings *new)
{
	char buf[1024];
	struct text names;

	text_init(&names, buf, sizeof(buf));
	settings_print_bound(old, new, &names);
	if (names.n > 0)
		log_notice("changed, but only a restart lets it take effect: "
			   "%s",
		    buf);
}

/* What holds is remembered. */
static void
keep(struct app *a)
{
	struct error err;

	if (generations_keep(
		a->settings, loop_now_us(a->loop) / TIME_US, &err) < 0)
		log_warning("%s; outpost config won't know this configuration",
		    err.text);
}

static void
reload_dns(struct app *a)
{
	struct dns_options options = settings_dns(&a->settings->daemon);
	struct error err;

	if (app_dns_reload(a->dns, &options, &err) < 0)
		log_warning(
		    "%s; the DNS servers of before are asked", err.text);
}

static int
adopt(struct app *a, struct settings *s, struct error *err)
{
	if (pipeline_set(a->pipeline, s, err) < 0) {
		error_prefix(err, "%s", s->path);
		settings_free(&s);
		return -1;
	}
	note_bound(a->settings, s);
	settings_free(&a->retired);
	a->retired = a->settings;
	a->settings = s;
	keep(a);
	app_trial_begin(a);
	app_policy_reload(a);
	app_lookup_start(a);
	app_web_reload(a->web);
	app_page_reload(a->page);
	reload_dns(a);
	app_dnsbl_reload(a->dnsbl);
	app_clients_reload(a->clients);
	control_server_set_admins(a->control, &s->daemon.admins);
	app_board_reload(a->board);
	app_queue_reload(a->queue);
	unmatched_set_max(a->unmatched, (size_t)s->reputation.unmatched_max);
	series_set_max(a->series, (size_t)s->reputation.series_max);
	receivers_set_max(a->receivers, (size_t)s->reputation.receivers_max);
	app_pools_tick(a->pools); /* tables must not go without them */
	a->tables_stale = true;
	log_notice("configuration read again: %s", s->path);
	return 0;
}

static void
note_victim(struct victims *w, const struct pipeline_view *v, const char *rule)
{
	char words[256];
	struct text t;

	w->total++;
	if (w->n == RELOAD_NAMED)
		return;
	text_init(&t, words, sizeof(words));
	reason_print(&v->verdict.reasons[0], &t);
	w->v[w->n++] = (struct victim){
	    .account = str_dup(subject_key(v->in.subject)),
	    .reason = str_dup(text_view(&t)),
	    .rule = rule,
	    .rung = v->verdict.rung,
	};
}

static void
judge_next(struct app_reload *r, struct subject *s)
{
	static struct pipeline_view v;
	struct pipeline *p = r->app->pipeline;

	if (subject_kind(s) != SUBJECT_ACCOUNT ||
	    subject_last_seen(s) <= ledger_now(pipeline_ledger(p)) - ACTIVE_FOR)
		return;
	r->active++;
	if (pipeline_preview_stops(&r->preview, p, s, &v)) {
		if (v.verdict.n_reasons > 0)
			note_victim(&r->stopped, &v, v.verdict.reasons[0].rule);
		return;
	}
	const struct trial_rule *rule = pipeline_preview_tries(&r->preview, &v);

	if (rule)
		note_victim(&r->tried, &v, rule->name);
}

/* Observed verdicts stop nobody. */
bool
app_reload_is_refused(const struct app_reload *r)
{
	const struct limits_settings *s = &r->app->settings->limits;
	uint64_t share = r->active * (uint64_t)s->reload_share / 1000;
	uint64_t most = (uint64_t)s->reload_most;

	return r->stopped.total > (share > most ? share : most) &&
	       standings_is_enforcing(pipeline_standings(r->app->pipeline));
}

static void start(struct app_reload *r);

static void
finish_signal(struct app_reload *r)
{
	struct settings *s = r->settings;

	if (r->is_bad) {
		log_error("%s; the old configuration stays", r->err.text);
	} else if (app_reload_is_refused(r)) {
		app_reload_log_refusal(r);
	} else {
		r->settings = NULL;
		if (adopt(r->app, s, &r->err) < 0)
			log_error(
			    "%s; the old configuration stays", r->err.text);
	}
	forget(r);
	notify_systemd_ready();
}

static void
finish(struct app_reload *r)
{
	loop_fn *done = r->done;

	r->is_judging = false;
	if (!done) {
		finish_signal(r);
		return;
	}
	r->done = NULL;
	done(r->done_ctx);
	forget(r);
	if (r->is_hup_waiting)
		start(r);
	r->is_hup_waiting = false;
}

static void
on_turn(void *ctx)
{
	struct app_reload *r = ctx;
	struct ledger *l = pipeline_ledger(r->app->pipeline);
	int64_t end_us = time_mono_us() + TURN_US;

	do {
		for (int i = 0; !r->is_bad && i < LOOK_EVERY; i++) {
			struct subject *s = ledger_next(l, &r->at);

			if (!s) {
				finish(r);
				return;
			}
			judge_next(r, s);
		}
		if (r->is_bad) {
			finish(r);
			return;
		}
	} while (time_mono_us() < end_us);
	loop_timer_in(r->turn, PAUSE_US);
}

static void
start(struct app_reload *r)
{
	forget(r);
	r->settings = settings_load(r->app->config_path, &r->err);
	r->is_bad = !r->settings ||
		    app_letters_load(r->settings, &r->err) < 0 ||
		    app_page_load(r->settings, &r->err) < 0;
	if (r->settings &&
	    trials_begin(r->settings, r->app->settings,
		loop_now_us(r->app->loop) / TIME_US, &r->err) < 0)
		log_warning("%s", r->err.text);
	if (r->settings && pipeline_preview_init(&r->preview, r->app->pipeline,
			       r->settings, &r->err) < 0) {
		error_prefix(&r->err, "%s", r->settings->path);
		r->is_bad = true;
	}
	r->is_judging = true;
	loop_timer_in(r->turn, PAUSE_US);
}

static struct app_reload *
get(struct app *a)
{
	if (a->reload)
		return a->reload;
	a->reload = xalloc(1, sizeof(*a->reload));
	a->reload->app = a;
	a->reload->turn = loop_timer_new(a->loop, on_turn, a->reload);
	return a->reload;
}

/* A second signal begins anew: the file may be another one by now. */
void
app_reload_hup(void *app)
{
	struct app_reload *r = get(app);

	notify_systemd_reloading(time_mono_us());
	if (r->is_judging && r->done)
		r->is_hup_waiting = true;
	else
		start(r);
}

bool
app_reload_prepare(struct app *a, const struct control_request *q,
    loop_fn *done, void *done_ctx)
{
	struct app_reload *r = get(a);

	if (!q->may_change || (r->is_judging && r->done))
		return false;
	r->is_hup_waiting |= r->is_judging;
	start(r);
	r->done = done;
	r->done_ctx = done_ctx;
	return true;
}

void
app_reload_answer(
    struct app *a, const struct control_request *q, struct control_reply *reply)
{
	struct app_reload *r = get(a);
	struct settings *s = r->settings;

	if (r->is_judging || (!s && !r->is_bad)) {
		control_fail(reply, EXIT_FAILED,
		    "another reload is under way; nothing was changed");
		return;
	}
	if (r->is_bad) {
		control_fail(
		    reply, EXIT_FAILED, "%s; nothing was changed", r->err.text);
		return;
	}
	if (control_has(q, "dry-run")) {
		app_reload_tell(r, q, false, reply);
		return;
	}
	if (app_reload_is_refused(r) && !control_has(q, "force")) {
		app_reload_refuse(r, q, reply);
		return;
	}
	r->settings = NULL; /* the victims' rules stay: it lives on in app */
	if (adopt(a, s, &r->err) < 0)
		control_fail(
		    reply, EXIT_FAILED, "%s; nothing was changed", r->err.text);
	else
		app_reload_tell(r, q, true, reply);
}

void
app_reload_free(struct app *a)
{
	struct app_reload *r = a->reload;

	if (!r)
		return;
	a->reload = NULL;
	forget(r);
	loop_timer_free(&r->turn);
	free(r);
}

/* The rules that held when outpostd was stopped, unless they are the same. */
void
app_reload_lend(struct app *a)
{
	struct settings *last = generations_last(a->settings);

	if (last && strcmp(last->generation, a->settings->generation) != 0)
		settings_borrow_rules(a->settings, last);
	else
		settings_free(&last);
	app_trial_restore(a);
}

void
app_reload_start(struct app *a)
{
	if (!a->settings->lender) {
		keep(a);
		return;
	}
	log_notice("the configuration changed while outpostd was stopped: its "
		   "rules hold once they were judged");
	start(get(a));
}
