/* queue_book - the messages that Outpost holds
 *
 * outpost-queue's own truth, a file of queue_message lines that only root can
 * write, synced before a message is put on hold: whatever is killed, and when,
 * nothing that Outpost held is unknown. outpostd keeps a copy in memory.
 */
#ifndef QUEUE_QUEUE_BOOK_H
#define QUEUE_QUEUE_BOOK_H

#include "base/error.h"
#include "base/map.h"
#include "queue/queue_message.h"

enum { QUEUE_BOOK_MAX = 50000 };

struct queue_entry {
	struct queue_message m; /* its texts live in the entry */
	bool is_wanted;		/* a mark for whoever walks */
	char texts[];
};

struct queue_book {
	struct map by_id; /* "INSTANCE ID" */
	bool is_changed;  /* since it was loaded or saved */
};

void queue_book_init(struct queue_book *b);
void queue_book_done(struct queue_book *b);
/* A copy is kept, in the place of an older one. NULL when the book is full. */
struct queue_entry *queue_book_put(
    struct queue_book *b, const struct queue_message *m);
struct queue_entry *queue_book_find(
    const struct queue_book *b, struct str instance, struct str id);
void queue_book_remove(struct queue_book *b, struct queue_entry *e);
/* i starts at 0; NULL at the end. Nothing may be removed meanwhile. */
struct queue_entry *queue_book_next(const struct queue_book *b, size_t *i);
/* Those that are wanted, by arrival, the caller frees the array; *n. */
struct queue_entry **queue_book_sorted(const struct queue_book *b, size_t *n);

/* queue_file.c: DIR/held. A file that isn't there is an empty book. */
int queue_file_load(const char *dir, struct queue_book *b, struct error *err);
/* Written beside, synced, renamed. */
int queue_file_save(const char *dir, struct queue_book *b, struct error *err);
/* One process at a time works with it: waits. The descriptor's end is the
 * lock's. Makes the directory. */
int queue_file_lock(const char *dir, struct error *err);

#endif
