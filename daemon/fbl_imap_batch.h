/* fbl_imap_batch - some messages of a folder, in a worker
 *
 * Three steps, each blocks: what is there; the messages; what becomes of them.
 * Between two of them the owner decides. A message is known by UIDVALIDITY and
 * UID; when the folder's UIDVALIDITY changes, what is in hand is forgotten.
 */
#ifndef DAEMON_FBL_IMAP_BATCH_H
#define DAEMON_FBL_IMAP_BATCH_H

#include "daemon/fbl_imap_session.h"

enum { FBL_IMAP_BATCH = 32 };

enum fbl_imap_what {
	FBL_IMAP_NOTHING, /* leave it alone */
	FBL_IMAP_FETCH,
	FBL_IMAP_TAKEN,	 /* mark, move or delete it: `after` */
	FBL_IMAP_UNREAD, /* move it to unread_folder, if there is one */
};

struct fbl_imap_batch {
	struct fbl_imap_session session;
	struct fbl_imap_item {
		uint32_t uid;
		enum fbl_imap_what what;
		uint64_t size; /* as the server says; 0: it is gone */
		char *bytes;   /* NULL: not read */
		size_t n;
		bool is_refused; /* the server said NO, maybe for now */
	} v[FBL_IMAP_BATCH];
	size_t n;
	uint64_t uidvalidity; /* of the items */
	uint32_t next;	      /* UID from which on search looks */
	bool is_whole;	      /* it saw the last one */
	struct error refused; /* what it said of one of them; empty: of none */
	/* It was lost while they were asked for; asked one by one, the second
	 * time at this one: left alone for an hour. */
	bool is_careful;
	uint32_t shunned[FBL_IMAP_BATCH];
	size_t n_shunned;
	int64_t shunned_us;
};

struct fbl_imap_batch *fbl_imap_batch_new(
    const struct fbl_imap_settings *s, size_t max_bytes);
void fbl_imap_batch_free(struct fbl_imap_batch **b);

/* The UIDs from b->next on; b->next is behind them then. */
int fbl_imap_batch_search(struct fbl_imap_batch *b, struct error *err);
/* The bytes of those to be fetched, as many as fit at once; one that is too
 * large (size), refused or gone has none. */
int fbl_imap_batch_fetch(struct fbl_imap_batch *b, struct error *err);
/* All are forgotten then. -1: some of them come again. */
int fbl_imap_batch_settle(struct fbl_imap_batch *b, struct error *err);

#endif
