/* queue_tries - messages that outpost-queue is to hurry, soon
 *
 * Bounded: it runs a program for each, one after the other. Pure.
 */
#ifndef DAEMON_QUEUE_TRIES_H
#define DAEMON_QUEUE_TRIES_H

#include "queue/queue_proto.h"

enum { QUEUE_TRIES = 50 };

struct queue_tries {
	struct {
		char instance[QUEUE_INSTANCE_MAX + 1], id[QUEUE_ID_MAX + 1];
	} v[QUEUE_TRIES];
	size_t n;
};

/* false: there are too many, or it can't be a message's. */
bool queue_tries_add(struct queue_tries *t, struct str instance, struct str id);
/* All of them; out has views into t, until the next one is added. false: there
 * are none. */
bool queue_tries_next(struct queue_tries *t, struct queue_request *out);

#endif
