/* disk_packed - a packed table: LMDB's values are blocks of many records
 *
 * A block (disk_pack.h) with its sum fills one overflow page of LMDB, never a
 * run of them unless a single record is larger: pages are given and taken one
 * by one, as a tree's leaves are. Blocks don't overlap; a record stands in the
 * last block whose key isn't behind its own, or in the first.
 *
 * A batch's changes are merged into the blocks in the order of the keys, each
 * block read and written once. A block that outgrew its page is cut; then the
 * neighbourhood of each that isn't well filled is looked at: where up to
 * WINDOW of them fit into one less, they are packed anew. With random changes
 * that keeps nine tenths of the pages filled, and one page of twenty is written
 * for it besides.
 *
 * For disk*.c only.
 */
#ifndef BASE_DISK_PACKED_H
#define BASE_DISK_PACKED_H

#include "base/disk_pack.h"
#include "base/disk_parts.h"

/* What a batch does to one packed table, in its order. */
struct disk_change {
	struct disk_record to;
	bool is_gone;
	size_t order;
};

struct disk_changes {
	struct disk_change *v;
	size_t n, cap;
};

void disk_changes_add(
    struct disk_changes *c, struct disk_record to, bool is_gone);

/* Does it, and puts the changes into another order. What they view must stay
 * until it is done. A block that is damaged is MDB_CORRUPTED. */
int disk_packed_write(MDB_txn *txn, MDB_dbi table, struct disk_changes *c);

/* The last block whose key isn't behind `key`, or the first. */
int disk_packed_find(
    MDB_cursor *c, struct str key, MDB_val *found, MDB_val *stored);

#endif
