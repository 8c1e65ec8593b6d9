/* fbl_job - a mail among the reports is read, beside the loop */
#include "daemon/fbl_job.h"

#include <stdlib.h>

#include "daemon/fbl_unread.h"

static void
work(void *ctx)
{
	struct fbl_job *j = ctx;
	struct error why;

	j->is_report = fbl_report_parse(j->mail, &fbl_limits_default, &j->arena,
			   &j->report, &j->unread, &j->err) == 0;
	if (j->is_report)
		return;
	why = j->err;
	j->is_kept = !*j->unread_dir;
	if (j->is_kept)
		return;
	j->is_kept =
	    fbl_unread_keep(j->unread_dir, j->mail, why.text, &j->err) == 0;
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
fbl_job_start(struct loop *l, struct str mail, const char *unread_dir,
    loop_fn *done, void *ctx)
{
	struct fbl_job *j = xalloc(1, sizeof(*j));

	arena_init(&j->arena);
	j->mail = arena_str(&j->arena, mail);
	j->unread_dir = arena_dup(&j->arena, str_from(unread_dir));
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
