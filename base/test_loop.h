/* test_loop - a loop that runs for a while, for unit tests with real clocks */
#ifndef BASE_TEST_LOOP_H
#define BASE_TEST_LOOP_H

#include "base/loop.h"

/* What comes may come late on a busy machine; nobody waits for longer. */
enum { TEST_PATIENCE_MS = 20000 };

static inline void
test_loop_end(void *ctx)
{
	loop_stop(ctx);
}

/* Runs it for so long, or until something stops it. */
static inline void
test_loop_run(struct loop *l, int ms)
{
	struct loop_timer *t = loop_timer_new(l, test_loop_end, l);

	loop_timer_in(t, ms * 1000LL);
	loop_run(l);
	loop_timer_free(&t);
}

/* Runs it for a moment; false: the patience is at its end. ms starts at 0:
 * while (!is_so() && test_loop_wait(l, &ms)) */
static inline bool
test_loop_wait(struct loop *l, int *ms)
{
	test_loop_run(l, 5);
	*ms += 5;
	return *ms < TEST_PATIENCE_MS;
}

#endif
