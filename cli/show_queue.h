/* show_queue - what is held of one account, as outpost-queue tells */
#ifndef CLI_SHOW_QUEUE_H
#define CLI_SHOW_QUEUE_H

#include "base/json.h"
#include "queue/queue_book.h"

enum { SHOW_SUBJECT = 256, SHOW_SUBJECTS = 8 };

struct show_queue {
	const char *socket;
	struct str account;
	struct queue_book held;
	size_t asked;  /* for subjects: SHOW_SUBJECTS at most */
	bool is_known; /* it was told */
};

void show_queue_init(struct show_queue *q);
void show_queue_done(struct show_queue *q);
/* Not everybody is told: then is_known stays false. */
void show_queue_ask(
    struct show_queue *q, const char *socket, struct str account);
/* Is this message held? Then its subject is appended, if it has one. */
bool show_queue_subject(
    struct show_queue *q, struct str instance, struct str id, struct text *out);
/* The member "held". */
void show_queue_json(const struct show_queue *q, struct json_out *j);

#endif
