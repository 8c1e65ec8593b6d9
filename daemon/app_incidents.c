/* app_incidents - incidents in the daemon: noticed, told, followed, ended */
#include "daemon/app_incidents_parts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/metrics.h"

enum {
	STORED = 1000,
	FOLLOW = 3600,	    /* who is in trouble says so every hour */
	SILENT = 3 * 86400, /* nothing is tried any more */
	DAY = 86400,
};

static struct incident_limits
limits_of(const struct app_incidents *s)
{
	const struct reputation_settings *r = app_incidents_settings(s);

	return (struct incident_limits){r->incident_window, r->incident_floor,
	    r->incident_slow_floor, r->incident_percent};
}

struct app_incidents *
app_incidents_new(struct app *a)
{
	struct app_incidents *s = xalloc(1, sizeof(*s));

	s->app = a;
	s->store = incidents_new(STORED);
	s->causes = causes_new((size_t)a->settings->reputation.causes_max);
	map_init(&s->watches);
	return s;
}

void
app_incidents_free(struct app_incidents **sp)
{
	struct app_incidents *s = *sp;
	struct watch *w;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; (w = map_next(&s->watches, &i));)
		free(w);
	map_done(&s->watches);
	causes_free(&s->causes);
	free(s->blamed);
	incidents_free(&s->store);
	free(s);
}

struct incidents *
app_incidents_store(struct app_incidents *s)
{
	return s->store;
}

void
app_incidents_gauges(struct app_incidents *s)
{
	int64_t n[INCIDENT_BLOCKED + 1] = {0};

	for (const struct incident *i = incidents_newest(s->store); i;
	     i = i->older) {
		if (!i->closed)
			n[incident_level(i)]++;
	}
	for (int l = INCIDENT_SLOWED; l <= INCIDENT_BLOCKED; l++)
		metric_set(
		    metrics_by(METRICS_INCIDENTS,
			str_from(incident_level_text((enum incident_level)l))),
		    n[l]);
	metric_set(
	    metrics_get(METRICS_CAUSES), (int64_t)causes_count(s->causes));
}

struct causes *
app_incidents_who(struct app_incidents *s)
{
	return s->causes;
}

static void
fold_past(void *ctx, const struct event *e)
{
	struct app_incidents *s = ctx;

	incidents_fold(s->store, e);
	app_incidents_note_opening(s, e);
	app_incidents_name(s, e, false);
}

void
app_incidents_restore(struct app_incidents *s)
{
	struct history *h = s->app->history;
	struct str node = books_node(s->app->books);
	const struct incident *i;

	history_each_with(
	    h, STR("\"kind\":\"" INCIDENT_KIND "\""), fold_past, s);
	for (i = incidents_newest(s->store); i; i = i->older) {
		for (size_t n = 0; n < i->n_nodes; n++) {
			struct watch *w;

			if (i->nodes[n].level == INCIDENT_NONE ||
			    !str_is(str_from(i->nodes[n].node), node))
				continue;
			w = app_incidents_watch(s, str_from(i->subject));
			if (!w)
				continue;
			w->told = i->nodes[n].level;
			w->last = w->told_at = i->last;
			sanction_event_put(
			    w->rule, sizeof(w->rule), str_from(i->rule));
			sanction_event_put(
			    w->class, sizeof(w->class), str_from(i->class));
		}
	}
}

static void
put_evidence(struct app_incidents *s, const struct watch *w, int64_t now,
    struct event *e)
{
	struct incident_counts c;
	struct json_out j;
	struct text t;

	incident_watch_sum(
	    &w->counts, app_incidents_settings(s)->incident_window, now, &c);
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "host", str_from(w->host));
	json_str(&j, "reply", str_from(w->reply));
	json_i64(&j, "window", app_incidents_settings(s)->incident_window);
	json_i64(&j, "all", (int64_t)c.all);
	json_i64(&j, "delivered", (int64_t)c.delivered);
	json_i64(&j, "slowed", (int64_t)c.slowed);
	json_i64(&j, "blocked", (int64_t)c.blocked);
	app_incidents_put_causes(s, w, now, &j);
	json_close(&j);
	if (t.is_cut)
		*e->evidence = '\0';
}

static void
put_reason(struct app_incidents *s, const struct watch *w, int64_t now,
    enum incident_level level, struct event *e)
{
	struct str what = str_make(w->name, w->n), provider;
	struct incident_counts c;
	struct text t;

	str_cut(&what, '/', &provider);
	incident_watch_sum(
	    &w->counts, app_incidents_settings(s)->incident_window, now, &c);
	text_init(&t, e->reason, sizeof(e->reason));
	if (level == INCIDENT_NONE) {
		text_printf(&t, "%.*s takes mail from %.*s again",
		    STR_ARG(provider), STR_ARG(what));
		return;
	}
	text_printf(&t, "%.*s %s %.*s: %llu of %llu recipients in ",
	    STR_ARG(provider), level == INCIDENT_BLOCKED ? "refuses" : "slows",
	    STR_ARG(what), (unsigned long long)(c.blocked + c.slowed),
	    (unsigned long long)c.all);
	time_duration_words(&t, app_incidents_settings(s)->incident_window);
	text_printf(&t, "; %.200s", w->reply);
}

static void
begin_event(struct app_incidents *s, const char *subject, enum event_type type,
    struct event *e)
{
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(
	    s->app->pipeline, SUBJECT_ACCOUNT, STR(""), &state, &about);
	memset(e, 0, sizeof(*e));
	e->type = type;
	e->at_us = about.now_us;
	e->seq = about.seq;
	sanction_event_put(e->node, sizeof(e->node), str_from(about.node));
	sanction_event_put(e->kind, sizeof(e->kind), STR(INCIDENT_KIND));
	sanction_event_put(e->subject, sizeof(e->subject), str_from(subject));
	sanction_event_put(e->by, sizeof(e->by), STR("outpost"));
}

/* Of these the one that it belongs to; NULL: a new one. */
static const struct incident *
find_incident(const struct app_incidents *s, const char *subject, int64_t now)
{
	const struct incident *i = incidents_of(s->store, str_from(subject));

	if (i && i->closed &&
	    now - i->closed > app_incidents_settings(s)->incident_reopen)
		return NULL;
	return i;
}

/* Later than what this node said of it before. */
static void
put_time(const struct incident *i, struct event *e)
{
	for (size_t n = 0; i && n < i->n_nodes; n++) {
		if (strcmp(i->nodes[n].node, e->node) == 0 &&
		    i->nodes[n].at_us >= e->at_us)
			e->at_us = i->nodes[n].at_us + 1;
	}
}

static void
put_cause(const struct incident *i, struct event *e, int64_t now)
{
	uint32_t times = i ? i->times : 0;

	if (i)
		sanction_event_put(
		    e->file, sizeof(e->file), str_from(i->cause));
	else
		incident_begin_cause(str_from(e->subject), now, e->file);
	if (e->type == EVENT_INCIDENT_NEWS)
		standings_own_cause(e, e->cause);
	else
		incident_told_cause(e->file, e->type,
		    times + (e->type == EVENT_INCIDENT_OPENED), e->cause);
}

/* Every own IP that was used there lately. */
struct all_blocked {
	const struct app_incidents *incidents;
	struct str provider;
	int64_t since;
	bool is_not;
	unsigned n;
};

static void
look_at_ip(void *ctx, struct str ip, struct str provider, int64_t last)
{
	struct all_blocked *all = ctx;
	int64_t since;

	if (last < all->since)
		return;
	all->n++;
	if (incidents_level(all->incidents->store, ip, provider, &since) !=
	    INCIDENT_BLOCKED)
		all->is_not = true;
}

static void
page_if_all(struct app_incidents *s, const struct incident *i, int64_t now)
{
	struct all_blocked all = {s, i->provider, now - DAY, false, 0};
	char reason[EVENT_TEXT], subject[PROVIDERS_NAME + 32], cause[33];
	struct text t;

	if (i->is_domain)
		return;
	series_each(s->app->series, STR(""), i->provider, look_at_ip, &all);
	if (all.is_not || all.n == 0)
		return;
	text_init(&t, subject, sizeof(subject));
	text_str(&t, i->provider);
	text_init(&t, reason, sizeof(reason));
	text_printf(&t,
	    "%s refuses every address that we send from (%u): incident %s",
	    subject, all.n, i->id);
	incident_told_cause(i->cause, EVENT_ALARM, i->times, cause);
	app_alarm_about(
	    s->app, "provider", subject, "all-blocked", reason, cause);
}

static void
say(struct app_incidents *s, struct watch *w, enum incident_level level)
{
	static struct event e;
	int64_t now = loop_now_us(s->app->loop) / TIME_US;
	const struct incident *i = find_incident(s, w->name, now);
	enum event_type type = EVENT_INCIDENT_NEWS;

	if (level != INCIDENT_NONE && (!i || i->closed))
		type = EVENT_INCIDENT_OPENED;
	begin_event(s, w->name, type, &e);
	if (i && i->closed)
		sanction_event_put(e.how, sizeof(e.how), STR("again"));
	sanction_event_put(
	    e.rung, sizeof(e.rung), str_from(incident_level_text(level)));
	sanction_event_put(e.rule, sizeof(e.rule), str_from(w->rule));
	sanction_event_put(e.class, sizeof(e.class), str_from(w->class));
	put_reason(s, w, now, level, &e);
	if (level != INCIDENT_NONE)
		put_evidence(s, w, now, &e);
	put_cause(i, &e, now);
	put_time(i, &e);
	w->told = level;
	w->told_at = now;
	app_emit(s->app, &e);
	i = incidents_get(s->store, e.file);
	if (i && level == INCIDENT_BLOCKED)
		page_if_all(s, i, now);
}

static void
look_at_watch(struct app_incidents *s, struct watch *w, int64_t now)
{
	const struct incident_limits limits = limits_of(s);
	enum incident_level level =
	    incident_watch_level(&w->counts, &limits, now, w->is_others);

	w->is_dirty = false;
	if (level > w->told || (level != INCIDENT_NONE && w->told == level &&
				   now - w->told_at >= FOLLOW))
		say(s, w, level);
	else if (w->told != INCIDENT_NONE && level == INCIDENT_NONE &&
		 (now - w->last > SILENT ||
		     incident_watch_is_calm(&w->counts, &limits, now)))
		say(s, w, INCIDENT_NONE);
	else if (w->told != INCIDENT_NONE && now - w->told_at >= FOLLOW)
		say(s, w, w->told);
}

/* All nodes are calm, and nobody has said so yet. */
static void
tell_ends(struct app_incidents *s)
{
	static struct event e;
	const struct incident *i;

	for (i = incidents_newest(s->store); i; i = i->older) {
		if (!i->closed || i->ended >= i->times)
			continue;
		begin_event(s, i->subject, EVENT_INCIDENT_CLOSED, &e);
		sanction_event_put(e.file, sizeof(e.file), str_from(i->cause));
		sanction_event_put(e.rung, sizeof(e.rung), STR("none"));
		sanction_event_put(e.rule, sizeof(e.rule), str_from(i->rule));
		sanction_event_put(
		    e.class, sizeof(e.class), str_from(i->class));
		struct text t;

		text_init(&t, e.reason, sizeof(e.reason));
		text_printf(&t, "%.*s takes mail from %.*s again",
		    STR_ARG(i->provider), STR_ARG(i->what));
		incident_told_cause(i->cause, e.type, i->times, e.cause);
		put_time(i, &e);
		app_emit(s->app, &e);
		return; /* the list may have changed */
	}
}

void
app_incidents_tick(struct app_incidents *s)
{
	int64_t now = loop_now_us(s->app->loop) / TIME_US;
	struct watch *w, *old = NULL;

	for (size_t i = 0; (w = map_next(&s->watches, &i));) {
		if (w->is_dirty || w->told != INCIDENT_NONE)
			look_at_watch(s, w, now);
		else if (now - w->last > DAY)
			old = w;
	}
	if (old) {
		s->n_domains -= old->is_domain;
		map_remove(&s->watches, str_make(old->name, old->n));
		free(old);
	}
	tell_ends(s);
	app_incidents_look_at_pause(s, now);
}

bool
app_incidents_is_news(const struct app_incidents *s, const struct event *e)
{
	return incidents_is_news(s->store, e);
}

void
app_incidents_effect(struct app_incidents *s, const struct event *e)
{
	app_incidents_note_opening(s, e);
	if (!incidents_fold(s->store, e))
		return;
	app_incidents_name(s, e, true);
	if (e->type == EVENT_INCIDENT_OPENED)
		log_warning("incident: %s", e->reason);
	else if (e->type == EVENT_INCIDENT_CLOSED)
		log_notice("incident: %s: %s", e->subject, e->reason);
}
