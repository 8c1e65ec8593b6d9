/* disk_verify - the file of an LMDB environment, looked at without LMDB
 *
 * LMDB trusts what it reads: a flipped bit in a page's header or in the list
 * of free pages ends in a crash, or in a page that is used twice. So the whole
 * structure is walked first, by somebody who trusts nothing: every page of
 * every table stands where it may and is used once, keys are in order, the
 * numbers of pages and entries are those that are recorded, no page is both
 * used and free. What stands in the values is the business of their checksums.
 *
 * Knows the file format of LMDB 0.9 (MDB_DATA_VERSION 1), of this machine's
 * byte order and word size, without MDB_DUPSORT tables, which we have not.
 */
#ifndef BASE_DISK_VERIFY_H
#define BASE_DISK_VERIFY_H

#include <stdint.h>
#include "base/error.h"

struct disk_verified {
	uint64_t txn; /* the commit that was looked at */
	uint64_t entries, pages, free_pages;
	uint64_t lost_pages; /* neither used nor free: harmless */
};

/* Looks at the state that commit `txn` left, 0: the latest. While another
 * process writes, a reader must hold that commit. The error names the file and
 * what is wrong with it; the file is only read. */
int disk_verify(const char *path, uint64_t txn, struct disk_verified *out,
    struct error *err);
/* Only what LMDB needs to open it: the two heads. */
int disk_verify_head(const char *path, struct error *err);

#endif
