/* fbl_unread - what came in with the reports and is none, for a person to read
 *
 * A provider's confirmation, a plain letter, a report nobody understands: kept
 * in a maildir, on disk before it is acknowledged, with the reason in a field
 * of its own on top (X-Outpost-Unread). Anybody can write such letters, and the
 * books are on that disk: what would leave less than a twentieth of it free, or
 * less than half a GiB of a large one, is not taken; who brings it tries again.
 */
#ifndef DAEMON_FBL_UNREAD_H
#define DAEMON_FBL_UNREAD_H

#include "base/error.h"
#include "base/str.h"

/* May so many bytes more be kept, with so much free of so large a disk? */
bool fbl_unread_fits(uint64_t bytes, uint64_t free, uint64_t size);

/* Blocks (fsync): for a worker. dir is made where it is missing, its parent
 * not. -1 with an error that names the file. */
int fbl_unread_keep(
    const char *dir, struct str mail, const char *why, struct error *err);

#endif
