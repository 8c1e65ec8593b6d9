/* queue_parts - what the files of queue_work share */
#ifndef QUEUE_QUEUE_PARTS_H
#define QUEUE_QUEUE_PARTS_H

#include "queue/queue_work.h"

/* queue_look.c: where a message is now. */
enum queue_where { WHERE_NOWHERE, WHERE_HOLD, WHERE_QUEUED };

struct queue_sought {
	struct queue_message m;	   /* what is sought; its result, in the end */
	struct queue_entry *entry; /* of the book; NULL */
	enum queue_where where;
	bool is_same; /* its sender and arrival agree */
	int64_t arrived, size_bytes;
};

/* One instance's part of what is sought. */
struct queue_look {
	const struct queue_place *place;
	size_t instance;
	struct queue_sought **v;
	size_t n;
	struct map by_id;
};

/* Those of this instance whose result is ASK; false: none. done is needed
 * only after true. */
bool queue_look_init(struct queue_look *l, const struct queue_place *p,
    size_t instance, struct queue_sought *v, size_t n);
void queue_look_done(struct queue_look *l);
/* Fills where, is_same, arrived and size_bytes. */
int queue_look(struct queue_look *l, struct error *err);
/* Runs postsuper with this option on those whose result is `which`, ids in the
 * order of the look; only on what is on hold, or (false) only on what isn't. */
int queue_look_super(struct queue_look *l, const char *option, bool is_held,
    enum queue_result which, struct error *err);
/* Tries its delivery now. */
int queue_look_try(
    const struct queue_look *l, struct str id, struct error *err);
/* How old a message may be before it is returned, in seconds. */
int64_t queue_look_lifetime(const struct queue_look *l, bool is_bounce);

/* queue_hold.c; a failure is logged, and is the messages' result. */
void queue_hold(const struct queue_place *p, struct queue_book *b,
    struct queue_sought *v, size_t n);
/* Postfix puts them on hold by itself, in a moment: they stand in the book
 * before it is told to. When they arrived is known later. */
void queue_expect(const struct queue_place *p, struct queue_book *b,
    struct queue_sought *v, size_t n);
/* queue_release.c: release, requeue, return, delete. */
void queue_release(const struct queue_place *p, struct queue_book *b,
    enum queue_verb verb, int64_t now, struct queue_sought *v, size_t n);

/* queue_try.c: messages that anybody may hurry. */
void queue_try(const struct queue_place *p, struct queue_sought *v, size_t n);

#endif
