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

/* Called once, later, never within take: the answer for each recipient, as
 * "250 2.0.0 taken" or "451 4.3.0 why not now". */
typedef void fbl_answer_fn(void *ctx, const char *reply);

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
