/* queue_asker - asks outpost-queue one question at a time, never waits */
#ifndef DAEMON_QUEUE_ASKER_H
#define DAEMON_QUEUE_ASKER_H

#include "base/loop.h"
#include "queue/queue_proto.h"

struct queue_asker;
struct queue_asker_hooks {
	/* One of both for each question, never before the ask returned. All
	 * that was answered, whole or not; it is valid until the next ask. */
	void (*on_answer)(void *ctx, struct str bytes);
	void (*on_fail)(void *ctx, const char *why);
	void *ctx;
};

struct queue_asker *queue_asker_new(
    struct loop *l, int patience_s, const struct queue_asker_hooks *hooks);
/* A question under way isn't answered any more. */
void queue_asker_free(struct queue_asker **a);
/* -1: nobody is there. Not while one is under way. The question may go. */
int queue_asker_ask(struct queue_asker *a, const char *socket,
    const struct queue_request *q, struct error *err);
bool queue_asker_is_busy(const struct queue_asker *a);

#endif
