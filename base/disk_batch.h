/* disk_batch - what one transaction will do, as bytes in one buffer
 *
 * For disk.c only; others use disk.h.
 */
#ifndef BASE_DISK_BATCH_H
#define BASE_DISK_BATCH_H

#include "base/disk.h"

struct disk_batch {
	struct disk_batch *next;
	struct disk *disk;
	char *p;
	size_t n, cap;
	disk_done_fn *on_done; /* NULL: told already, or nobody asks */
	void *ctx;
};

enum disk_verb { DISK_PUT, DISK_DELETE, DISK_DELETE_TO };

struct disk_step {
	enum disk_verb verb;
	int table;
	struct str key, value;
};

/* The next step from *at (0 at first); false at the end. */
bool disk_batch_next(
    const struct disk_batch *b, size_t *at, struct disk_step *step);

#endif
