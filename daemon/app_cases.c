/* app_cases - cases in the daemon: opened by events, followed, brought to an
 * end */
#include "daemon/app_cases.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/desk_held.h"
#include "daemon/metrics.h"
#include "limits/sanction_event.h"

enum {
	SLICE = 256,	  /* heads a second and more, see tick */
	DUE_AT_ONCE = 8,  /* events of a slice */
	GONE_AT_ONCE = 4, /* cases of a slice */
	TRIM = 256,	  /* links */
	LATE_US = 60 * 1000 * 1000,
	OVERLAP_US = 600 * 1000 * 1000, /* at the start */
};

struct app_cases {
	struct app *app;
	struct cases *store;
	struct app_evidence *evidence;
	size_t walk; /* of the tick */
	const struct case_head *due[DUE_AT_ONCE], *old[GONE_AT_ONCE];
	enum case_due what[DUE_AT_ONCE];
	size_t n_due, n_old;
	bool is_failing;
};

static const struct notify_settings *
settings_of(const struct app_cases *c)
{
	return &c->app->settings->notify;
}

static int64_t
now_of(const struct app_cases *c)
{
	return loop_now_us(c->app->loop) / TIME_US;
}

/* What the books know and the store may not have had time to write. */
struct catch_up {
	struct app_cases *cases;
	int64_t last;
};

static void
find_last(void *ctx, const struct case_head *head)
{
	struct catch_up *u = ctx;

	if (head->last > u->last)
		u->last = head->last;
}

static void
add_past(void *ctx, const struct event *e)
{
	struct catch_up *u = ctx;

	cases_add(u->cases->store, e, NULL);
}

static void
catch_up(struct app_cases *c)
{
	struct history *h = c->app->history;
	struct catch_up u = {.cases = c};
	struct event after = {0};
	size_t at = 0;

	while (cases_walk(c->store, &at, SLICE, find_last, &u))
		continue;
	after.at_us = u.last > 0 ? u.last * TIME_US - OVERLAP_US : 0;
	history_each(
	    h, STR(""), STR(""), &after, history_count(h), add_past, &u);
}

struct app_cases *
app_cases_new(struct app *a)
{
	struct app_cases *c = xalloc(1, sizeof(*c));
	const struct notify_settings *s = &a->settings->notify;
	const struct cases_options o = {.dir = a->settings->daemon.state_dir,
	    .map_bytes = (size_t)s->cases_map_size};
	struct error err;

	c->app = a;
	c->store = cases_new((size_t)s->cases_max);
	if (s->cases && cases_open(c->store, &o, &err) < 0) {
		log_error("%s; cases are kept in memory only", err.text);
		cases_free(&c->store);
		c->store = cases_new((size_t)s->cases_max);
	}
	cases_start(c->store, a->loop);
	c->evidence = app_evidence_new(a);
	if (s->cases)
		catch_up(c);
	return c;
}

void
app_cases_free(struct app_cases **cp)
{
	struct app_cases *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	app_evidence_free(&c->evidence);
	cases_free(&c->store);
	free(c);
}

struct cases *
app_cases_store(struct app_cases *c)
{
	return c->store;
}

struct app_evidence *
app_cases_evidence(struct app_cases *c)
{
	return c->evidence;
}

struct case_file *
app_cases_file(struct app *a, struct str name)
{
	struct cases *store = a->cases->store;
	char cause[33];
	struct text t;
	struct error err;

	text_init(&t, cause, sizeof(cause));
	text_str(&t, name);
	const struct case_head *head = cases_get(store, cause);

	if (!head || !head->is_opened)
		head = cases_find(store, name);
	struct case_file *f = head ? cases_read(store, head, &err) : NULL;

	if (head && !f)
		log_error("case %s can't be read: %s", head->id, err.text);
	return f;
}

/* Saying. */

static int64_t
latest(const struct case_head *c)
{
	const struct case_stamp *v[] = {&c->opened, &c->answered, &c->password,
	    &c->decided, &c->assigned, &c->kept_set};
	int64_t at = 0;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		at = v[i]->at_us > at ? v[i]->at_us : at;
	return at;
}

static void
say(struct app *a, struct event *e)
{
	const struct case_head *head = cases_get(a->cases->store, e->file);
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(
	    a->pipeline, SUBJECT_ACCOUNT, str_from(e->subject), &state, &about);
	e->at_us = about.now_us;
	if (head && latest(head) >= e->at_us)
		e->at_us = latest(head) + 1;
	e->seq = about.seq;
	sanction_event_put(e->node, sizeof(e->node), str_from(about.node));
	if (!*e->cause)
		standings_own_cause(e, e->cause);
	app_emit(a, e);
}

bool
app_cases_lift(struct app *a, const struct case_head *head, struct str by,
    struct str reason, bool is_innocent, const struct holder_order *held)
{
	char words[HELD_SELECT_TEXT + 64];
	struct standing_state state;
	struct sanction_about about;
	struct event e;
	struct text t;

	pipeline_about(a->pipeline, SUBJECT_ACCOUNT, str_from(head->account),
	    &state, &about);
	/* Complaints so far are to count no more, stopped or not. */
	if (state.rung != STANDING_HELD && state.rung != STANDING_SUSPENDED &&
	    !head->is_complaints)
		return false;
	text_init(&t, words, sizeof(words));
	if (held)
		desk_held_print(held, &t);
	about.held = text_view(&t);
	sanction_lift(
	    &about, about.now_us / TIME_US, is_innocent, by, reason, &e);
	app_emit(a, &e);
	return true;
}

/* What leaves when no person decides. */
static void
automatic_release(const struct app_cases *c, struct holder_order *o)
{
	const char *what = settings_of(c)->case_release;

	*o = (struct holder_order){0};
	o->release.is_given = strcmp(what, "none") != 0;
	o->is_clean_only = strcmp(what, "clean") == 0;
}

static void
lift_by_itself(struct app *a, const char *cause)
{
	struct case_head head = *cases_get(a->cases->store, cause);
	const char *reason = head.answer == CASE_ME
				 ? "a first case, and the owner says it was him"
				 : "the password was changed";
	struct holder_order held;
	static struct event e;

	case_event_begin(&head, EVENT_CASE_DECISION, STR("outpost"), &e);
	sanction_event_put(e.rung, sizeof(e.rung), STR("approved"));
	sanction_event_put(e.reason, sizeof(e.reason), str_from(reason));
	say(a, &e);
	automatic_release(a->cases, &held);
	app_cases_lift(
	    a, &head, STR("outpost"), str_from(reason), false, &held);
}

void
app_cases_say(struct app *a, struct event *e)
{
	const struct case_head *head;
	struct case_question q;
	char cause[33];

	memcpy(cause, e->file, sizeof(cause));
	say(a, e);
	if (e->type != EVENT_CASE_ANSWER && e->type != EVENT_CASE_PASSWORD)
		return;
	head = cases_get(a->cases->store, cause);
	if (!head || !case_is_in_force(head))
		return;
	q = case_question_of(head, settings_of(a->cases)->case_trust);
	if (case_answered(&q) == CASE_LIFTS)
		lift_by_itself(a, cause);
}

/* Hearing. */

bool
app_cases_is_news(struct app_cases *c, const struct event *e)
{
	return !c || !settings_of(c)->cases || !cases_has(c->store, e);
}

/* One that is told again, and may be over since. */
static void
look_if_over(struct app_cases *c, const struct event *e)
{
	struct standing_state state;
	static struct event end;

	if (now_of(c) * TIME_US - e->at_us < LATE_US)
		return;
	standings_get(pipeline_standings(c->app->pipeline), SUBJECT_ACCOUNT,
	    str_from(e->subject), now_of(c), &state);
	if (strcmp(state.cause, e->cause) == 0)
		return;
	end = *e;
	end.type = EVENT_EXPIRE;
	end.at_us = now_of(c) * TIME_US;
	*end.cause = '\0';
	cases_add(c->store, &end, NULL);
}

static void
log_case(const struct event *e)
{
	char id[CASE_ID];

	case_id(e->file, id);
	if (e->type != EVENT_CASE_FILED)
		log_info("%s %s of %s%s%s: %s [%s]", event_type_text(e->type),
		    id, e->subject, *e->rung ? ": " : "", e->rung, e->reason,
		    e->by);
}

void
app_cases_hear(struct app_cases *c, const struct event *told)
{
	static struct event e;
	const struct case_head *opened;

	if (!c || !settings_of(c)->cases || !app_cases_told(told, &e))
		return;
	cases_add(c->store, &e, &opened);
	if (opened && !opened->is_complaints)
		look_if_over(c, &e);
}

void
app_cases_effect(struct app_cases *c, const struct event *e)
{
	const struct case_head *opened;
	struct str node;

	if (!c || !settings_of(c)->cases)
		return;
	cases_add(c->store, e, &opened);
	if (case_is_event(e->type) && !e->is_again)
		log_case(e);
	if (!opened)
		return;
	metric_add(metrics_get(METRICS_CASES_OPENED), 1);
	node = books_node(c->app->books);
	if (str_is(str_from(e->node), node) && !e->is_again)
		app_evidence_file(c->evidence, opened);
	if (!opened->is_complaints)
		look_if_over(c, e);
}

void
app_cases_seal(struct app_cases *c)
{
	if (c)
		cases_seal(c->store);
}

static void
on_committed(void *ctx, const struct error *err)
{
	struct app_cases *c = ctx;

	if ((err != NULL) == c->is_failing)
		return;
	c->is_failing = err != NULL;
	if (err)
		log_error("%s; cases go on from memory", err->text);
	else
		log_notice("cases are written again");
}

void
app_cases_commit(struct app_cases *c)
{
	if (c)
		cases_commit(c->store, on_committed, c);
}

/* The clock. */

static bool
is_over(const struct case_head *head)
{
	return !head->is_kept &&
	       (head->end != CASE_GOES_ON || head->until <= head->last);
}

static void
look(void *ctx, const struct case_head *head)
{
	struct app_cases *c = ctx;
	const struct notify_settings *s = settings_of(c);
	int64_t now = now_of(c);
	enum case_due due =
	    head->is_complaints
		? app_cases_complaints_due(c->app, head)
		: case_due(head, s->case_remind, s->case_close, now);
	bool is_old = now - head->last > s->case_keep &&
		      (head->until <= now || head->end != CASE_GOES_ON);
	bool is_too_many =
	    cases_count(c->store) > (size_t)s->cases_max && is_over(head);

	if (due != CASE_DUE_NOTHING && c->n_due < DUE_AT_ONCE) {
		c->what[c->n_due] = due;
		c->due[c->n_due++] = head;
	}
	if ((is_old || is_too_many) && !head->is_kept &&
	    c->n_old < GONE_AT_ONCE)
		c->old[c->n_old++] = head;
}

/* Saying it moves heads. */
static void
say_due(struct app_cases *c)
{
	struct case_head heads[DUE_AT_ONCE];
	static struct event e;

	for (size_t i = 0; i < c->n_due; i++)
		heads[i] = *c->due[i];
	for (size_t i = 0; i < c->n_due; i++) {
		enum event_type type = c->what[i] == CASE_DUE_CLOSE
					   ? EVENT_CASE_CLOSED
					   : EVENT_CASE_REMINDER;

		case_event_begin(&heads[i], type, STR("outpost"), &e);
		case_stage_cause(&heads[i], type, e.cause);
		sanction_event_put(e.reason, sizeof(e.reason),
		    heads[i].is_complaints ? STR("there are few again")
					   : STR("no answer"));
		say(c->app, &e);
	}
}

static void
remove_old(struct app_cases *c)
{
	struct error err;

	for (size_t i = 0; i < c->n_old; i++) {
		if (cases_remove(
			c->store, c->old[i], "retention", now_of(c), &err) < 0)
			log_error("a case can't be removed: %s", err.text);
	}
}

void
app_cases_tick(struct app *a)
{
	struct app_cases *c = a->cases;
	struct error err;

	if (!c || !settings_of(c)->cases)
		return;
	c->n_due = 0;
	c->n_old = 0;
	if (!cases_walk(c->store, &c->walk, SLICE, look, c)) {
		c->walk = 0;
		if (cases_trim(c->store, TRIM, &err) < 0)
			log_error("the chain of cases can't be trimmed: %s",
			    err.text);
	}
	say_due(c);
	remove_old(c);
}

void
app_cases_status(struct app *a, struct json_out *j)
{
	struct cases_chain chain;
	struct cases_size size;

	cases_size(a->cases->store, &size);
	cases_chain(a->cases->store, &chain);
	json_open(j, "cases");
	json_i64(j, "cases", (int64_t)size.cases);
	json_i64(j, "links", (int64_t)chain.links);
	json_str(j, "head", str_from(chain.head));
	json_i64(j, "used_bytes", (int64_t)size.used_bytes);
	json_i64(j, "map_bytes", (int64_t)size.map_bytes);
	json_bool(j, "in_memory", size.is_in_memory);
	json_close(j);
}

void
app_cases_gauges(struct app *a)
{
	struct cases_size size;

	cases_size(a->cases->store, &size);
	metric_set(metrics_get(METRICS_CASES), (int64_t)size.cases);
	metric_set(metrics_get(METRICS_CASES_WAITING), (int64_t)size.waiting);
}
