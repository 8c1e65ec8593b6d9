/* app_sources - the logs that are followed: whom to believe, how far they were
 * read, and what they lost */
#include <pwd.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

/* A flood loses lines every few seconds: an alarm is no flood. One of a time
 * long ago, met while catching up, is no news. */
enum { ALARM_EVERY_US = 300 * 1000 * 1000, ALARM_OLD_S = 86400 };

/* What was decided elsewhere while we were away (a lift, an exemption, the
 * mode) is to be known before what happened meanwhile is judged. Without Redis
 * that must not be waited for. */
enum { START_LOOK_US = 10 * 1000, START_WAITS_US = 3 * 1000 * 1000 };
/* As many as may ask at a time. */
enum { ORDERS = 64 };

struct app_source {
	int64_t lost; /* lines, as far as it was said how many */
	int64_t lost_at;
	int64_t unsaid; /* since the last alarm */
	int64_t alarm_us;
	uint64_t lines_told;
	char why[200];
	bool is_lossy;
};

struct app_sources {
	struct app_source v[FOLLOW_SOURCES];
	const char *path[FOLLOW_SOURCES]; /* while follow_each runs */
	size_t reading;			  /* whose line is being counted */
	struct loop_timer *start;
	int64_t start_us;
	struct {
		loop_fn *done;
		void *ctx;
	} orders[ORDERS]; /* that came before the start */
	size_t n_orders;
};

void
app_sources_new(struct app *a)
{
	a->sources = xalloc(1, sizeof(*a->sources));
}

void
app_sources_free(struct app *a)
{
	if (a->sources)
		loop_timer_free(&a->sources->start);
	free(a->sources);
	a->sources = NULL;
}

static void
on_start(void *ctx)
{
	struct app *a = ctx;
	struct app_sources *s = a->sources;
	bool is_late = time_mono_us() - s->start_us > START_WAITS_US;

	if (!app_board_is_current(a->board) && !is_late)
		return;
	loop_timer_free(&s->start);
	follow_wait(a->follow, false);
	for (size_t i = 0; i < s->n_orders; i++)
		s->orders[i].done(s->orders[i].ctx);
	s->n_orders = 0;
}

bool
app_sources_prepare(struct app *a, loop_fn *done, void *ctx)
{
	struct app_sources *s = a->sources;

	if (!s->start || s->n_orders == ORDERS)
		return false;
	s->orders[s->n_orders].done = done;
	s->orders[s->n_orders++].ctx = ctx;
	return true;
}

void
app_sources_start(struct app *a)
{
	struct app_sources *s = a->sources;

	s->start_us = time_mono_us();
	s->start = loop_timer_new(a->loop, on_start, a);
	loop_timer_every(s->start, START_LOOK_US);
	follow_wait(a->follow, true);
	follow_start(a->follow, a->loop);
}

void
app_sources_trust(struct app *a)
{
	const struct setting_list *users = &a->settings->daemon.journal_users;
	struct follow_trust trust = {0};
	uint64_t uid;

	for (size_t i = 0; i < users->n && trust.n < FOLLOW_TRUSTED; i++) {
		const struct passwd *pw = getpwnam(users->v[i]);

		if (strcmp(users->v[i], "*") == 0)
			trust.is_anybody = true;
		else if (pw)
			trust.v[trust.n++] = pw->pw_uid;
		else if (str_to_u64(str_from(users->v[i]), &uid))
			trust.v[trust.n++] = (uid_t)uid;
	}
	follow_set_trust(a->follow, &trust);
}

void
app_sources_line(struct app *a, size_t source, struct str line)
{
	a->sources->reading = source;
	app_evidence_line(app_cases_evidence(a->cases), line);
	pipeline_line(a->pipeline, source, line);
}

void
app_alarm(
    struct app *a, const char *rule, const char *subject, const char *reason)
{
	app_alarm_about(a, "log", subject, rule, reason, NULL);
}

static void
find_path(void *ctx, const struct follow_look *look)
{
	struct app_sources *s = ctx;

	s->path[look->source] = look->path;
}

static const char *
path_of(struct app *a, size_t source)
{
	memset(a->sources->path, 0, sizeof(a->sources->path));
	follow_each(a->follow, find_path, a->sources);
	return a->sources->path[source] ? a->sources->path[source] : "log";
}

static void
raise_alarm(struct app *a, size_t source, const char *rule)
{
	struct app_source *s = &a->sources->v[source];
	char reason[EVENT_TEXT];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	if (s->unsaid > 0)
		text_printf(&t, "%lld lines were lost: ", (long long)s->unsaid);
	text_add(&t, s->why);
	s->unsaid = 0;
	s->alarm_us = time_mono_us();
	app_alarm(a, rule, path_of(a, source), reason);
}

static void
note(struct app *a, size_t source, int64_t n, int64_t at, struct str why,
    const char *rule)
{
	struct app_source *s = &a->sources->v[source];
	struct text t;

	text_init(&t, s->why, sizeof(s->why));
	text_printable(&t, why);
	s->is_lossy = true;
	s->lost += n;
	s->lost_at = at;
	if (n > 0)
		metric_add(metrics_by(METRICS_LOST_LINES,
			       str_from(path_of(a, source))),
		    (uint64_t)n);
	if (at + ALARM_OLD_S < loop_now_us(a->loop) / TIME_US)
		return;
	s->unsaid += n;
	if (s->alarm_us == 0 || time_mono_us() - s->alarm_us > ALARM_EVERY_US)
		raise_alarm(a, source, rule);
}

void
app_sources_fact(struct app *a, const struct fact *f)
{
	if (f->kind == FACT_LOST_LINES)
		note(
		    a, a->sources->reading, f->n, f->at, f->text, "lost_lines");
}

void
app_sources_gap(struct app *a, size_t source, const char *why)
{
	log_warning("%s; counts may lack it", why);
	note(a, source, 0, loop_now_us(a->loop) / TIME_US, str_from(why),
	    "log_gap");
}

/* Behind: how old the last line is that was read; else all was read. */
static int64_t
lag(struct app *a, const struct follow_look *look)
{
	int64_t at = pipeline_source_at(a->pipeline, look->source);
	int64_t now = loop_now_us(a->loop) / TIME_US;

	return look->is_behind && at > 0 && now > at ? now - at : 0;
}

struct teller {
	struct app *app;
	struct json_out *json;
};

static void
say(struct app *a, const struct follow_look *look, struct text *t)
{
	const struct app_source *s = &a->sources->v[look->source];

	text_add(t, look->path);
	if (look->is_failing)
		text_add(t, ": can't be read");
	else if (look->is_behind)
		text_printf(t, ": %lld s behind, reading %s",
		    (long long)lag(a, look), look->file);
	else
		text_add(t, ": read to its end");
	text_printf(t, ", %llu lines", (unsigned long long)look->lines);
	if (!s->is_lossy)
		return;
	text_printf(t, "; lost %lld lines, last at ", (long long)s->lost);
	time_local_text(t, s->lost_at);
	text_printf(t, " (%s)", s->why);
}

static void
status_one(void *ctx, const struct follow_look *look)
{
	struct teller *w = ctx;
	struct json_out *j = w->json;
	const struct app_source *s = &w->app->sources->v[look->source];
	char says[1024];
	struct text t;

	text_init(&t, says, sizeof(says));
	say(w->app, look, &t);
	json_open(j, NULL);
	json_str(j, "source", str_from(look->path));
	json_str(j, "file", str_from(look->file));
	json_bool(j, "failing", look->is_failing);
	json_i64(j, "lines", (int64_t)look->lines);
	json_i64(j, "lag_seconds", lag(w->app, look));
	json_i64(j, "bytes_behind", (int64_t)look->bytes_behind);
	json_i64(j, "lost_lines", s->lost);
	if (s->is_lossy) {
		json_time(j, "lost_at", s->lost_at);
		json_str(j, "lost_why", str_from(s->why));
	}
	json_str(j, "says", text_view(&t));
	json_close(j);
}

/* Where it will go on, after a crash too. */
static void
position_one(void *ctx, const struct follow_look *look)
{
	struct json_out *j = ctx;
	const struct follow_place *place = look->place;
	char says[1024];
	struct text t;

	text_init(&t, says, sizeof(says));
	text_printable(&t, str_from(look->file));
	if (place->cursor.n > 0)
		text_printf(&t, " after %.*s", STR_ARG(place->cursor));
	else
		text_printf(
		    &t, " at byte %llu", (unsigned long long)place->offset);
	json_open(j, NULL);
	json_str(j, "source", str_from(look->path));
	json_str(j, "file", str_from(look->file));
	if (place->cursor.n > 0)
		json_str(j, "cursor", place->cursor);
	else
		json_i64(j, "offset", (int64_t)place->offset);
	json_i64(j, "bytes_behind", (int64_t)look->bytes_behind);
	json_str(j, "says", text_view(&t));
	json_close(j);
}

void
app_sources_positions(struct app *a, struct json_out *j)
{
	json_open_array(j, "positions");
	follow_each(a->follow, position_one, j);
	json_close_array(j);
}

void
app_sources_status(struct app *a, struct json_out *j)
{
	struct teller w = {a, j};

	json_open_array(j, "sources");
	follow_each(a->follow, status_one, &w);
	json_close_array(j);
}

static void
gauge_one(void *ctx, const struct follow_look *look)
{
	struct app *a = ctx;
	struct app_source *s = &a->sources->v[look->source];
	struct str path = str_from(look->path);

	metric_set(metrics_by(METRICS_LOG_LAG, path), lag(a, look));
	metric_add(metrics_by(METRICS_SOURCE_LINES, path),
	    look->lines - s->lines_told);
	s->lines_told = look->lines;
}

void
app_sources_gauges(struct app *a)
{
	follow_each(a->follow, gauge_one, a);
}
