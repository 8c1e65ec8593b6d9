/* fbl_server - the LMTP socket: Postfix, or `outpost ingest`, hands in a report
 *
 * A thin shell around fbl/lmtp.h. A report is acknowledged when whoever takes
 * it says so, which is after the commit that contains it; until then its
 * connection waits, and nothing else of it is read.
 */
#ifndef DAEMON_FBL_SERVER_H
#define DAEMON_FBL_SERVER_H

#include <sys/types.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/str.h"

/* What became of a mail, of the way in that handed it over. */
enum fbl_outcome {
	FBL_LATER,  /* not now: it must come again */
	FBL_TAKEN,  /* a report; what it means is on disk */
	FBL_KNOWN,  /* a report that was taken before */
	FBL_KEPT,   /* none: kept for a person */
	FBL_STAYED, /* none, and not kept here, as the way in wanted */
};
/* Called once, later, never within take. why: a sentence for LATER, KEPT and
 * STAYED, which ends with the call. */
typedef void fbl_answer_fn(
    void *ctx, enum fbl_outcome outcome, const char *why);

struct fbl_server_options {
	const char *address; /* base/sock.h's forms */
	mode_t mode;	     /* of a unix socket */
	const char *host;    /* for the greeting; not copied */
	size_t max_bytes;    /* of a mail */
	int64_t idle_us;     /* a client silent for longer is left; 0: 5 min */
	/* May this local user hand in reports? Asked for unix sockets. */
	bool (*may)(void *ctx, uid_t uid);
	/* A mail; the view ends with the call. */
	void (*take)(void *ctx, struct str mail, fbl_answer_fn *answer,
	    void *answer_ctx);
	void *ctx;
};

struct fbl_server;

/* NULL with an error that names the address. */
struct fbl_server *fbl_server_new(
    struct loop *l, const struct fbl_server_options *o, struct error *err);
/* What waits for its answer gets none. The owner of take forgets them first. */
void fbl_server_free(struct fbl_server **s);

#endif
