/* app_imap - mailboxes that are asked for reports (fbl_imap) */
#include "daemon/app_imap.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/app_state.h"
#include "daemon/fbl_imap_batch.h"
#include "daemon/fbl_tell.h"
#include "daemon/metrics.h"

enum {
	PAUSE = 5, /* when not all could be taken; or it failed */
	PAUSE_MAX = 15 * 60,
	NAME = 400,
	TELL_AFTER = 2, /* failures in a row */
};

enum step { SEARCH, FETCH, SETTLE, CLOSE };

struct job {
	struct fbl_imap_batch *batch;
	enum step step;
	int status;
	struct error err;
	struct mailbox *mailbox;
};

struct taken {
	struct mailbox *mailbox;
	size_t i;
	struct app_fbl_place place;
};

struct mailbox {
	struct app *app;
	char name[NAME]; /* for people */
	struct job *job;
	struct worker *worker; /* it works */
	struct taken taken[FBL_IMAP_BATCH];
	size_t n_waiting;     /* for an answer */
	int64_t pause;	      /* ticks until the next look */
	unsigned n_failed;    /* in a row; logged once */
	bool is_late;	      /* something must come again soon */
	struct error refused; /* of this round: a message; empty: none */
};

struct app_imap {
	struct app *app;
	struct mailbox *v[SETTINGS_IMAP];
	size_t n;
};

static void
free_job(void *ctx)
{
	struct job *j = ctx;

	fbl_imap_batch_free(&j->batch);
	free(j);
}

static void
work(void *ctx)
{
	struct job *j = ctx;

	if (j->step == SEARCH)
		j->status = fbl_imap_batch_search(j->batch, &j->err);
	else if (j->step == FETCH)
		j->status = fbl_imap_batch_fetch(j->batch, &j->err);
	else if (j->step == SETTLE)
		j->status = fbl_imap_batch_settle(j->batch, &j->err);
	else {
		fbl_imap_session_close(&j->batch->session);
		j->status = 0;
	}
}

static void on_worked(void *ctx);

static void
begin(struct mailbox *m, enum step step)
{
	m->job->step = step;
	m->job->status = -1;
	error_set(&m->job->err, "no thread could be made");
	m->worker = worker_start(m->app->loop, work, on_worked, m->job);
}

/* Nothing is left to be done now. */
static void
end_round(struct mailbox *m, int64_t pause)
{
	m->pause = pause;
	m->is_late = false;
	*m->refused.text = '\0';
	m->job->batch->next = 1;
	begin(m, CLOSE);
}

static void
tell_failure(struct mailbox *m, const char *error)
{
	char why[EVENT_TEXT];
	struct text t;

	text_init(&t, why, sizeof(why));
	text_printf(&t, "%s: %s; reports there wait", m->name, error);
	if (m->n_failed++ == 0)
		log_error("%s", why);
	if (m->n_failed == TELL_AFTER)
		fbl_tell_failing(m->app, "mailbox", why);
}

static void
tell_success(struct mailbox *m)
{
	if (m->n_failed > 0)
		log_notice("%s: reports there are taken again", m->name);
	m->n_failed = 0;
}

/* A message that the server refuses is asked for in each round. */
static void
end_batch(struct mailbox *m)
{
	const struct fbl_imap_batch *b = m->job->batch;

	if (*b->refused.text)
		m->refused = b->refused;
	if (!*m->refused.text)
		tell_success(m);
	else if (b->is_whole || m->is_late)
		tell_failure(m, m->refused.text);
	if (m->is_late)
		end_round(m, PAUSE);
	else if (b->is_whole)
		end_round(m, b->session.s.every);
	else
		begin(m, SEARCH);
}

static void
fail(struct mailbox *m)
{
	int64_t pause = PAUSE;

	for (unsigned i = 0; i < m->n_failed && pause < PAUSE_MAX; i++)
		pause *= 2;
	tell_failure(m, m->job->err.text);
	end_round(m, pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

/* What a message is called in the books. */
static void
print_place(const struct mailbox *m, uint32_t uid, struct app_fbl_place *out)
{
	static const struct crypto_key none;
	const struct fbl_imap_batch *b = m->job->batch;
	char name[1024];
	uint8_t all[32];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "imap:%s %s %s %llu %lu", b->session.s.url,
	    b->session.s.user, b->session.s.folder,
	    (unsigned long long)b->uidvalidity, (unsigned long)uid);
	crypto_hmac(&none, text_view(&t), all);
	memcpy(out->taken, all, SEEN_KEY);
	memcpy(out->stayed, all + SEEN_KEY, SEEN_KEY);
}

static bool
is_any(const struct fbl_imap_batch *b, enum fbl_imap_what what)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].what == what)
			return true;
	}
	return false;
}

static void
settle(struct mailbox *m)
{
	const struct fbl_imap_batch *b = m->job->batch;

	if (is_any(b, FBL_IMAP_TAKEN) ||
	    (is_any(b, FBL_IMAP_UNREAD) && *b->session.s.unread_folder))
		begin(m, SETTLE);
	else
		end_batch(m);
}

static void
choose(struct mailbox *m)
{
	struct fbl_imap_batch *b = m->job->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct app_fbl_place *p = &m->taken[i].place;

		print_place(m, b->v[i].uid, p);
		b->v[i].what =
		    app_fbl_has_seen(m->app->fbl, p->taken)    ? FBL_IMAP_TAKEN
		    : app_fbl_has_seen(m->app->fbl, p->stayed) ? FBL_IMAP_UNREAD
							       : FBL_IMAP_FETCH;
	}
	if (is_any(b, FBL_IMAP_FETCH))
		begin(m, FETCH);
	else
		settle(m);
}

static void
tell_stays(struct mailbox *m, uint32_t uid, const char *why)
{
	const char *folder = m->job->batch->session.s.unread_folder;
	char what[EVENT_TEXT];
	struct text t;

	text_init(&t, what, sizeof(what));
	text_printf(&t, "%s, message %lu%s%s: %s", m->name, (unsigned long)uid,
	    *folder ? ", moved to " : "", folder, why);
	fbl_tell_left(m->app, what);
}

static void
on_answer(void *ctx, enum fbl_outcome outcome, const char *why)
{
	const struct taken *t = ctx;
	struct mailbox *m = t->mailbox;
	struct fbl_imap_item *item = &m->job->batch->v[t->i];

	item->what = FBL_IMAP_TAKEN;
	if (outcome == FBL_LATER) {
		item->what = FBL_IMAP_NOTHING;
		m->is_late = true;
	} else if (outcome == FBL_STAYED) {
		item->what = FBL_IMAP_UNREAD;
		tell_stays(m, item->uid, why);
	}
	if (--m->n_waiting == 0)
		settle(m);
}

/* What has no bytes: gone, refused, too large, or the server keeps it to
 * itself. */
static void
pass_over(struct mailbox *m, size_t i)
{
	struct fbl_imap_item *item = &m->job->batch->v[i];

	if (item->size == 0 || item->is_refused) {
		item->what = FBL_IMAP_NOTHING;
		return;
	}
	item->what = FBL_IMAP_UNREAD;
	tell_stays(m, item->uid,
	    item->size > m->job->batch->session.max_bytes
		? "larger than fbl_max_size"
		: "the server doesn't give it out");
	app_fbl_note(m->app->fbl, m->taken[i].place.stayed);
}

static void
take_batch(struct mailbox *m)
{
	struct fbl_imap_batch *b = m->job->batch;

	m->n_waiting = 1; /* until all are asked */
	for (size_t i = 0; i < b->n; i++) {
		struct taken *t = &m->taken[i];
		const struct app_fbl_mail mail = {
		    .bytes = str_make(b->v[i].bytes, b->v[i].n),
		    .stays = true,
		    .place = &t->place};

		if (b->v[i].what != FBL_IMAP_FETCH)
			continue;
		t->mailbox = m;
		t->i = i;
		if (!b->v[i].bytes) {
			pass_over(m, i);
			continue;
		}
		m->n_waiting++;
		app_fbl_take(m->app->fbl, &mail, on_answer, t);
	}
	if (--m->n_waiting == 0)
		settle(m);
}

static void
on_worked(void *ctx)
{
	struct job *j = ctx;
	struct mailbox *m = j->mailbox;

	m->worker = NULL;
	if (j->step == CLOSE)
		return;
	if (j->status < 0) {
		fail(m);
		return;
	}
	if (j->step == SEARCH)
		choose(m);
	else if (j->step == FETCH)
		take_batch(m);
	else
		end_batch(m);
}

static struct mailbox *
new_mailbox(struct app *a, const struct fbl_imap_settings *s)
{
	struct mailbox *m = xalloc(1, sizeof(*m));
	struct text t;

	m->app = a;
	text_init(&t, m->name, sizeof(m->name));
	text_printf(&t, "%s/%s of %s", s->url, s->folder, s->user);
	m->job = xalloc(1, sizeof(*m->job));
	m->job->mailbox = m;
	m->job->batch =
	    fbl_imap_batch_new(s, (size_t)a->settings->fbl.fbl_max_size);
	return m;
}

static void
free_mailbox(struct mailbox *m)
{
	if (m->worker) {
		m->job->batch->session.is_cancelled = true;
		worker_abandon(&m->worker, free_job);
	} else {
		free_job(m->job);
	}
	free(m);
}

struct app_imap *
app_imap_new(struct app *a)
{
	struct app_imap *m = xalloc(1, sizeof(*m));

	m->app = a;
	return m;
}

void
app_imap_free(struct app_imap **mp)
{
	struct app_imap *m = *mp;

	if (!m)
		return;
	*mp = NULL;
	for (size_t i = 0; i < m->n; i++)
		free_mailbox(m->v[i]);
	free(m);
}

static bool
is_of(const struct mailbox *m, const struct fbl_imap_settings *s)
{
	const struct fbl_imap_settings *x = &m->job->batch->session.s;

	return strcmp(x->url, s->url) == 0 && strcmp(x->user, s->user) == 0 &&
	       strcmp(x->folder, s->folder) == 0 &&
	       strcmp(x->password_file, s->password_file) == 0 &&
	       strcmp(x->ca_file, s->ca_file) == 0 &&
	       strcmp(x->after, s->after) == 0 &&
	       strcmp(x->unread_folder, s->unread_folder) == 0 &&
	       x->every == s->every &&
	       m->job->batch->session.max_bytes ==
		   (size_t)m->app->settings->fbl.fbl_max_size;
}

static bool
is_wanted(const struct app_imap *all, const struct mailbox *m)
{
	const struct settings *s = all->app->settings;

	for (size_t i = 0; i < s->n_imap; i++) {
		if (is_of(m, &s->imap[i]))
			return true;
	}
	return false;
}

/* One that is at work goes when its step is over. */
static void
drop_unwanted(struct app_imap *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct mailbox *m = all->v[i];

		if (is_wanted(all, m) || m->worker || m->n_waiting > 0)
			all->v[kept++] = m;
		else
			free_mailbox(m);
	}
	all->n = kept;
}

static void
add_wanted(struct app_imap *all)
{
	const struct settings *s = all->app->settings;

	for (size_t i = 0; i < s->n_imap && all->n < SETTINGS_IMAP; i++) {
		bool is_there = false;

		for (size_t k = 0; k < all->n; k++)
			is_there = is_there || is_of(all->v[k], &s->imap[i]);
		if (!is_there)
			all->v[all->n++] = new_mailbox(all->app, &s->imap[i]);
	}
}

void
app_imap_tick(struct app_imap *all)
{
	drop_unwanted(all);
	add_wanted(all);
	for (size_t i = 0; i < all->n; i++) {
		struct mailbox *m = all->v[i];

		if (m->worker || m->n_waiting > 0)
			continue;
		if (m->pause > 0)
			m->pause--;
		else
			begin(m, SEARCH);
	}
}

void
app_imap_gauges(const struct app_imap *all)
{
	int64_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->v[i]->n_failed > 0;
	metric_set(metrics_get(METRICS_MAILBOXES_FAILING), n);
}
