/* fbl_maildir - a maildir that reports are delivered to
 *
 * new/ is looked at every few seconds, beside the loop, a few files at once.
 * What was taken is moved to cur/ as read (":2,S") after its answer, so that a
 * file that lies in new/ was not acknowledged; one that was counted and not yet
 * moved comes again, and is known then. What is no plain file, too large or
 * unreadable stays where it is, and is told.
 */
#ifndef DAEMON_FBL_MAILDIR_H
#define DAEMON_FBL_MAILDIR_H

#include "daemon/fbl_server.h"

struct fbl_maildir_hooks {
	/* As fbl_server's. */
	void (*take)(void *ctx, struct str mail, fbl_answer_fn *answer,
	    void *answer_ctx);
	/* More lies there that can't be taken than was told before. */
	void (*left)(void *ctx, const char *what);
	void *ctx;
};

struct fbl_maildir;

struct fbl_maildir *fbl_maildir_new(
    struct loop *l, const struct fbl_maildir_hooks *hooks);
/* As fbl_server_free: the owner of take forgets what waits first. */
void fbl_maildir_free(struct fbl_maildir **m);
/* Once a second. dir empty: none. A larger file than max_bytes stays. */
void fbl_maildir_tick(struct fbl_maildir *m, const char *dir, size_t max_bytes);

#endif
