/* app_fbl_parts - what the files of app_fbl share, and nobody else sees */
#ifndef DAEMON_APP_FBL_PARTS_H
#define DAEMON_APP_FBL_PARTS_H

#include "daemon/app_complaints.h"
#include "daemon/app_fbl.h"
#include "daemon/fbl_job.h"
#include "fbl/complaint.h"
#include "fbl/owner.h"
#include "fbl/seen.h"

struct intake {
	struct intake *next, **at;
	struct app_fbl *fbl;
	struct fbl_job *job;
	struct app_fbl_mail mail; /* without its bytes */
	struct owner owner;
	/* Another node has counted it, or this person's. */
	bool is_elsewhere, is_again;
	struct loop_timer *retry;
	unsigned tries;
	fbl_answer_fn *answer;
	void *answer_ctx;
	enum fbl_outcome outcome; /* when it is settled */
};

struct app_fbl {
	struct app *app;
	struct fbl_door *door, *own_door;
	struct fbl_maildir *maildir;
	struct app_imap *imap;
	struct app_xarf *xarf; /* NULL: no port for it */
	struct seen *seen;
	struct app_complaints complaints;
	struct intake *waiting;
	size_t n_waiting;
	struct app_forward *forward;
	char *unread_dir, *forward_dir;
	bool is_failing;
};

/* For metrics. */
void app_fbl_result(const char *result);
/* The report is answered when all that was counted so far is on disk. */
void app_fbl_settle(struct intake *in, enum fbl_outcome outcome);

/* app_fbl_count.c: in->owner is known; counts, perhaps after it asked the other
 * nodes, and settles. */
void app_fbl_count(struct intake *in);

#endif
