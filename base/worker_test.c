/* worker_test - blocking work beside a running loop */
#include "base/worker.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/test.h"

struct job {
	struct loop *loop;
	atomic_bool may_end;
	int ticks, done;
	atomic_int unneeded;
};

static void
wait_for_it(void *ctx)
{
	struct job *j = ctx;

	while (!j->may_end)
		usleep(1000);
}

static void
on_done(void *ctx)
{
	struct job *j = ctx;

	j->done++;
	loop_stop(j->loop);
}

static void
on_unneeded(void *ctx)
{
	struct job *j = ctx;

	j->unneeded++;
}

static void
on_tick(void *ctx)
{
	struct job *j = ctx;

	if (++j->ticks == 5)
		j->may_end = true;
}

static void
the_loop_goes_on(void)
{
	struct job j = {.loop = loop_new()};
	struct loop_timer *tick = loop_timer_new(j.loop, on_tick, &j);

	worker_start(j.loop, wait_for_it, on_done, &j);
	CHECK_INT(j.done, 0);
	loop_timer_every(tick, 1000);
	loop_run(j.loop);
	CHECK(j.ticks >= 5);
	CHECK_INT(j.done, 1);
	CHECK_INT(j.unneeded, 0);
	loop_timer_free(&tick);
	loop_free(&j.loop);
}

static void
do_nothing(void *ctx)
{
	(void)ctx;
}

static void
on_next(void *ctx)
{
	struct job *j = ctx;

	if (++j->done == 3000)
		loop_stop(j->loop);
	else
		worker_start(j->loop, do_nothing, on_next, j);
}

/* The loop may see the end while the thread is still about to leave. */
static void
the_end_comes_at_once(void)
{
	struct job j = {.loop = loop_new()};

	worker_start(j.loop, do_nothing, on_next, &j);
	loop_run(j.loop);
	CHECK_INT(j.done, 3000);
	loop_free(&j.loop);
}

static void
an_abandoned_one_outlives_the_loop(void)
{
	static struct job j;
	struct worker *w;

	j.loop = loop_new();
	w = worker_start(j.loop, wait_for_it, on_done, &j);
	worker_abandon(&w, on_unneeded);
	CHECK(!w);
	loop_free(&j.loop);
	j.may_end = true;
	for (int i = 0; i < 5000 && !j.unneeded; i++)
		usleep(1000);
	CHECK_INT(j.unneeded, 1);
	CHECK_INT(j.done, 0);
}

TESTS(TEST(the_loop_goes_on), TEST(the_end_comes_at_once),
    TEST(an_abandoned_one_outlives_the_loop))
