/* worker - does what blocks in a thread of its own, and tells the loop */
#include "base/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/error.h"

struct worker {
	struct loop *loop;
	void (*work)(void *job);
	loop_fn *done;
	void (*unneeded)(void *job); /* abandoned */
	void *job;
	pthread_mutex_t lock; /* for unneeded, while both sides look at it */
};

static void
end(struct worker *w)
{
	/* The thread that told may not have let go of it yet. */
	pthread_mutex_lock(&w->lock);
	pthread_mutex_unlock(&w->lock);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void
on_end(void *ctx)
{
	struct worker *w = ctx;

	if (w->unneeded)
		w->unneeded(w->job);
	else
		w->done(w->job);
	end(w);
}

static void *
run(void *ctx)
{
	struct worker *w = ctx;

	w->work(w->job);
	pthread_mutex_lock(&w->lock);
	bool is_abandoned = w->unneeded != NULL;

	/* Under the lock: an abandoned one's loop may be gone. */
	if (!is_abandoned)
		loop_post(w->loop, on_end, w);
	pthread_mutex_unlock(&w->lock);
	if (is_abandoned)
		on_end(w);
	return NULL;
}

/* Signals are the loop's. */
static int
start_thread(struct worker *w)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&thread, &attr, run, w);

	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

struct worker *
worker_start(struct loop *l, void (*work)(void *job), loop_fn *done, void *job)
{
	struct worker *w = xalloc(1, sizeof(*w));

	w->loop = l;
	w->work = work;
	w->done = done;
	w->job = job;
	pthread_mutex_init(&w->lock, NULL);
	if (start_thread(w) != 0)
		loop_post(l, on_end, w);
	return w;
}

void
worker_abandon(struct worker **wp, void (*unneeded)(void *job))
{
	struct worker *w = *wp;

	*wp = NULL;
	pthread_mutex_lock(&w->lock);
	w->unneeded = unneeded;
	pthread_mutex_unlock(&w->lock);
}
