/* app_brake - what waits because of a brake, and for whom it is decided
 *
 * An operator's decision about a rule is one event; what it means for each who
 * waits is worked off here a few at a time, by the node that was told, after a
 * restart too.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "limits/brake.h"

enum {
	AT_ONCE = 8,
	AGAIN_US = 10 * 1000,
	LOOK = 64,
	SWEEP = 125,
	ACTIVE_FOR = 7 * 86400,
	HOUR = 3600
};

struct waiter {
	enum subject_kind kind;
	char *key;
};

struct app_brake {
	struct loop_timer *work;
	struct standings_walk walk;
	bool is_walking;
	struct waiter *v; /* about whom is decided */
	size_t n, at;
	size_t sweep;	   /* over all subjects, which of them are active */
	size_t n_subjects; /* when it began */
	uint64_t active;
};

static void
forget(struct app_brake *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].key);
	free(b->v);
	b->v = NULL;
	b->n = b->at = 0;
}

static void
settle_one(struct app *a, const struct waiter *who)
{
	static struct event held, e;
	int64_t now = loop_now_us(a->loop) / TIME_US;
	struct str key = str_from(who->key);
	struct standings_waiting w;
	struct standing_state state;
	struct sanction_about about;

	if (!standings_get_waiting(
		pipeline_standings(a->pipeline), who->kind, key, now, &w) ||
	    !w.is_decided)
		return;
	pipeline_about(a->pipeline, who->kind, key, &state, &about);
	/* Nobody looked at each: what isn't clean stays for that. */
	about.held = STR("{\"release\":\"all\",\"clean\":true}");
	if (!w.is_approved)
		sanction_lift(
		    &about, now, true, str_from(w.by), str_from(w.why), &e);
	else if (event_parse(w.json, &held, NULL))
		sanction_approve(
		    &about, &a->settings->limits, &held, str_from(w.by), &e);
	else
		return;
	app_emit(a, &e);
}

static void
on_waiting(void *ctx, const struct standings_waiting *w)
{
	struct app *a = ctx;
	struct app_brake *b = a->brake;

	if (!w->is_decided || !str_is(str_from(w->node), books_node(a->books)))
		return;
	b->v = xrealloc(b->v, b->n + 1, sizeof(*b->v));
	b->v[b->n++] = (struct waiter){w->kind, str_dup(w->key)};
}

static bool
find_some(struct app *a)
{
	return standings_walk_waiting(pipeline_standings(a->pipeline),
	    &a->brake->walk, LOOK, loop_now_us(a->loop) / TIME_US, on_waiting,
	    a);
}

static void
on_work(void *ctx)
{
	struct app *a = ctx;
	struct app_brake *b = a->brake;

	if (b->is_walking && (b->is_walking = find_some(a))) {
		loop_timer_work(b->work);
		return;
	}
	for (int i = 0; i < AT_ONCE && b->at < b->n; i++)
		settle_one(a, &b->v[b->at++]);
	if (b->at < b->n)
		loop_timer_in(b->work, AGAIN_US);
	else
		forget(b);
}

static struct app_brake *
get(struct app *a)
{
	if (a->brake)
		return a->brake;
	a->brake = xalloc(1, sizeof(*a->brake));
	a->brake->n_subjects = ledger_subjects(pipeline_ledger(a->pipeline));
	a->brake->work = loop_timer_new(a->loop, on_work, a);
	app_brake_decided(a); /* what the last run left */
	return a->brake;
}

void
app_brake_decided(struct app *a)
{
	struct app_brake *b = get(a);

	forget(b);
	standings_walk_begin(pipeline_standings(a->pipeline), &b->walk);
	b->is_walking = true;
	loop_timer_work(b->work);
}

void
app_brake_free(struct app *a)
{
	struct app_brake *b = a->brake;

	if (!b)
		return;
	a->brake = NULL;
	forget(b);
	loop_timer_free(&b->work);
	free(b);
}

static bool
is_active(struct ledger *l, const struct subject *s)
{
	return subject_kind(s) == SUBJECT_ACCOUNT &&
	       subject_last_seen(s) > ledger_now(l) - ACTIVE_FOR;
}

/* Where the ledger grew much it was laid out anew: some were met twice. */
static void
end_sweep(struct app *a, struct app_brake *b)
{
	size_t n = ledger_subjects(pipeline_ledger(a->pipeline));

	if (n <= b->n_subjects + b->n_subjects / 10)
		pipeline_set_active(a->pipeline, b->active);
	b->n_subjects = n;
	b->active = 0;
	b->sweep = 0;
}

/* Some at a time; until all were seen the last count holds. */
static void
sweep(struct app *a, struct app_brake *b)
{
	struct ledger *l = pipeline_ledger(a->pipeline);

	for (int i = 0; i < SWEEP; i++) {
		const struct subject *s = ledger_next(l, &b->sweep);

		if (!s) {
			end_sweep(a, b);
			return;
		}
		b->active += is_active(l, s);
	}
}

void
app_brake_tick(struct app *a)
{
	sweep(a, get(a));
}

static void
tell(struct app *a, const struct event *e, int64_t now)
{
	const struct brake *b =
	    standings_brake(pipeline_standings(a->pipeline));
	int64_t since = brake_decided_us(b, e->rule, NULL) / TIME_US;
	char cause[STANDINGS_CAUSE], reason[EVENT_TEXT];
	struct text t;

	if (since < now - now % HOUR)
		since = now - now % HOUR;
	standings_cause(SUBJECT_ALL, str_from(e->class), STANDING_HELD,
	    str_from(e->rule), since, false, cause);
	text_init(&t, reason, sizeof(reason));
	text_printf(&t,
	    "the rule has suspended its %llu accounts of class %s in an hour; "
	    "the next ones are held until somebody decides (outpost brake)",
	    (unsigned long long)pipeline_budget(a->pipeline), e->class);
	app_alarm_about(a, "rule", e->rule, "brake", reason, cause);
}

void
app_brake_emit(struct app *a, struct event *e)
{
	struct brake *b = standings_brake(pipeline_standings(a->pipeline));
	int64_t now_us = loop_now_us(a->loop);
	bool is_first = strcmp(e->how, SANCTION_BRAKED) == 0 &&
			!brake_is_on(b, e->rule, e->class, now_us);

	app_emit(a, e);
	if (is_first)
		tell(a, e, now_us / TIME_US);
}

/* The lift of a suspension that nobody was told of is not told either. */
static bool
is_unwritten(const struct app *a, const struct event *e)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	int64_t since_us = 0, delay = a->settings->notify.letter_delay;
	bool is_known =
	    time_parse_rfc3339(json_text(json_get(doc, "since")), &since_us);

	json_free(&doc);
	return is_known && e->at_us - since_us < delay * TIME_US;
}

/* What the brake says about a suspension's letter. */
static enum notifiers_when
ask_brake(struct app *a, const struct event *e)
{
	struct brake *b = standings_brake(pipeline_standings(a->pipeline));
	bool is_approved;

	if (e->is_operator || strcmp(e->how, SANCTION_APPROVED) == 0)
		return NOTIFIERS_NOW;
	if (brake_is_on(b, e->rule, e->class, loop_now_us(a->loop)))
		return NOTIFIERS_LATER;
	if (brake_decided_us(b, e->rule, &is_approved) > e->at_us &&
	    !is_approved)
		return NOTIFIERS_NEVER;
	return NOTIFIERS_NOW;
}

int
app_brake_letter(void *ctx, const struct event *e)
{
	struct app *a = ctx;
	struct standing_state state;
	enum subject_kind kind;

	if (e->type == EVENT_LIFT)
		return is_unwritten(a, e) ? NOTIFIERS_NEVER : NOTIFIERS_NOW;
	if (e->type != EVENT_SANCTION ||
	    !subject_kind_parse(str_from(e->kind), &kind))
		return NOTIFIERS_NOW;
	standings_get(pipeline_standings(a->pipeline), kind,
	    str_from(e->subject), loop_now_us(a->loop) / TIME_US, &state);
	if (state.rung != STANDING_SUSPENDED &&
	    state.mark >= e->at_us / TIME_US)
		return NOTIFIERS_NEVER; /* lifted */
	return ask_brake(a, e);
}

struct teller {
	struct json_out *json;
	uint64_t budget;
};

static void
tell_line(void *ctx, const struct brake_line *line)
{
	struct teller *w = ctx;
	char says[256];
	struct text t;

	if (!line->is_on)
		return;
	text_init(&t, says, sizeof(says));
	text_printf(&t,
	    "%s makes accounts of class %s wait: %llu suspended in the last "
	    "hour, its budget is %llu (outpost brake)",
	    line->rule, line->class, (unsigned long long)line->suspended,
	    (unsigned long long)w->budget);
	json_open(w->json, NULL);
	json_str(w->json, "rule", str_from(line->rule));
	json_str(w->json, "class", str_from(line->class));
	json_i64(w->json, "suspended", (int64_t)line->suspended);
	json_i64(w->json, "budget", (int64_t)w->budget);
	json_str(w->json, "says", text_view(&t));
	json_close(w->json);
}

void
app_brake_status(struct app *a, struct json_out *j)
{
	struct teller w = {j, pipeline_budget(a->pipeline)};

	json_open_array(j, "brake");
	brake_each(standings_brake(pipeline_standings(a->pipeline)),
	    loop_now_us(a->loop), tell_line, &w);
	json_close_array(j);
}

/* A rule is one line for each class: on when one is. */
static void
clear_gauge(void *ctx, const struct brake_line *line)
{
	(void)ctx;
	metric_set(metrics_by(METRICS_BRAKE_ON, str_from(line->rule)), 0);
}

static void
set_gauge(void *ctx, const struct brake_line *line)
{
	(void)ctx;
	if (line->is_on)
		metric_set(
		    metrics_by(METRICS_BRAKE_ON, str_from(line->rule)), 1);
}

void
app_brake_gauges(struct app *a)
{
	struct brake *b = standings_brake(pipeline_standings(a->pipeline));
	int64_t now_us = loop_now_us(a->loop);

	brake_each(b, now_us, clear_gauge, NULL);
	brake_each(b, now_us, set_gauge, NULL);
}
