/* record_dense - a packed record in half the bytes
 *
 * For what lies still: on the disk, in Redis, of the silent. Buckets that are
 * alike take few bits: an adaptive binary arithmetic coder, which learns what
 * this record's are like, and begins with what is usual (record_usual.def; what
 * format 4 of the books wrote began with nothing). A bucket takes a tenth of a
 * microsecond, too much for what is counted in or walked over all the time. For
 * record*.c alone.
 */
#ifndef LEDGER_RECORD_DENSE_H
#define LEDGER_RECORD_DENSE_H

#include "ledger/record_cells.h"

enum {
	DENSE_BUCKETS = 512,
	DENSE_FEWEST = 10, /* bytes; below it is little gain */
	DENSE_MOST = 1536, /* bytes; above it takes too long */
	DENSE_MARK = 2,	   /* bytes that no packed record begins with: 0, and */
	DENSE_USUAL = 4,   /* ... or 0: without record_usual.def */
	DENSE_ROOM = DENSE_BUCKETS * BUCKET_MAX,
};

/* Does it begin as dense_pack's do? */
bool dense_is(struct str packed);
bool dense_is_usual(struct str packed);

/* What record_code's buckets say. At most n bytes are written; 0: there would
 * be more. */
size_t dense_pack(const uint8_t *plain, size_t n, uint8_t *out);

/* As record_code's buckets again; false: damaged. Whatever the bytes, there are
 * at most DENSE_BUCKETS of them, in order. */
bool dense_unpack(struct str packed, uint8_t out[DENSE_ROOM], size_t *n);

#endif
