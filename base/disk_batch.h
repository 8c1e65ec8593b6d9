/* disk_batch - what one transaction will do, as bytes in a chain of blocks
 *
 * For disk.c only; others use disk.h.
 */
#ifndef BASE_DISK_BATCH_H
#define BASE_DISK_BATCH_H

#include "base/disk.h"

/* Blocks, for a buffer that grows is copied: megabytes in one turn. A step
 * stands in one block. */
struct disk_block {
	struct disk_block *next;
	size_t n, cap;
	char p[];
};

struct disk_batch {
	struct disk_batch *next;
	struct disk *disk;
	struct disk_block *first, *last;
	size_t n;	       /* bytes in all */
	disk_done_fn *on_done; /* NULL: told already, or nobody asks */
	void *ctx;
};

enum disk_verb { DISK_PUT, DISK_DELETE, DISK_DELETE_TO };

struct disk_step {
	enum disk_verb verb;
	int table;
	struct str key, value;
};

/* The next step from *at (all zero at first); false at the end. */
struct disk_cursor {
	const struct disk_block *block;
	size_t at;
};
bool disk_batch_next(
    const struct disk_batch *b, struct disk_cursor *at, struct disk_step *step);

#endif
