/* fbl_maildir - a maildir that reports are delivered to */
#include "daemon/fbl_maildir.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "base/worker.h"
#include "daemon/fbl_batch.h"

enum {
	PERIOD = 2, /* seconds between two looks */
	PAUSE = 5,  /* when not all could be taken */
};

struct job {
	struct fbl_batch *batch;
	bool is_reading; /* besides moving what is done */
	int status;
	struct error err;
	struct fbl_maildir *maildir;
};

struct taken {
	struct fbl_maildir *maildir;
	size_t i;
};

struct fbl_maildir {
	struct loop *loop;
	struct fbl_maildir_hooks hooks;
	struct job *job;       /* NULL: none yet */
	struct worker *worker; /* it works */
	struct taken taken[FBL_BATCH];
	size_t n_waiting; /* for an answer */
	unsigned pause;	  /* ticks until the next look */
	size_t n_told;	  /* of what is left */
	bool is_failing;  /* logged once */
};

static void
free_job(struct job *j)
{
	if (!j)
		return;
	fbl_batch_free(&j->batch);
	free(j);
}

static void
unneeded(void *ctx)
{
	free_job(ctx);
}

static void
work(void *ctx)
{
	struct job *j = ctx;

	j->status = fbl_batch_move(j->batch, &j->err);
	if (j->status == 0 && j->is_reading)
		j->status = fbl_batch_read(j->batch, &j->err);
}

static void on_worked(void *ctx);

static void
begin(struct fbl_maildir *m, bool is_reading)
{
	m->job->is_reading = is_reading;
	m->job->status = -1;
	error_set(
	    &m->job->err, "%s: no thread could be made", m->job->batch->dir);
	m->worker = worker_start(m->loop, work, on_worked, m->job);
}

/* All were answered: what was taken is moved. */
static void
end_batch(struct fbl_maildir *m)
{
	const struct fbl_batch *b = m->job->batch;
	bool is_all = true;

	for (size_t i = 0; i < b->n; i++)
		is_all = is_all && b->v[i].is_done;
	m->pause = is_all ? PERIOD : PAUSE;
	begin(m, is_all);
}

static void
on_answer(void *ctx, enum fbl_outcome outcome, const char *why)
{
	const struct taken *t = ctx;
	struct fbl_maildir *m = t->maildir;

	(void)why;
	m->job->batch->v[t->i].is_done = outcome != FBL_LATER;
	if (--m->n_waiting == 0)
		end_batch(m);
}

static void
tell(struct fbl_maildir *m)
{
	const struct job *j = m->job;
	bool was_failing = m->is_failing;

	m->is_failing = j->status < 0;
	if (m->is_failing && !was_failing)
		log_error("%s; reports there wait", j->err.text);
	if (!m->is_failing && was_failing)
		log_notice("%s: reports there are taken again", j->batch->dir);
}

static void
tell_left(struct fbl_maildir *m)
{
	const struct fbl_batch *b = m->job->batch;
	bool is_more = b->n_left > m->n_told && (m->n_told == 0 || b->is_whole);

	if (is_more || b->is_whole)
		m->n_told = b->n_left;
	if (is_more)
		m->hooks.left(m->hooks.ctx, b->left);
}

static void
take_batch(struct fbl_maildir *m)
{
	const struct fbl_batch *b = m->job->batch;

	tell_left(m);
	m->n_waiting = b->n;
	for (size_t i = 0; i < b->n; i++) {
		m->taken[i] = (struct taken){m, i};
		m->hooks.take(m->hooks.ctx, str_make(b->v[i].bytes, b->v[i].n),
		    on_answer, &m->taken[i]);
	}
}

static void
on_worked(void *ctx)
{
	struct job *j = ctx;
	struct fbl_maildir *m = j->maildir;

	m->worker = NULL;
	tell(m);
	if (j->status < 0)
		m->pause = PAUSE;
	else if (j->is_reading)
		take_batch(m);
}

struct fbl_maildir *
fbl_maildir_new(struct loop *l, const struct fbl_maildir_hooks *hooks)
{
	struct fbl_maildir *m = xalloc(1, sizeof(*m));

	m->loop = l;
	m->hooks = *hooks;
	return m;
}

void
fbl_maildir_free(struct fbl_maildir **mp)
{
	struct fbl_maildir *m = *mp;

	if (!m)
		return;
	*mp = NULL;
	if (m->worker)
		worker_abandon(&m->worker, unneeded);
	else
		free_job(m->job);
	free(m);
}

/* A changed setting holds once all of the old one is moved. */
static void
choose(struct fbl_maildir *m, const char *dir, size_t max_bytes)
{
	struct job *j = m->job;

	if (j && (j->batch->n > 0 || (strcmp(j->batch->dir, dir) == 0 &&
					 j->batch->max_bytes == max_bytes)))
		return;
	free_job(j);
	m->job = NULL;
	m->n_told = 0;
	if (!*dir)
		return;
	m->job = xalloc(1, sizeof(*m->job));
	m->job->batch = fbl_batch_new(dir, max_bytes);
	m->job->maildir = m;
}

void
fbl_maildir_tick(struct fbl_maildir *m, const char *dir, size_t max_bytes)
{
	if (m->worker || m->n_waiting > 0)
		return;
	if (m->pause > 0) {
		m->pause--;
		return;
	}
	choose(m, dir, max_bytes);
	m->pause = PERIOD;
	if (m->job)
		begin(m, true);
}
