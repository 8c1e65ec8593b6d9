/* app_hooks - programs that are run when an account is stopped, or goes on */
#include "daemon/app_hooks.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_hooks_parts.h"
#include "notify/hook.h"

enum {
	LOOK_US = 1000 * 1000,
	OTHERS_S = 5, /* the node that decided goes first */
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

void
app_hooks_forget(struct app_hooks *h, struct str account)
{
	struct hook_job *job = h ? h->first : NULL;

	while (job) {
		struct hook_job *next = job->next;

		if (!job->is_started && str_is(account, str_from(job->account)))
			app_hooks_drop(job);
		job = next;
	}
}

bool
app_hooks_read(const struct hook_job *job, struct event *e)
{
	const struct kept_item *i =
	    kept_find(&job->owner->app->hooked, str_from(job->key));

	return i && event_parse(i->value, e, NULL);
}

/* --- one after the other --- */

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
		app_hooks_fail(job, s, str_from(error), output);
	else
		app_hooks_succeed(job, s, output);
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
	if (app_hooks_read(job, &e) &&
	    hook_fill(s, &e, &arena, argv, &err) == 0)
		runner_run(h->runner, argv, (int)s->timeout, on_ran, job);
	else
		app_hooks_give_up(job, s, str_from(err.text), STR(""));
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
	job->due_us = now_us(h) + HOOKS_FIRST_PAUSE * TIME_US;
	if (!s || now > job->at + s->delay + s->retry_for + HOOKS_LONGEST_PAUSE)
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
