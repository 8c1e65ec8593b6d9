/* app_events - how an event takes effect, and how standings end */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/app_complaints.h"
#include "daemon/app_services.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "daemon/tables.h"
#include "limits/brake.h"
#include "notify/case.h"

enum {
	TABLES_EVERY_US = 1000 * 1000,
	ENDS_AT_ONCE = 8,
	ENDS_IN_TURN = 4,
	OLD_AT_ONCE = 100,
	LOOKS = 64
};

/* The health of a sending domain, and who sends under a wrong one. */
static bool
is_of_a_domain(const struct event *e)
{
	return e->type == EVENT_DOMAIN_WORSE ||
	       e->type == EVENT_DOMAIN_BETTER || e->type == EVENT_DOMAIN_SET ||
	       e->type == EVENT_SENDER;
}

static void
log_event(const struct event *e)
{
	if (e->type == EVENT_MODE) {
		log_notice("mode is now %s, by %s", e->rung, e->by);
		return;
	}
	if (e->type == EVENT_BRAKE) {
		log_notice("brake: what waits because of %s: %s, by %s",
		    e->rule, e->rung, e->by);
		return;
	}
	if (e->type == EVENT_TRIAL) {
		log_notice("trial of %s: %s, by %s: %s", e->rule, e->rung,
		    e->by, e->reason);
		return;
	}
	if (e->type == EVENT_UNDO) {
		log_notice("what %s did is undone, by %s: %s", e->rule, e->by,
		    e->reason);
		return;
	}
	if (e->type == EVENT_ALARM) {
		log_error("alarm: %s: %s", e->subject, e->reason);
		return;
	}
	if (e->type == EVENT_QUEUE) {
		log_notice("held mail of %s: %s by %s: %s %s", e->subject,
		    e->rule, e->by, e->reason, e->evidence);
		return;
	}
	if (e->type == EVENT_LISTED) {
		log_error("%s %s is %s", e->kind, e->subject, e->reason);
		return;
	}
	bool has_rung = e->type == EVENT_SANCTION || is_of_a_domain(e);

	log_info("%s %s%s%s%s%s: %s [%s]%s", event_type_text(e->type), e->kind,
	    *e->subject ? " " : "", e->subject, has_rung ? " " : "",
	    has_rung ? e->rung : "", e->reason, e->by,
	    !e->is_observed ? ""
	    : strcmp(e->how, SANCTION_TRIED) == 0
		? " (its rule is on trial: without effect)"
		: " (observed: without effect)");
}

/* What follows from every event that was news, wherever it comes from. */
static void
take_effect(struct app *a, const struct event *e)
{
	if (e->type != EVENT_CASE_FILED) /* in its case only: it is large */
		history_add(a->history, e);
	app_cases_effect(a->cases, e);
	app_incidents_effect(a->incidents, e);
	if (e->type == EVENT_SANCTION &&
	    strcmp(e->kind, subject_kind_text(SUBJECT_ACCOUNT)) == 0)
		samples_keep(a->samples, str_from(e->subject));
	metric_add(
	    metrics_by(METRICS_EVENTS, str_from(event_type_text(e->type))), 1);
	if (e->type == EVENT_CASE_REVOKED) {
		a->tables_stale = true; /* links stand there */
		app_write_tables(a);
	}
	if (case_is_event(e->type) || incident_is_event(e->type))
		return; /* no standing changes */
	log_event(e);
	if (strcmp(e->how, SANCTION_TRIED) == 0 || is_of_a_domain(e))
		return; /* nothing follows from it */
	a->tables_stale = true;
	app_write_tables(a);
	app_queue_changed(a->queue);
	app_hooks_effect(a->hooks, e);
	app_undo_effect(a, e);
	if (e->type == EVENT_TRIAL)
		app_trial_settle(a);
	app_lift_effect(a, e);
	if (e->type == EVENT_FORGET)
		app_forget_effect(a, e);
	if (e->type == EVENT_ALLOW)
		app_complaints_allow(app_fbl_complaints(a->fbl), e);
}

/* An alarm, what was done with held mail, what is said of a case: they change
 * no standing, and are news once. */
static bool
is_news(struct app *a, const struct event *e)
{
	char id[EVENT_ID];

	event_id(e, id);
	if (case_is_event(e->type))
		return app_cases_is_news(a->cases, e) &&
		       !history_has(a->history, id);
	if (incident_is_event(e->type))
		return app_incidents_is_news(a->incidents, e);
	if (listings_is_event(e))
		return app_dnsbl_fold(a->dnsbl, e);
	if (e->type != EVENT_ALARM && e->type != EVENT_DIGEST &&
	    e->type != EVENT_QUEUE && e->type != EVENT_ALLOW &&
	    e->type != EVENT_FORGET && !is_of_a_domain(e))
		return pipeline_fold(a->pipeline, e);
	return !history_has(a->history, id);
}

void
app_emit(struct app *a, struct event *e)
{
	if (!is_news(a, e))
		return;
	app_board_emit(a->board, e);
	take_effect(a, e);
	if (e->type == EVENT_BRAKE)
		app_brake_decided(a);
}

void
app_alarm_about(struct app *a, const char *kind, const char *subject,
    const char *rule, const char *reason, const char *cause)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e = {.type = EVENT_ALARM};
	struct text t;

	pipeline_about(a->pipeline, SUBJECT_ACCOUNT, STR(""), &state, &about);
	e.at_us = about.now_us;
	e.seq = about.seq;
	text_init(&t, e.node, sizeof(e.node));
	text_add(&t, about.node);
	text_init(&t, e.kind, sizeof(e.kind));
	text_add(&t, kind);
	text_init(&t, e.subject, sizeof(e.subject));
	text_printable(&t, str_from(subject));
	text_init(&t, e.rule, sizeof(e.rule));
	text_add(&t, rule);
	text_init(&t, e.by, sizeof(e.by));
	text_add(&t, "outpost");
	text_init(&t, e.reason, sizeof(e.reason));
	text_printable(&t, str_from(reason));
	standings_own_cause(&e, e.cause);
	if (cause) {
		text_init(&t, e.cause, sizeof(e.cause));
		text_add(&t, cause);
	}
	app_emit(a, &e);
}

void
app_receive(struct app *a, const struct event *e)
{
	if (e->type == EVENT_CASE_TOLD)
		app_cases_hear(a->cases, e);
	else if (is_news(a, e))
		take_effect(a, e);
}

/* A write of the tables, in a thread of its own. */
struct table_job {
	struct app *app;
	struct tables *tables;
	int status;
	struct error err;
};

static void
note_tables(struct app *a, int status, const struct error *err)
{
	a->tables_stale |= status < 0;
	if ((status < 0) == a->is_tables_failing)
		return;
	a->is_tables_failing = status < 0;
	if (status < 0)
		log_error("%s; a suspension now holds only while outpostd "
			  "runs",
		    err->text);
	else
		log_notice("tables are written again");
}

static void
write_tables(void *job)
{
	struct table_job *j = job;

	j->status = tables_put(j->tables, &j->err);
	tables_free(&j->tables);
}

static void
on_tables_written(void *job)
{
	struct table_job *j = job;
	struct app *a = j->app;

	note_tables(a, j->status, &j->err);
	tables_free(&j->tables);
	free(j);
	a->is_writing_tables = false;
	if (a->is_leaving_loop)
		loop_stop(a->loop);
}

static struct tables_source
tables_of(struct app *a)
{
	return (struct tables_source){
	    .state_dir = a->settings->daemon.state_dir,
	    .standings = pipeline_standings(a->pipeline),
	    .accounts = pipeline_accounts(a->pipeline),
	    .limits = &a->settings->limits,
	    .front_ends = &a->settings->mta.front_ends,
	    .ledger = pipeline_ledger(a->pipeline),
	    .providers = a->settings->providers,
	    .receivers = a->receivers,
	    .slow_transport = app_services_slow(a->services),
	    .chains = pipeline_chains(a->pipeline),
	    .links = app_page_links(a->page),
	    .pools = app_pools_view(a->pools),
	    .pauses = app_parked_view(a->parked),
	    .more = app_pools_put_fresh,
	    .more_ctx = a->pools,
	};
}

static struct tables *
begin_tables(struct app *a)
{
	const struct tables_source from = tables_of(a);

	a->tables_stale = false;
	a->tables_us = time_mono_us();
	return tables_new(&from);
}

static int64_t
now_of(struct app *a)
{
	return pipeline_now_us(a->pipeline) / TIME_US;
}

/* A slice; then a thread writes what was gathered. */
static void
on_gather(void *ctx)
{
	struct app *a = ctx;
	const struct tables_source from = tables_of(a);

	if (tables_gather(a->tables, &from, now_of(a), STANDINGS_SLICE)) {
		loop_timer_work(a->gather);
		return;
	}
	struct table_job *j = xalloc(1, sizeof(*j));

	app_services_tell_slow(a->services, tables_is_unslowed(a->tables));
	j->app = a;
	j->tables = a->tables;
	a->tables = NULL;
	j->status = error_set(&j->err, "no thread to write the tables");
	worker_start(a->loop, write_tables, on_tables_written, j);
}

/* At once when it is quiet; in a storm once a second. */
void
app_write_tables(struct app *a)
{
	if (!a->tables_stale || a->is_writing_tables ||
	    time_mono_us() - a->tables_us < TABLES_EVERY_US)
		return;
	if (!a->gather)
		a->gather = loop_timer_new(a->loop, on_gather, a);
	a->is_writing_tables = true;
	a->tables = begin_tables(a);
	loop_timer_work(a->gather);
}

/* An older write under way must not come after this one. */
void
app_write_tables_now(struct app *a)
{
	struct error err;

	a->is_leaving_loop = true;
	if (a->is_writing_tables)
		loop_run(a->loop);
	a->is_leaving_loop = false;
	const struct tables_source from = tables_of(a);
	struct tables *t = begin_tables(a);

	tables_gather(t, &from, now_of(a), SIZE_MAX);
	note_tables(a, tables_put(t, &err), &err);
	tables_free(&t);
}

void
app_events_stop(struct app *a)
{
	loop_timer_free(&a->gather);
	tables_free(&a->tables);
}

struct ended {
	struct app *app;
	size_t n;
	struct event events[ENDS_AT_ONCE];
};

static void
on_ended(void *ctx, const struct standings_ended *what)
{
	struct ended *e = ctx;
	struct standing_state state;
	struct sanction_about about;

	if (e->n == ENDS_AT_ONCE)
		return; /* the rest next: what is told changes it */
	pipeline_about(e->app->pipeline, what->kind, what->key, &state, &about);
	sanction_expire(&about, what, &e->events[e->n++]);
}

static bool
expire_one(struct app *a, int64_t now, size_t *emitted)
{
	static struct ended e;

	e.app = a;
	e.n = 0;
	if (!standings_end_next(
		pipeline_standings(a->pipeline), now, on_ended, &e))
		return false;
	for (size_t i = 0; i < e.n; i++)
		app_emit(a, &e.events[i]);
	*emitted += e.n;
	return true;
}

bool
app_events_expire(struct app *a)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;
	size_t emitted = 0;
	int n = 0;

	while (
	    n < LOOKS && emitted < ENDS_IN_TURN && expire_one(a, now, &emitted))
		n++;
	if (n == 0)
		return false;
	a->tables_stale = true;
	app_queue_changed(a->queue);
	return true;
}

void
app_events_tick(struct app *a)
{
	const struct daemon_settings *s = &a->settings->daemon;
	int64_t now = loop_now_us(a->loop) / TIME_US;

	history_tick(
	    a->history, (now - s->event_retention) * TIME_US, OLD_AT_ONCE);
	kept_tick(&a->deliveries, now - s->parked_retention, OLD_AT_ONCE);
	app_evidence_tick(app_cases_evidence(a->cases));
	app_undo_tick(a);
	app_digest_tick(a);
	app_desk_report_tick(a);
	app_write_tables(a);
}
