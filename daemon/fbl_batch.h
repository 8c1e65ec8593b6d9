/* fbl_batch - a few files of a maildir, read and moved in a worker */
#ifndef DAEMON_FBL_BATCH_H
#define DAEMON_FBL_BATCH_H

#include "base/error.h"
#include "base/str.h"

enum { FBL_BATCH = 32 };

struct fbl_batch {
	char *dir; /* the maildir */
	size_t max_bytes;
	struct fbl_batch_file {
		char *name, *bytes;
		size_t n;
		bool is_done; /* may be moved */
	} v[FBL_BATCH];
	size_t n;
	bool is_whole; /* all of new/ was looked at */
	size_t n_left; /* can't be taken; of one, what and why */
	char left[512];
};

struct fbl_batch *fbl_batch_new(const char *dir, size_t max_bytes);
void fbl_batch_free(struct fbl_batch **b);

/* Those that are done go to cur/; then all are forgotten. -1: nothing was
 * forgotten, call it again. */
int fbl_batch_move(struct fbl_batch *b, struct error *err);
/* The next ones of new/. A vanished file is none. */
int fbl_batch_read(struct fbl_batch *b, struct error *err);

#endif
