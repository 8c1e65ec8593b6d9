/* app_events - how an event takes effect, and how standings end */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "daemon/tables.h"

enum { TABLES_EVERY_US = 1000 * 1000, ENDS_AT_ONCE = 64 };

static void
log_event(const struct event *e)
{
	if (e->type == EVENT_MODE) {
		log_notice("mode is now %s, by %s", e->rung, e->by);
		return;
	}
	if (e->type == EVENT_ALARM) {
		log_error("alarm: %s: %s", e->subject, e->reason);
		return;
	}
	bool has_rung = e->type == EVENT_SANCTION;

	log_info("%s %s%s%s%s%s: %s [%s]%s", event_type_text(e->type), e->kind,
	    *e->subject ? " " : "", e->subject, has_rung ? " " : "",
	    has_rung ? e->rung : "", e->reason, e->by,
	    e->is_observed ? " (observed: without effect)" : "");
}

/* What follows from every event that was news, wherever it comes from. */
static void
take_effect(struct app *a, const struct event *e)
{
	history_add(a->history, e);
	metric_add(
	    metrics_by(METRICS_EVENTS, str_from(event_type_text(e->type))), 1);
	log_event(e);
	/* Also one that is over by now: its end is told. */
	if (e->until > 0 && e->until < a->next_end)
		a->next_end = e->until;
	a->tables_stale = true;
	app_write_tables(a);
}

/* An alarm changes no standing: it is news once. */
static bool
is_news(struct app *a, const struct event *e)
{
	char id[EVENT_ID];

	if (e->type != EVENT_ALARM)
		return pipeline_fold(a->pipeline, e);
	event_id(e, id);
	return !history_has(a->history, id);
}

void
app_emit(struct app *a, struct event *e)
{
	if (!is_news(a, e))
		return;
	app_board_emit(a->board, e);
	take_effect(a, e);
}

void
app_receive(struct app *a, const struct event *e)
{
	if (is_news(a, e))
		take_effect(a, e);
}

/* At once when it is quiet; in a storm once a second. */
void
app_write_tables(struct app *a)
{
	int64_t mono_us = time_mono_us();
	struct error err;

	if (!a->tables_stale || mono_us - a->tables_us < TABLES_EVERY_US)
		return;
	a->tables_us = mono_us;
	int status = tables_write(a->settings->daemon.state_dir,
	    pipeline_standings(a->pipeline), pipeline_accounts(a->pipeline),
	    &a->settings->limits, pipeline_now_us(a->pipeline) / TIME_US, &err);

	a->tables_stale = status < 0;
	if ((status < 0) == a->is_tables_failing)
		return;
	a->is_tables_failing = status < 0;
	if (status < 0)
		log_error("%s; a suspension now holds only while outpostd "
			  "runs",
		    err.text);
	else
		log_notice("tables are written again");
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
		return; /* the rest in the next tick */
	pipeline_about(e->app->pipeline, what->kind, what->key, &state, &about);
	sanction_expire(&about, what, &e->events[e->n++]);
}

static void
expire(struct app *a, int64_t now)
{
	static struct ended e; /* half a MiB */

	e.app = a;
	e.n = 0;
	standings_each_ended(
	    pipeline_standings(a->pipeline), now, on_ended, &e);
	for (size_t i = 0; i < e.n; i++)
		app_emit(a, &e.events[i]);
	a->next_end =
	    e.n < ENDS_AT_ONCE
		? standings_next_end(pipeline_standings(a->pipeline), now)
		: now;
	a->tables_stale = true;
}

void
app_events_tick(struct app *a)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;

	if (now >= a->next_end)
		expire(a, now);
	app_write_tables(a);
}
