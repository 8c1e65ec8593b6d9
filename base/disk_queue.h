/* disk_queue - batches on their way to the disk, and the thread that writes
 *
 * For disk.c only. Knows no LMDB: `write` commits a batch or says why not.
 */
#ifndef BASE_DISK_QUEUE_H
#define BASE_DISK_QUEUE_H

#include "base/disk_batch.h"

struct disk_queue;

typedef int disk_write_fn(
    void *ctx, const struct disk_batch *b, struct error *err);

struct disk_queue *disk_queue_new(disk_write_fn *write, void *ctx);
/* Tries once more what waits; the rest is dropped, its owners are told
 * `error`. NULL is fine. */
void disk_queue_free(struct disk_queue **q, const struct error *error);
void disk_queue_start(struct disk_queue *q, struct loop *l);
/* Takes the batch; on_done is set in it. */
void disk_queue_add(struct disk_queue *q, struct disk_batch *b);
size_t disk_queue_waiting(const struct disk_queue *q);

#endif
