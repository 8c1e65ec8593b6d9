/* app_hooks - programs that are run when an account is stopped, or goes on */
#include "daemon/app_hooks.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_hooks_parts.h"
#include "daemon/metrics.h"
#include "notify/hook.h"

enum {
	LOOK_US = 1000 * 1000,
	OTHERS_S = 5, /* the node that decided goes first */
	FIRST_PAUSE = 5,
	LONGEST_PAUSE = 15 * 60,
	OUTPUT = 1000,
	JSON_MAX = KEPT_VALUE - 64,
};

static int64_t
now_us(const struct app_hooks *h)
{
	return loop_now_us(h->app->loop);
}

const struct hook_settings *
app_hooks_find(const struct app_hooks *h, const struct hook_job *job)
{
	const struct settings *s = h->app->settings;

	for (size_t i = 0; i < s->n_hooks; i++) {
		size_t n = strlen(s->hooks[i].name);

		if (strncmp(s->hooks[i].name, job->key, n) == 0 &&
		    job->key[n] == ' ')
			return &s->hooks[i];
	}
	return NULL;
}

/* --- in hand, and in the books --- */

static void
forget(struct hook_job *job)
{
	struct hook_job **at = &job->owner->first;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	job->owner->n--;
	free(job->key);
	free(job->account);
	free(job);
}

void
app_hooks_drop(struct hook_job *job)
{
	kept_remove(&job->owner->app->hooked, str_from(job->key));
	forget(job);
}

static struct hook_job *
add(struct app_hooks *h, struct str key, const struct event *e, int64_t at)
{
	struct hook_job *job = xalloc(1, sizeof(*job)), **end = &h->first;

	job->owner = h;
	job->key = str_dup(key);
	job->account = str_dup(str_from(e->subject));
	job->at = at;
	job->taken_us = now_us(h);
	job->is_ours = str_is(books_node(h->app->books), str_from(e->node));
	job->is_end = hook_is_end(e);
	while (*end)
		end = &(*end)->next;
	*end = job;
	h->n++;
	loop_timer_soon(h->look);
	return job;
}

static bool
has_room(struct app_hooks *h)
{
	bool was_full = h->is_full;

	h->is_full = h->n >= HOOKS_WAITING;
	if (h->is_full && !was_full)
		log_error("%d programs of hooks wait: no more are run until "
			  "there is room",
		    HOOKS_WAITING);
	return !h->is_full;
}

/* The case that an event is of; what was lifted, the account's newest. */
static void
name_case(struct app *a, struct event *e)
{
	const struct case_head *head = NULL;
	struct text t;

	if (a->cases && e->type == EVENT_SANCTION)
		head = cases_get(app_cases_store(a->cases), e->cause);
	else if (a->cases)
		head =
		    cases_find(app_cases_store(a->cases), str_from(e->subject));
	text_init(&t, e->file, sizeof(e->file));
	if (head)
		text_add(&t, head->cause);
	else if (e->type == EVENT_SANCTION)
		text_add(&t, e->cause);
}

static void
enqueue(struct app_hooks *h, const struct hook_settings *s, struct event *e)
{
	char key[KEPT_KEY], id[EVENT_ID];
	struct text k, value;
	int64_t now = now_us(h) / TIME_US;

	event_id(e, id);
	text_init(&k, key, sizeof(key));
	text_printf(&k, "%s %s", s->name, *e->cause ? e->cause : id);
	if (kept_find(&h->app->hooked, text_view(&k)) || !has_room(h))
		return;
	text_grow(&value, KEPT_VALUE);
	event_print(e, &value);
	kept_put(&h->app->hooked, text_view(&k), text_view(&value), now);
	text_done(&value);
	struct hook_job *job = add(h, text_view(&k), e, now);
	bool is_later = !job->is_ours && strcmp(s->where, "one") == 0;

	job->due_us =
	    now_us(h) + (s->delay + (is_later ? OTHERS_S : 0)) * TIME_US;
}

/* What ended long ago, as a node hears that was away, is no news. */
void
app_hooks_effect(struct app_hooks *h, const struct event *e)
{
	static struct event bare;
	const struct settings *s = h ? h->app->settings : NULL;
	bool is_named = false;

	for (size_t i = 0; s && i < s->n_hooks; i++) {
		if (!hook_wants(&s->hooks[i], e) ||
		    (hook_is_end(e) &&
			now_us(h) - e->at_us >
			    (s->hooks[i].retry_for + 60) * TIME_US))
			continue;
		if (!is_named) {
			bare = *e;
			*bare.evidence = '\0';
			name_case(h->app, &bare);
			is_named = true;
		}
		enqueue(h, &s->hooks[i], &bare);
	}
}

static bool
read_event(const struct hook_job *job, struct event *e)
{
	const struct kept_item *i =
	    kept_find(&job->owner->app->hooked, str_from(job->key));

	return i && event_parse(i->value, e, NULL);
}

/* --- what became of it --- */

struct hook_tally *
app_hooks_tally(struct app_hooks *h, const char *name)
{
	struct hook_tally *t = h->tallies, *end = t + SETTINGS_HOOKS;
	struct text w;

	while (t + 1 < end && *t->name && strcmp(t->name, name) != 0)
		t++;
	if (strcmp(t->name, name) != 0) {
		*t = (struct hook_tally){0};
		text_init(&w, t->name, sizeof(t->name));
		text_add(&w, name);
	}
	return t;
}

static struct str
last_line(struct str s)
{
	ptrdiff_t at;

	s = str_trim(s);
	at = str_find_last(s, STR("\n"));
	return at < 0 ? s : str_skip(s, (size_t)at + 1);
}

static struct str
tail(struct str s, size_t n)
{
	return s.n > n ? str_skip(s, s.n - n) : s;
}

static void
put_evidence(const struct hook_job *job, const struct event *of,
    struct str output, struct event *e)
{
	char host[256], words[OUTPUT + 1];
	struct json_out j;
	struct text t, label, w;

	text_init(&label, host, sizeof(host));
	app_label(job->owner->app, &label);
	text_init(&w, words, sizeof(words));
	text_printable(&w, tail(str_trim(output), OUTPUT));
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(
	    &j, "what", hook_is_end(of) ? STR("lifted") : str_from(of->rung));
	json_str(&j, "host", text_view(&label));
	json_i64(&j, "tries", job->tries);
	json_str(&j, "output", text_view(&w));
	json_close(&j);
}

/* Into the case, if there is one. */
static void
tell(const struct hook_job *job, const struct hook_settings *s, struct str why,
    struct str output, bool is_done)
{
	static struct event of, e;
	struct app *a = job->owner->app;
	const struct case_head *head;
	struct text t;

	if (!read_event(job, &of) || !a->cases)
		return;
	head = cases_get(app_cases_store(a->cases), of.file);
	if (!head)
		return;
	case_event_begin(head, EVENT_CASE_HOOK, STR("outpost"), &e);
	text_init(&t, e.rule, sizeof(e.rule));
	text_add(&t, s->name);
	text_init(&t, e.rung, sizeof(e.rung));
	text_add(&t, is_done ? "done" : "failed");
	text_init(&t, e.reason, sizeof(e.reason));
	text_printable(&t, str_head(why, 300));
	put_evidence(job, &of, output, &e);
	app_cases_say(a, &e);
}

static void
give_up(struct hook_job *job, const struct hook_settings *s, struct str why,
    struct str output)
{
	struct app *a = job->owner->app;
	char words[EVENT_TEXT];
	struct text t;

	app_hooks_tally(job->owner, s->name)->given_up++;
	metric_add(metrics_by(METRICS_HOOKS, STR("given up")), 1);
	text_init(&t, words, sizeof(words));
	text_printf(&t, "hook %s failed for good, after %u tries: ", s->name,
	    job->tries);
	text_printable(&t, str_head(why, 300));
	if (strcmp(s->where, "one") == 0)
		app_hooks_end_turn(job, true);
	tell(job, s, why, output, false);
	app_alarm_about(a, "account", job->account, "hook", words, NULL);
	app_hooks_drop(job);
}

static void
fail(struct hook_job *job, const struct hook_settings *s, struct str why,
    struct str output)
{
	struct app_hooks *h = job->owner;
	struct hook_tally *t = app_hooks_tally(h, s->name);
	int64_t pause = FIRST_PAUSE, now = now_us(h) / TIME_US;
	struct text w;

	t->failed++;
	metric_add(metrics_by(METRICS_HOOKS, STR("failed")), 1);
	text_init(&w, t->why, sizeof(t->why));
	text_printable(&w, why);
	bool is_first = t->failing_since == 0;

	if (is_first)
		t->failing_since = now;
	for (unsigned i = 1; i < job->tries && pause < LONGEST_PAUSE; i++)
		pause *= 2;
	if (pause > LONGEST_PAUSE)
		pause = LONGEST_PAUSE;
	if (now + pause > job->at + s->delay + s->retry_for) {
		give_up(job, s, why, output);
		return;
	}
	if (is_first)
		log_warning("hook %s for %s: %s; tried again", s->name,
		    job->account, t->why);
	job->due_us = now_us(h) + pause * TIME_US;
}

static void
succeed(struct hook_job *job, const struct hook_settings *s, struct str output)
{
	struct hook_tally *t = app_hooks_tally(job->owner, s->name);

	t->done++;
	t->failing_since = 0;
	metric_add(metrics_by(METRICS_HOOKS, STR("done")), 1);
	log_info("hook %s for %s: done in %lld ms", s->name, job->account,
	    (long long)(time_mono_us() - job->began_us) / 1000);
	tell(job, s, last_line(output), output, true);
	app_hooks_drop(job);
}

static void
on_ran(void *ctx, struct str output, const char *error)
{
	struct hook_job *job = ctx;
	struct app_hooks *h = job->owner;
	const struct hook_settings *s = app_hooks_find(h, job);

	if (h->is_ending)
		return; /* it is in the books */
	job->is_started = false;
	loop_timer_soon(h->look);
	if (s && strcmp(s->where, "one") == 0)
		app_hooks_end_turn(job, error == NULL);
	if (!s)
		app_hooks_drop(job);
	else if (error)
		fail(job, s, str_from(error), output);
	else
		succeed(job, s, output);
}

/* --- whose turn it is --- */

/* Is what it is about still so? */
static bool
is_needed(const struct hook_job *job)
{
	struct app *a = job->owner->app;
	struct standing_state state;

	standings_get(pipeline_standings(a->pipeline), SUBJECT_ACCOUNT,
	    str_from(job->account), now_us(job->owner) / TIME_US, &state);
	return job->is_end == (state.rung != STANDING_HELD &&
				  state.rung != STANDING_SUSPENDED);
}

void
app_hooks_run(struct hook_job *job)
{
	static struct event e;
	struct app_hooks *h = job->owner;
	const struct hook_settings *s = app_hooks_find(h, job);
	const char *argv[HOOK_ARGS + 2];
	struct arena arena;
	struct error err = {"it is unreadable"};

	if (h->is_ending)
		return;
	if (!s || !is_needed(job)) {
		app_hooks_end_turn(job, false);
		app_hooks_drop(job);
		return;
	}
	arena_init(&arena);
	job->tries++;
	job->began_us = time_mono_us();
	if (read_event(job, &e) && hook_fill(s, &e, &arena, argv, &err) == 0)
		runner_run(h->runner, argv, (int)s->timeout, on_ran, job);
	else
		give_up(job, s, str_from(err.text), STR(""));
	arena_done(&arena);
}

/* Another node has it. What it doesn't get done, it tells. */
void
app_hooks_wait(struct hook_job *job)
{
	struct app_hooks *h = job->owner;
	const struct hook_settings *s = app_hooks_find(h, job);
	int64_t now = now_us(h) / TIME_US;

	if (h->is_ending)
		return;
	job->is_started = false;
	job->due_us = now_us(h) + FIRST_PAUSE * TIME_US;
	if (!s || now > job->at + s->delay + s->retry_for + LONGEST_PAUSE)
		app_hooks_drop(job);
}

/* Not two at once for one account, of which one locks and one unlocks; and no
 * more of a hook than it may have. */
static bool
may_start(const struct hook_job *job, const struct hook_settings *s)
{
	const struct app_hooks *h = job->owner;
	int64_t running = 0;

	for (const struct hook_job *o = h->first; o; o = o->next) {
		if (!o->is_started)
			continue;
		if (o->is_end != job->is_end &&
		    strcmp(o->account, job->account) == 0)
			return false;
		running += app_hooks_find(h, o) == s;
	}
	return running < s->at_once;
}

static void
start(struct hook_job *job)
{
	const struct hook_settings *s = app_hooks_find(job->owner, job);

	if (!s || !is_needed(job)) {
		app_hooks_drop(job);
		return;
	}
	if (!may_start(job, s))
		return;
	job->is_started = true;
	if (strcmp(s->where, "one") == 0)
		app_hooks_ask_turn(job, s->timeout);
	else
		app_hooks_run(job);
}

static void
on_look(void *ctx)
{
	struct app_hooks *h = ctx;
	struct hook_job *job = h->first;
	int64_t now = now_us(h);

	while (job) {
		struct hook_job *next = job->next;

		if (!job->is_started && job->due_us <= now)
			start(job);
		job = next;
	}
	if (h->n > 0)
		loop_timer_in(h->look, LOOK_US);
}

/* --- its life --- */

struct app_hooks *
app_hooks_new(struct app *a)
{
	static struct event e;
	struct app_hooks *h = xalloc(1, sizeof(*h));
	const struct kept_item *i;

	h->app = a;
	h->runner = runner_new(a->loop);
	runner_cut(h->runner);
	h->look = loop_timer_new(a->loop, on_look, h);
	kept_walk(&a->hooked);
	while ((i = kept_walk_next(&a->hooked)) != NULL) {
		if (event_parse(i->value, &e, NULL))
			add(h, i->key, &e, i->at);
	}
	return h;
}

void
app_hooks_stop(struct app_hooks *h)
{
	if (!h)
		return;
	h->is_ending = true;
	runner_free(&h->runner);
}

void
app_hooks_free(struct app_hooks **hp)
{
	struct app_hooks *h = *hp;

	if (!h)
		return;
	*hp = NULL;
	app_hooks_stop(h);
	while (h->first)
		forget(h->first);
	loop_timer_free(&h->look);
	free(h);
}
