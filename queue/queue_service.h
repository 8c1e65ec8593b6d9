/* queue_service - outpost-queue: who may ask what, one question at a time
 *
 * A connection is a question and its answer. They come one after the other,
 * each with a deadline; who may connect is known by the kernel: outpostd's user
 * (hold, release), root and the admins (all).
 */
#ifndef QUEUE_QUEUE_SERVICE_H
#define QUEUE_QUEUE_SERVICE_H

#include "queue/queue_work.h"

struct queue_service {
	struct queue_place place;
	const char *user; /* outpostd's; may not exist */
	const struct setting_list *admins;
};

/* Until idle_s seconds passed without a question (0: for ever), or SIGTERM. */
void queue_service_run(const struct queue_service *s, int listener, int idle_s);

/* Exposed for its test: may this user? */
bool queue_service_may(const struct queue_service *s, unsigned uid,
    const struct queue_request *q, char who[65], struct error *err);

#endif
