/* disk_verify_parts - what the files of disk_verify share, and nobody else sees
 */
#ifndef BASE_DISK_VERIFY_PARTS_H
#define BASE_DISK_VERIFY_PARTS_H

#include "base/disk_verify.h"
#include "base/str.h"

/* lmdb's mdb.c, 0.9: MDB_page, MDB_meta, MDB_db and MDB_node. */
enum {
	PAGE_FLAGS = 10,
	PAGE_LOWER = 12,
	PAGE_UPPER = 14,
	PAGE_RUN = 12, /* of an overflow page: how many follow each other */
	PAGE_HEAD = 16,

	IS_BRANCH = 0x01,
	IS_LEAF = 0x02,
	IS_OVERFLOW = 0x04,
	IS_META = 0x08,
	IS_KNOWN = 0x7f & ~0x10,

	META_MAGIC = PAGE_HEAD,
	META_VERSION = PAGE_HEAD + 4,
	META_DBS = PAGE_HEAD + 24,
	META_LAST = PAGE_HEAD + 120,
	META_TXN = PAGE_HEAD + 128,
	META_END = PAGE_HEAD + 136,

	DB_PAD = 0, /* of the free list: the size of a page */
	DB_FLAGS = 4,
	DB_DEPTH = 6,
	DB_BRANCHES = 8,
	DB_LEAVES = 16,
	DB_OVERFLOWS = 24,
	DB_ENTRIES = 32,
	DB_ROOT = 40,
	DB_SIZE = 48,

	NODE_FLAGS = 4,
	NODE_KEY = 6,
	NODE_HEAD = 8,
	NODE_BIG = 1,
	NODE_TABLE = 2,

	INTEGER_KEYS = 0x08,
	DEPTH_MAX = 32,
	KEY_MAX = 511,
	SMALLEST_PAGE = 256,
	TRIES = 3,
};
#define MAGIC 0xBEEFC0DEu
#define NO_PAGE UINT64_MAX

enum verify_use { UNUSED, USED, FREE };

struct verify_file {
	const char *path;
	const char *p;
	size_t n;
	size_t page_size;
	uint64_t last_page;
	const char *meta;
	uint8_t *use; /* of each page */
	struct disk_verified *out;
	struct error *err;
};

static inline uint16_t
get16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t
get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t
get64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

int verify_damaged(struct verify_file *f, uint64_t page, const char *what);
/* Maps the file, chooses its head, and takes the step; NULL: that's all. */
int verify_run(const char *path, uint64_t txn, struct disk_verified *out,
    int (*step)(struct verify_file *f), struct error *err);

#endif
