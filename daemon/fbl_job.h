/* fbl_job - a mail among the reports is read, beside the loop
 *
 * Reading MIME takes longer than a turn may, and what is no report goes to
 * disk: both are a worker's.
 */
#ifndef DAEMON_FBL_JOB_H
#define DAEMON_FBL_JOB_H

#include "base/worker.h"
#include "domains/selfmail.h"
#include "domains/dmarc_report.h"
#include "fbl/report.h"

struct fbl_job {
	struct arena arena; /* all that the report's views point to */
	struct str mail;
	bool is_report;
	struct fbl_report report;
	/* Otherwise: was it kept for a person; why it is none, or why it could
	 * not be kept. */
	bool is_kept;
	/* Neither: it brings a DMARC aggregate report. */
	bool is_dmarc;
	struct dmarc_report dmarc;
	/* Or it is our own test message that came back: of this domain. */
	bool is_test;
	char tested[DNS_NAME];
	struct crypto_key test_key;
	int64_t now;
	enum fbl_unread unread;
	struct error err;
	/* Of fbl_job_keep. */
	const char *dir, *forward_dir, *from;
	loop_fn *done;
	void *ctx; /* the caller's */
	struct worker *worker;
};

/* Where what is no report is kept, and for whom it waits to be forwarded
 * (fbl_forward.h). Empty: not. */
struct fbl_job_keep {
	const char *dir, *forward_dir, *from;
	const struct crypto_key *test_key; /* selfmail_key */
	int64_t now;
};
/* Copies the mail and the names. done(job) comes later,
 * from the loop. */
struct fbl_job *fbl_job_start(struct loop *l, struct str mail,
    const struct fbl_job_keep *keep, loop_fn *done, void *ctx);
void fbl_job_free(struct fbl_job **j);
/* While it is under way: done is not called any more. */
void fbl_job_abandon(struct fbl_job **j);

#endif
