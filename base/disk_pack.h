/* disk_pack - many records in one block of bytes
 *
 * A table of small records, changed at random, leaves a third of LMDB's leaves
 * empty, and each record costs a head, a pointer and a sum. A packed table has
 * blocks for LMDB's values instead, each as large as a page (disk_packed.h).
 *
 * A block's own key is that of its first record. The block: a mark; the length
 * of the first value, the value; then of each record: one byte, how much of its
 * key begins as that of the record before; one byte, how much of what follows
 * ends as that does (the upper half), and how long what stands between is (the
 * lower; 15: so much more than that is told in a length); the value's length;
 * what stands between; the value. Lengths are of seven bits a byte, the lowest
 * first.
 *
 * Without the mark, which no length begins with: as blocks were before. Then
 * nothing of a key is told by its end, and there is a length instead of that
 * byte.
 *
 * Pure: knows neither LMDB nor the disk.
 */
#ifndef BASE_DISK_PACK_H
#define BASE_DISK_PACK_H

#include "base/disk.h"
#include "base/text.h"

struct disk_record {
	struct str key, value;
};

/* Blocks are filled up to so much of the room when they are cut anew; less
 * than the second calls for a look at the neighbours. Per cent. */
enum { DISK_PACK_FULL = 96, DISK_PACK_LOW = 87 };

struct disk_pack_reader {
	struct str left;
	bool is_begun;
	bool is_former; /* without the mark */
	bool is_torn;
	size_t key_n;
	char key[DISK_KEY];
};

/* Reads the block whose key is `first`, which is copied. */
void disk_pack_read(
    struct disk_pack_reader *r, struct str first, struct str block);
/* The next record, its key valid until the next call, its value as long as the
 * block; false at the end, or (is_torn) when it is none, or when keys do not
 * ascend. */
bool disk_pack_next(struct disk_pack_reader *r, struct disk_record *out);

/* Appends a record. `before`: the one before it in the block, NULL: it is the
 * first. The keys ascend. */
void disk_pack_add(struct text *out, const struct disk_record *before,
    const struct disk_record *r);
/* How many bytes that takes. */
size_t disk_pack_size(
    const struct disk_record *before, const struct disk_record *r);

/* Cuts n records, n > 0, into blocks of at most `room` bytes each, evenly, and
 * into few; a record that is larger has a block of its own. ends[i] (of which
 * there are n) is set to the first record behind block i. Returns how many
 * blocks. */
size_t disk_pack_plan(
    const struct disk_record *r, size_t n, size_t room, size_t *ends);

#endif
