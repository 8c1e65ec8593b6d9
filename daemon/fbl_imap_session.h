/* fbl_imap_session - a folder on an IMAP server, opened by a worker
 *
 * Blocks. A connection is made when it is needed and none is there; a failure
 * closes it.
 */
#ifndef DAEMON_FBL_IMAP_SESSION_H
#define DAEMON_FBL_IMAP_SESSION_H

#include "base/arena.h"
#include "base/imap_wire.h"
#include "fbl/imap.h"
#include "fbl/settings.h"

struct fbl_imap_session {
	struct arena arena;
	struct fbl_imap_settings s; /* its texts are the arena's */
	size_t max_bytes;	    /* of a mail */
	atomic_bool is_cancelled;
	struct imap_wire *wire; /* NULL: not connected */
	struct imap imap;
	int64_t until_us; /* monotonic; the caller's: when it is given up */
	unsigned tag;
	bool has_move, has_uidplus;
	uint64_t uidvalidity; /* of the folder as it was opened */
	char buf[16384];
	struct str rest; /* of buf, not yet read */
};

/* Copies the settings. */
void fbl_imap_session_init(struct fbl_imap_session *x,
    const struct fbl_imap_settings *s, size_t max_bytes);
void fbl_imap_session_done(struct fbl_imap_session *x);

int fbl_imap_session_open(struct fbl_imap_session *x, struct error *err);
/* Says LOGOUT, and doesn't wait. */
void fbl_imap_session_close(struct fbl_imap_session *x);

/* An untagged line; x->imap.literal is its first literal. */
typedef void fbl_imap_line_fn(void *ctx, struct str line);
/* 0: it was done. 1: the server said NO or BAD, with *err. -1: the connection
 * is lost, with *err. on_line may be NULL. */
int fbl_imap_session_ask(struct fbl_imap_session *x, struct str command,
    fbl_imap_line_fn *on_line, void *ctx, struct error *err);

#endif
