/* fbl_job - a mail among the reports is read, beside the loop */
#include "daemon/fbl_job.h"

#include <stdlib.h>

#include "daemon/dmarc_mail.h"
#include "daemon/fbl_forward.h"
#include "daemon/fbl_unread.h"

static int
keep(struct fbl_job *j, const char *why)
{
	if (*j->forward_dir && fbl_forward_may(j->mail, j->from) &&
	    fbl_forward_keep(j->forward_dir, j->mail, why, &j->err) < 0)
		return -1;
	return *j->dir ? fbl_unread_keep(j->dir, j->mail, why, &j->err) : 0;
}

static void
work(void *ctx)
{
	struct fbl_job *j = ctx;
	struct error why, dmarc;

	j->is_test = selfmail_read(&j->test_key, j->mail, j->now, j->tested);
	if (j->is_test)
		return;
	int found = dmarc_mail_read(j->mail, &j->arena, &j->dmarc, &dmarc);

	j->is_dmarc = found > 0;
	if (j->is_dmarc)
		return;
	j->is_report = fbl_report_parse(j->mail, &fbl_limits_default, &j->arena,
			   &j->report, &j->unread, &j->err) == 0;
	if (j->is_report)
		return;
	why = found < 0 && j->unread == FBL_LETTER ? dmarc : j->err;
	j->is_kept = keep(j, why.text) == 0;
	if (j->is_kept)
		j->err = why;
}

static void
on_done(void *ctx)
{
	struct fbl_job *j = ctx;

	j->worker = NULL;
	j->done(j);
}

static void
unneeded(void *ctx)
{
	struct fbl_job *j = ctx;

	fbl_job_free(&j);
}

struct fbl_job *
fbl_job_start(struct loop *l, struct str mail,
    const struct fbl_job_keep *keep_at, loop_fn *done, void *ctx)
{
	struct fbl_job *j = xalloc(1, sizeof(*j));

	arena_init(&j->arena);
	j->mail = arena_str(&j->arena, mail);
	j->dir = arena_dup(&j->arena, str_from(keep_at->dir));
	j->forward_dir = arena_dup(&j->arena, str_from(keep_at->forward_dir));
	j->from = arena_dup(&j->arena, str_from(keep_at->from));
	j->test_key = *keep_at->test_key;
	j->now = keep_at->now;
	error_set(&j->err, "no thread could be made");
	j->done = done;
	j->ctx = ctx;
	j->worker = worker_start(l, work, on_done, j);
	return j;
}

void
fbl_job_free(struct fbl_job **j)
{
	if (!*j)
		return;
	arena_done(&(*j)->arena);
	free(*j);
	*j = NULL;
}

void
fbl_job_abandon(struct fbl_job **j)
{
	if (*j && (*j)->worker)
		worker_abandon(&(*j)->worker, unneeded);
	else
		fbl_job_free(j);
	*j = NULL;
}
