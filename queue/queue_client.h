/* queue_client - asks outpost-queue, waiting (for the outpost command) */
#ifndef QUEUE_QUEUE_CLIENT_H
#define QUEUE_QUEUE_CLIENT_H

#include "queue/queue_proto.h"

/* Called for each MESSAGE and TEXT. */
typedef void queue_client_fn(
    void *ctx, enum queue_line what, const struct queue_answer *a);

/* How many messages were changed, or listed; -1: it doesn't answer, refuses, or
 * can't. */
int queue_client_ask(const char *socket, const struct queue_request *q,
    queue_client_fn *each, void *ctx, struct error *err);

#endif
