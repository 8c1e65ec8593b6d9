/* app_reload - a new configuration, judged before it holds
 *
 * A file that can be read may still be wrong: a limit with a zero too few stops
 * half of the customers. So the new rules are first asked about every active
 * account, a few hundred microseconds at a time, and what would newly stop too
 * many is refused with their names.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/generations.h"
#include "daemon/notify_systemd.h"

enum {
	TURN_US = 500,
	PAUSE_US = 1000,
	LOOK_EVERY = 16, /* subjects between looks at the clock */
	ACTIVE_FOR = 7 * 86400,
	NAMED = 100,
	NAMED_LOGGED = 5
};

/* Who would be stopped. */
struct victim {
	char *account, *reason;
	const char *rule; /* lives with the settings */
	enum standing rung;
};

struct app_reload {
	struct app *app;
	struct loop_timer *turn;
	struct settings *settings; /* the new ones; NULL: none are judged */
	struct pipeline_trial trial;
	size_t at; /* of the ledger's subjects */
	uint64_t active, stopped;
	struct victim victims[NAMED];
	size_t n_victims;
	loop_fn *done; /* of the command; NULL: it was a signal */
	void *done_ctx;
	bool is_judging, is_hup_waiting;
	bool is_bad; /* err says why */
	struct error err;
};

static void
forget(struct app_reload *r)
{
	for (size_t i = 0; i < r->n_victims; i++) {
		free(r->victims[i].account);
		free(r->victims[i].reason);
	}
	r->n_victims = 0;
	r->active = r->stopped = 0;
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
	app_policy_reload(a);
	control_server_set_admins(a->control, &s->daemon.admins);
	app_board_reload(a->board);
	app_queue_reload(a->queue);
	a->tables_stale = true;
	log_notice("configuration read again: %s", s->path);
	return 0;
}

static void
note_victim(struct app_reload *r, const struct pipeline_view *v)
{
	char words[256];
	struct text t;

	r->stopped++;
	if (r->n_victims == NAMED)
		return;
	text_init(&t, words, sizeof(words));
	reason_print(&v->verdict.reasons[0], &t);
	r->victims[r->n_victims++] = (struct victim){
	    .account = str_dup(subject_key(v->in.subject)),
	    .reason = str_dup(text_view(&t)),
	    .rule = v->verdict.reasons[0].rule,
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
	if (pipeline_trial_stops(&r->trial, p, s, &v) &&
	    v.verdict.n_reasons > 0)
		note_victim(r, &v);
}

/* Observed verdicts stop nobody. */
static bool
is_refused(const struct app_reload *r)
{
	const struct limits_settings *s = &r->app->settings->limits;
	uint64_t share = r->active * (uint64_t)s->reload_share / 1000;
	uint64_t most = (uint64_t)s->reload_most;

	return r->stopped > (share > most ? share : most) &&
	       standings_is_enforcing(pipeline_standings(r->app->pipeline));
}

static void
print_victim(const struct victim *v, struct text *out)
{
	text_printable(out, str_from(v->account));
	text_printf(
	    out, " would be %s by %s: ", standing_text(v->rung), v->rule);
	text_printable(out, str_from(v->reason));
}

static void
print_count(const struct app_reload *r, struct text *out)
{
	text_printf(out, "it would newly stop %llu of %llu active accounts",
	    (unsigned long long)r->stopped, (unsigned long long)r->active);
}

static void
log_refusal(const struct app_reload *r)
{
	char words[512];
	struct text t;

	text_init(&t, words, sizeof(words));
	print_count(r, &t);
	log_error("%s: %s; the old configuration stays (outpost reload "
		  "--force takes it)",
	    r->settings->path, words);
	for (size_t i = 0; i < r->n_victims && i < NAMED_LOGGED; i++) {
		text_init(&t, words, sizeof(words));
		print_victim(&r->victims[i], &t);
		log_error("%s", words);
	}
	app_alarm_about(r->app, "config", r->settings->path, "reload",
	    "it was not taken: too many accounts would be stopped at once",
	    NULL);
}

static void start(struct app_reload *r);

static void
finish_signal(struct app_reload *r)
{
	struct settings *s = r->settings;

	if (r->is_bad) {
		log_error("%s; the old configuration stays", r->err.text);
	} else if (is_refused(r)) {
		log_refusal(r);
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
	r->is_bad = !r->settings;
	if (r->settings && pipeline_trial_init(&r->trial, r->app->pipeline,
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

static void
print_json(const struct app_reload *r, bool is_taken, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_bool(&j, "reloaded", is_taken);
	json_bool(&j, "refused", !is_taken && is_refused(r));
	json_i64(&j, "active", (int64_t)r->active);
	json_i64(&j, "newly_stopped", (int64_t)r->stopped);
	json_open_array(&j, "accounts");
	for (size_t i = 0; i < r->n_victims; i++) {
		const struct victim *v = &r->victims[i];

		json_open(&j, NULL);
		json_str(&j, "account", str_from(v->account));
		json_str(&j, "standing", str_from(standing_text(v->rung)));
		json_str(&j, "rule", str_from(v->rule));
		json_str(&j, "reason", str_from(v->reason));
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}

static void
print_victims(const struct app_reload *r, struct text *out)
{
	for (size_t i = 0; i < r->n_victims; i++) {
		text_add(out, "  ");
		print_victim(&r->victims[i], out);
		text_char(out, '\n');
	}
	if (r->stopped > r->n_victims)
		text_printf(out, "  and %llu more\n",
		    (unsigned long long)(r->stopped - r->n_victims));
}

/* What is known now is told; is_taken: and holds. */
static void
tell(const struct app_reload *r, const struct control_request *q, bool is_taken,
    struct control_reply *reply)
{
	if (q->is_json) {
		print_json(r, is_taken, &reply->out);
		return;
	}
	if (is_taken)
		text_add(&reply->out, "reloaded");
	else
		text_add(&reply->out, "good");
	if (r->stopped > 0) {
		text_add(&reply->out, "; ");
		print_count(r, &reply->out);
		text_add(&reply->out, ":\n");
		print_victims(r, &reply->out);
	} else {
		text_add(&reply->out,
		    is_taken ? "\n" : "; it would newly stop nobody\n");
	}
}

static void
refuse(const struct app_reload *r, const struct control_request *q,
    struct control_reply *reply)
{
	char words[256];
	struct text t;

	text_init(&t, words, sizeof(words));
	print_count(r, &t);
	control_fail(reply, EXIT_FAILED,
	    "%s: %s; nothing was changed (--force takes it)", r->settings->path,
	    words);
	if (q->is_json)
		print_json(r, false, &reply->out);
	else
		print_victims(r, &reply->err);
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
		tell(r, q, false, reply);
		return;
	}
	if (is_refused(r) && !control_has(q, "force")) {
		refuse(r, q, reply);
		return;
	}
	r->settings = NULL; /* the victims' rules stay: it lives on in app */
	if (adopt(a, s, &r->err) < 0)
		control_fail(
		    reply, EXIT_FAILED, "%s; nothing was changed", r->err.text);
	else
		tell(r, q, true, reply);
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
