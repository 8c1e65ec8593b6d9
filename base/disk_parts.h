/* disk_parts - what the files of disk share, and nobody else sees
 *
 * Every value is stored with a sum of key and value behind it: a flipped bit
 * is an error that is told, never a wrong count.
 */
#ifndef BASE_DISK_PARTS_H
#define BASE_DISK_PARTS_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/disk.h"
#include "base/disk_queue.h"

enum { DISK_SUM = 4, DISK_PATH = 400 };

#define DISK_META "outpost"
#define DISK_FORMAT STR("format")

struct disk {
	char *dir;
	int dir_fd; /* holds the flock; -1: only reads */
	size_t map_bytes;
	int format, oldest; /* that is read, too */
	/* Once the writer runs, it alone opens and closes the environment:
	 * holding the lock; others read holding it. */
	pthread_mutex_t lock;
	MDB_env *env;
	MDB_txn *snapshot; /* of one that only reads */
	MDB_dbi meta, tables[DISK_TABLES];
	char *names[DISK_TABLES]; /* without DISK_PACKED */
	bool is_packed[DISK_TABLES];
	/* What of a packed table isn't packed yet, 0: nothing. All of it comes
	 * behind what is (disk_move.c). */
	MDB_dbi rests[DISK_TABLES];
	int table_count;
	unsigned commits; /* of this environment */
	_Atomic uint64_t used_bytes;

	struct disk_queue *queue;
};

/* Its queue: what follows is written in the caller's thread. */
void disk_ready(struct disk *d);
/* Of the current state. */
uint64_t disk_count_used(struct disk *d, MDB_txn *txn);
uint32_t disk_sum(struct str key, struct str value);
/* Sets *value to what disk_put was given; false: its sum is wrong. */
bool disk_unsum(struct str key, const MDB_val *stored, struct str *value);
MDB_val disk_val(struct str s);
struct str disk_str(const MDB_val *v);
/* The value with its sum. */
int disk_put_in(MDB_txn *txn, MDB_dbi table, struct str key, struct str value);
/* Does the batch and ends the transaction. */
int disk_write_in(struct disk *d, MDB_txn *txn, const struct disk_batch *b);
/* Packs what is left of each packed table's former form. */
int disk_move(struct disk *d, struct error *err);

int disk_explain(const struct disk *d, int rc, struct error *err);
/* The environment, checked and opened; d->env is closed first. */
int disk_open_env(struct disk *d, bool is_new_ok, struct error *err);

#endif
