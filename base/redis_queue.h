/* redis_queue - questions in flight, in order, and when the first one is late
 *
 * For redis.c only. Pure: `now_us` is the caller's monotonic clock.
 */
#ifndef BASE_REDIS_QUEUE_H
#define BASE_REDIS_QUEUE_H

#include "base/redis.h"

struct redis_question {
	struct redis_question *next;
	redis_reply_fn *on_reply;
	void *ctx;
	int64_t deadline_us;
	bool is_slow;
};

struct redis_queue {
	struct redis_question *first, **last;
	size_t n;
	size_t slow;	       /* slow ones among them */
	int64_t slow_until_us; /* when the last slow one is late */
	int64_t heard_us;      /* the last answer came */
};

void redis_queue_init(struct redis_queue *q);
/* slow_us is the time that the command itself may block; 0: none. */
void redis_queue_add(struct redis_queue *q, redis_reply_fn *on_reply, void *ctx,
    int64_t now_us, int64_t timeout_us, int64_t slow_us);
/* Takes the first and answers it; false when there is none. */
bool redis_queue_answer(
    struct redis_queue *q, const struct redis_reply *reply, int64_t now_us);
/* When the first is late: at its deadline, but while answers come in, the rest
 * of a big pipeline has time (and a daemon that was stopped itself gives Redis
 * another chance). 0 when nothing is asked. */
int64_t redis_queue_due(const struct redis_queue *q, int64_t timeout_us);

#endif
