/* app_forward - what is no report goes to unread_to, as soon as it can */
#include "daemon/app_forward.h"

#include <limits.h>
#include <stdlib.h>

#include "base/fetch.h"
#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/app_state.h"
#include "daemon/fbl_forward.h"
#include "daemon/fbl_tell.h"

enum { PERIOD = 2, PAUSE = 5, PAUSE_MAX = 15 * 60, SLACK = 65536 };

/* One look, and one mail; the worker's until it ends. */
struct job {
	struct app_forward *forward;
	char dir[PATH_MAX], path[PATH_MAX];
	struct text at, bytes;
	bool is_taken, is_refused; /* the one before */
	int status;
	struct error err;
};

struct app_forward {
	struct app *app;
	struct fetcher *fetcher;
	struct job *job;
	struct worker *worker;
	bool is_sending;
	int64_t pause;	   /* ticks until the next look */
	unsigned n_failed; /* in a row; logged once */
};

static void
free_job(void *ctx)
{
	struct job *j = ctx;

	text_done(&j->bytes);
	free(j);
}

static void
work(void *ctx)
{
	struct job *j = ctx;

	j->status = 0;
	if (j->is_taken || j->is_refused)
		j->status = fbl_forward_done(j->path, j->is_taken, &j->err);
	if (j->status == 0) {
		j->is_taken = j->is_refused = false;
		text_clear(&j->bytes);
		j->status =
		    fbl_forward_next(j->dir, &j->at, &j->bytes, &j->err);
	}
}

static void
fail(struct app_forward *f, const char *why)
{
	f->pause = PAUSE;
	for (unsigned i = 0; i < f->n_failed && f->pause < PAUSE_MAX; i++)
		f->pause *= 2;
	if (f->n_failed++ == 0)
		log_error("unread_to: %s; what is no report waits in %s", why,
		    f->job->dir);
}

static void
on_sent(void *ctx, const struct fetch_result *r)
{
	struct app_forward *f = ctx;
	char why[EVENT_TEXT];
	struct text t;

	f->is_sending = false;
	f->job->is_taken = !r->error && r->status >= 200 && r->status < 300;
	f->job->is_refused = r->status >= 500 && r->status < 600;
	text_init(&t, why, sizeof(why));
	if (r->error)
		text_printable(&t, str_from(r->error));
	else
		text_printf(&t, "answered %d", r->status);
	if (f->job->is_refused) {
		text_printf(&t, ": %s was not forwarded, and stays in %s/cur",
		    f->job->path, f->job->dir);
		fbl_tell_failing(f->app, "forward", why);
	} else if (!f->job->is_taken) {
		fail(f, why);
		return;
	}
	if (f->n_failed > 0)
		log_notice("unread_to: mail is taken again");
	f->n_failed = 0;
	f->pause = 0;
}

static void
send_it(struct app_forward *f)
{
	const struct settings *s = f->app->settings;
	const char *const rcpt[] = {s->fbl.unread_to, NULL};
	char boundary[64];
	uint8_t random[18];
	struct fetch_request q = {.url = s->notify.letter_smtp,
	    .mail_from = "",
	    .mail_rcpt = rcpt,
	    .timeout_ms = (int)s->notify.letter_timeout * 1000};
	struct error err;
	struct text t, letter;

	crypto_random(random, sizeof(random));
	text_init(&t, boundary, sizeof(boundary));
	crypto_base64url(&t, random, sizeof(random));
	text_grow(&letter, f->job->bytes.n + SLACK);
	fbl_forward_write(text_view(&f->job->bytes), s->notify.letter_from,
	    s->fbl.unread_to, boundary, loop_now_us(f->app->loop) / TIME_US,
	    &letter);
	q.body = text_view(&letter);
	f->is_sending = fetch_start(f->fetcher, &q, on_sent, f, &err) != NULL;
	if (!f->is_sending)
		fail(f, err.text);
	text_done(&letter);
}

static void
on_worked(void *ctx)
{
	struct job *j = ctx;
	struct app_forward *f = j->forward;

	f->worker = NULL;
	f->pause = PERIOD;
	if (j->status < 0)
		fail(f, j->err.text);
	else if (j->at.n > 0)
		send_it(f);
}

static void
begin(struct app_forward *f)
{
	f->job->status = error_set(&f->job->err, "no thread could be made");
	f->worker = worker_start(f->app->loop, work, on_worked, f->job);
}

struct app_forward *
app_forward_new(struct app *a, const char *dir)
{
	struct app_forward *f = xalloc(1, sizeof(*f));
	struct text t;

	f->app = a;
	f->fetcher = fetcher_new(a->loop);
	f->job = xalloc(1, sizeof(*f->job));
	f->job->forward = f;
	text_init(&t, f->job->dir, sizeof(f->job->dir));
	text_add(&t, dir);
	text_init(&f->job->at, f->job->path, sizeof(f->job->path));
	text_grow(&f->job->bytes, SIZE_MAX);
	return f;
}

void
app_forward_free(struct app_forward **fp)
{
	struct app_forward *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	fetcher_free(&f->fetcher);
	if (f->worker)
		worker_abandon(&f->worker, free_job);
	else
		free_job(f->job);
	free(f);
}

void
app_forward_tick(struct app_forward *f)
{
	if (f->worker || f->is_sending || !*f->app->settings->fbl.unread_to)
		return;
	if (f->pause > 0)
		f->pause--;
	else
		begin(f);
}
