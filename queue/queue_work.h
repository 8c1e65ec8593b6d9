/* queue_work - what outpost-queue does with the queues, as root
 *
 * By Postfix's own tools, with ids on their standard input. Whatever is done to
 * a message, the queue is looked at right before: it must be there with the
 * sender and the arrival that were asked for. Only what stands in the book
 * (queue_book.h) is ever released, returned, deleted or shown; it stands there
 * before it is put on hold.
 */
#ifndef QUEUE_QUEUE_WORK_H
#define QUEUE_QUEUE_WORK_H

#include "base/setting.h"
#include "queue/queue_book.h"
#include "queue/queue_proto.h"

enum { QUEUE_INSTANCES = 32 };

struct queue_place {
	const char *state_dir, *commands; /* the settings' */
	struct {
		struct str name;
		char *config_dir;
	} instances[QUEUE_INSTANCES];
	size_t n;
};

/* "postfix=/etc/postfix, ...": -1 with an error that names what is wrong. */
int queue_place_init(struct queue_place *p, const char *state_dir,
    const char *commands, const struct setting_list *instances,
    struct error *err);
void queue_place_done(struct queue_place *p);
/* Root runs programs by what stands there: only root may write it. */
int queue_place_check(const struct queue_place *p, struct error *err);
/* Is this file, or directory, root's alone to write, and the directory that it
 * is in? */
int queue_path_check(const char *path, struct error *err);
/* -1: it is not configured. */
int queue_place_find(const struct queue_place *p, struct str instance);

/* Does it and appends the answer; `by` is who asks, for the log. */
void queue_work(const struct queue_place *p, const struct queue_request *q,
    const char *by, int64_t now, struct text *answer);
/* Releases what is overdue, or all; *released of *found. -1: not all could be.
 */
int queue_work_overdue(const struct queue_place *p, int64_t now, bool is_all,
    size_t *found, size_t *released, struct error *err);

#endif
