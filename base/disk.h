/* disk - an LMDB environment with one writer thread
 *
 * The loop fills a batch and hands it over; the writer commits it in one
 * transaction with fsync and posts the result back to the loop. Batches are
 * committed in the order they were handed over. Reading happens at start-up
 * (disk_each) and in the tools; no read transaction outlives a call.
 * The map's size is fixed: reaching it is an error that names the setting.
 * Whatever was changed on the disk behind our back is an error, never a crash
 * or a wrong value: the structure is checked before LMDB may touch it
 * (disk_verify), each value by a sum. LMDB is known to disk*.c only.
 */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>
#include <sys/types.h>
#include "base/error.h"
#include "base/str.h"

struct loop;
struct disk;
struct disk_batch;

enum { DISK_TABLES = 32, DISK_NAME = 31, DISK_KEY = 511 };
/* Behind a table's name: its records stand in blocks of many, each as large as
 * a page, which takes a third off what many small ones need; larger ones, and
 * those that are put or deleted one by one, are better off without. A table
 * that wasn't packed becomes so with the opening. */
#define DISK_PACKED "+"
#define DISK_FORMATS(first, last) ((first) << 16 | (last))

/* Opens (making it when is_new_ok) the environment in `dir`, which must exist.
 * `tables` names the tables, NULL-terminated; the table's index is
 * used below. The format's number is kept in it: another one than `format`, or
 * than DISK_FORMATS' (the first becomes the last with the opening), is
 * refused, and the file left as it is; so is one that is damaged or not ours. A
 * second process on the same directory is refused (flock). */
struct disk *disk_open(const char *dir, const char *const *tables, int format,
    size_t map_bytes, bool is_new_ok, struct error *err);
/* Another process has it open. */
bool disk_is_taken(const char *dir);
/* For tools, beside a running writer or without: one state, as it was at the
 * opening, with all its tables, in the order of their names. Until it is closed
 * the writer can't use old pages again. */
struct disk *disk_open_to_read(const char *dir, int format, struct error *err);
/* Without DISK_PACKED. */
const char *disk_table_name(const struct disk *d, int table);
bool disk_table_is_packed(const struct disk *d, int table);
int disk_table_count(const struct disk *d);
/* Waits for what was handed over; what still can't be written then is dropped,
 * its owners told. Not from inside a callback. */
void disk_close(struct disk **d);
/* Start the writer; before it, disk_commit commits at once, in the caller's
 * thread (tests, tools). */
void disk_start(struct disk *d, struct loop *l);

struct disk_batch *disk_batch_new(struct disk *d);
void disk_batch_free(struct disk_batch **b); /* one that isn't committed */
size_t disk_batch_bytes(const struct disk_batch *b);
void disk_put(
    struct disk_batch *b, int table, struct str key, struct str value);
void disk_delete(struct disk_batch *b, int table, struct str key);
/* Deletes every key from the first of the table up to and including `last`. Not
 * in a packed table. */
void disk_delete_to(struct disk_batch *b, int table, struct str last);

/* Takes the batch. on_done comes exactly once, from the loop, never before
 * disk_commit returns when the writer runs; err is NULL on success. After a
 * failed commit nothing of the batch is stored; the batch is kept inside and
 * tried again every second, before later ones, until it succeeds (disk full
 * heals): disk_waiting tells. on_done may be NULL. */
typedef void disk_done_fn(void *ctx, const struct error *err);
void disk_commit(struct disk_batch *b, disk_done_fn *on_done, void *ctx);
/* Batches handed over and not yet committed. */
size_t disk_waiting(const struct disk *d);

/* Every pair in key order; stops early when each returns false. Not once the
 * writer runs. */
typedef bool disk_each_fn(void *ctx, struct str key, struct str value);
int disk_each(struct disk *d, int table, disk_each_fn *each, void *ctx,
    struct error *err);
/* The same from the first key that isn't before `first`; also while the writer
 * runs, from any thread: what is committed by now. `each` may ask nothing of
 * this disk. */
int disk_each_from(struct disk *d, int table, struct str first,
    disk_each_fn *each, void *ctx, struct error *err);
/* The value is copied into *value (caller frees); returns 1 found, 0 not, -1.
 * Also while the writer runs, as disk_each_from. */
int disk_get(struct disk *d, int table, struct str key, char **value, size_t *n,
    struct error *err);

struct disk_size {
	uint64_t used_bytes, map_bytes;
};
void disk_size(struct disk *d, struct disk_size *out);

#endif
