/* queue_listing - a line of `postqueue -j`, as far as its recipients
 *
 * A message with 50,000 recipients is a line of megabytes, of which the first
 * few hundred bytes count: a line may be cut. Unknown members are stepped over
 * (postqueue(1)). Pure.
 */
#ifndef QUEUE_QUEUE_LISTING_H
#define QUEUE_QUEUE_LISTING_H

#include "queue/queue_message.h"

struct queue_listed {
	struct str queue, id; /* "hold"; views into the line */
	int64_t arrived, size_bytes;
	struct str sender; /* in buf; empty for the null sender */
	char buf[QUEUE_TEXT_MAX];
};

/* false: it is no such line, or says too little. */
bool queue_listing_parse(struct str line, struct queue_listed *out);

#endif
