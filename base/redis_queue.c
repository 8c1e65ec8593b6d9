/* redis_queue - questions in flight, in order, and when the first one is late
 */
#include "base/redis_queue.h"

#include <stdlib.h>

void
redis_queue_init(struct redis_queue *q)
{
	memset(q, 0, sizeof(*q));
	q->last = &q->first;
}

void
redis_queue_add(struct redis_queue *q, redis_reply_fn *on_reply, void *ctx,
    int64_t now_us, int64_t timeout_us, int64_t slow_us)
{
	struct redis_question *new = xalloc(1, sizeof(*new));
	int64_t start = now_us;

	/* Behind a slow one everything waits for it. */
	if (q->slow > 0 && q->slow_until_us > start)
		start = q->slow_until_us;
	new->on_reply = on_reply;
	new->ctx = ctx;
	new->deadline_us = start + timeout_us + slow_us;
	new->is_slow = slow_us > 0;
	if (new->is_slow) {
		q->slow++;
		q->slow_until_us = new->deadline_us;
	}
	*q->last = new;
	q->last = &new->next;
	q->n++;
}

bool
redis_queue_answer(
    struct redis_queue *q, const struct redis_reply *reply, int64_t now_us)
{
	struct redis_question *first = q->first;

	if (!first)
		return false;
	q->first = first->next;
	if (!q->first)
		q->last = &q->first;
	q->n--;
	q->slow -= first->is_slow;
	q->heard_us = now_us;
	if (first->on_reply)
		first->on_reply(first->ctx, reply);
	free(first);
	return true;
}

int64_t
redis_queue_due(const struct redis_queue *q, int64_t timeout_us)
{
	if (!q->first)
		return 0;
	int64_t heard = q->heard_us ? q->heard_us + timeout_us : 0;

	return q->first->deadline_us > heard ? q->first->deadline_us : heard;
}
