/* fbl_forward - what is no report, for a person who reads mail elsewhere
 *
 * It waits in a maildir of its own until a mail server has taken it. Nothing is
 * forwarded that a machine wrote, or that this installation did: two that
 * forward to each other would never end.
 */
#ifndef DAEMON_FBL_FORWARD_H
#define DAEMON_FBL_FORWARD_H

#include "base/error.h"
#include "base/text.h"

enum { FBL_FORWARD_WAITING = 1000 };

/* from: the address that forwards. */
bool fbl_forward_may(struct str mail, const char *from);
/* For a worker. Nothing is done, and nothing wrong, when as many wait. */
int fbl_forward_keep(
    const char *dir, struct str mail, const char *why, struct error *err);

/* For a worker: the first that waits, its path and bytes; *path is empty when
 * there is none. */
int fbl_forward_next(
    const char *dir, struct text *path, struct text *bytes, struct error *err);
/* It was taken (unlinked), or refused for good (moved to cur/). */
int fbl_forward_done(const char *path, bool is_taken, struct error *err);

/* The letter with the mail in it, whole and unchanged; `kept` is a file that
 * fbl_forward_keep wrote. boundary: random. */
void fbl_forward_write(struct str kept, const char *from, const char *to,
    const char *boundary, int64_t now, struct text *out);

#endif
