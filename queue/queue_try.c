/* queue_try - messages that wait for their next attempt are tried at once
 *
 * They needn't be held, nor in the book: it is what `postqueue -i` does for
 * anybody (authorized_flush_users). One that is gone is passed over by Postfix.
 */
#include "base/log.h"
#include "base/time.h"
#include "queue/queue_parts.h"

enum { ALL_S = 60 };

static int
try_one(const struct queue_look *l, struct str id, int64_t end_us,
    struct error *err)
{
	if (time_mono_us() >= end_us)
		return error_set(err, "postqueue took too long");
	return queue_look_try(l, id, err);
}

static void
try_some(struct queue_look *l, int64_t end_us)
{
	struct error err;
	size_t failed = 0;

	for (size_t i = 0; i < l->n; i++) {
		bool is_done = try_one(l, l->v[i]->m.id, end_us, &err) == 0;

		l->v[i]->m.result = is_done ? QUEUE_TRIED : QUEUE_FAILED;
		failed += !is_done;
	}
	if (failed > 0)
		log_warning("%s; %zu messages wait for their next attempt",
		    err.text, failed);
}

void
queue_try(const struct queue_place *p, struct queue_sought *v, size_t n)
{
	int64_t end_us = time_mono_us() + ALL_S * TIME_US;
	struct queue_look l;

	for (size_t i = 0; i < p->n; i++) {
		if (!queue_look_init(&l, p, i, v, n))
			continue;
		try_some(&l, end_us);
		queue_look_done(&l);
	}
}
