/* app_hooks_result - what became of a program that was run */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_hooks_parts.h"
#include "daemon/metrics.h"
#include "notify/hook.h"

enum { OUTPUT = 1000 };

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

	if (!app_hooks_read(job, &of) || !a->cases)
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

void
app_hooks_give_up(struct hook_job *job, const struct hook_settings *s,
    struct str why, struct str output)
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

void
app_hooks_fail(struct hook_job *job, const struct hook_settings *s,
    struct str why, struct str output)
{
	struct app_hooks *h = job->owner;
	struct hook_tally *t = app_hooks_tally(h, s->name);
	int64_t pause = HOOKS_FIRST_PAUSE,
		now = loop_now_us(h->app->loop) / TIME_US;
	struct text w;

	t->failed++;
	metric_add(metrics_by(METRICS_HOOKS, STR("failed")), 1);
	text_init(&w, t->why, sizeof(t->why));
	text_printable(&w, why);
	bool is_first = t->failing_since == 0;

	if (is_first)
		t->failing_since = now;
	for (unsigned i = 1; i < job->tries && pause < HOOKS_LONGEST_PAUSE; i++)
		pause *= 2;
	if (pause > HOOKS_LONGEST_PAUSE)
		pause = HOOKS_LONGEST_PAUSE;
	if (now + pause > job->at + s->delay + s->retry_for) {
		app_hooks_give_up(job, s, why, output);
		return;
	}
	if (is_first)
		log_warning("hook %s for %s: %s; tried again", s->name,
		    job->account, t->why);
	job->due_us = loop_now_us(h->app->loop) + pause * TIME_US;
}

void
app_hooks_succeed(
    struct hook_job *job, const struct hook_settings *s, struct str output)
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
