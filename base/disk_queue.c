/* disk_queue - batches on their way to the disk, and the thread that writes
 *
 * Batches wait in one list. The writer commits the first; the outcome goes
 * into a list of results, which the loop (woken by an eventfd) hands out. A
 * batch that failed stays first and is tried again.
 */
#include "base/disk_queue.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"

enum { RETRY_SECONDS = 1 };

struct result {
	struct result *next;
	disk_done_fn *on_done;
	void *ctx;
	bool is_error;
	struct error error;
};

struct disk_queue {
	disk_write_fn *write;
	void *ctx;
	bool has_thread;
	pthread_t thread;
	int result_fd;
	struct loop_watch *watch;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct disk_batch *first, **last;
	atomic_size_t waiting; /* read without the lock */
	bool is_closing;
	struct result *results, **last_result;
};

struct disk_queue *
disk_queue_new(disk_write_fn *fn, void *ctx)
{
	struct disk_queue *q = xalloc(1, sizeof(*q));
	pthread_condattr_t a;

	q->write = fn;
	q->ctx = ctx;
	q->result_fd = -1;
	q->last = &q->first;
	q->last_result = &q->results;
	pthread_condattr_init(&a);
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	pthread_cond_init(&q->wake, &a);
	pthread_condattr_destroy(&a);
	pthread_mutex_init(&q->lock, NULL);
	return q;
}

/* Under the lock: the batch's outcome goes to the loop, once. */
static void
add_result(struct disk_queue *q, struct disk_batch *b, const struct error *err)
{
	static const uint64_t one = 1;

	if (!b->on_done)
		return;
	struct result *r = xalloc(1, sizeof(*r));

	r->on_done = b->on_done;
	r->ctx = b->ctx;
	b->on_done = NULL;
	if (err) {
		r->is_error = true;
		r->error = *err;
	}
	*q->last_result = r;
	q->last_result = &r->next;
	/* A full counter (EAGAIN) wakes too. */
	while (q->result_fd >= 0 &&
	       write(q->result_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void
drop_first(struct disk_queue *q)
{
	struct disk_batch *b = q->first;

	q->first = b->next;
	if (!q->first)
		q->last = &q->first;
	q->waiting--;
	disk_batch_free(&b);
}

/* Under the lock, which is open while the disk works: others only add behind.
 * False when the first batch could not be written. */
static bool
write_first(struct disk_queue *q)
{
	struct disk_batch *b = q->first;
	struct error err;

	pthread_mutex_unlock(&q->lock);
	int rc = q->write(q->ctx, b, &err);

	pthread_mutex_lock(&q->lock);
	add_result(q, b, rc < 0 ? &err : NULL);
	if (rc == 0)
		drop_first(q);
	return rc == 0;
}

static void
wait_retry(struct disk_queue *q)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += RETRY_SECONDS;
	while (!q->is_closing && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&q->wake, &q->lock, &end);
}

static void *
run(void *ctx)
{
	struct disk_queue *q = ctx;

	pthread_mutex_lock(&q->lock);
	while (!q->is_closing) {
		if (!q->first)
			pthread_cond_wait(&q->wake, &q->lock);
		else if (!write_first(q))
			wait_retry(q);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

static void
give_results(struct disk_queue *q)
{
	pthread_mutex_lock(&q->lock);
	struct result *r = q->results;

	q->results = NULL;
	q->last_result = &q->results;
	pthread_mutex_unlock(&q->lock);
	for (struct result *next; r; r = next) {
		next = r->next;
		r->on_done(r->ctx, r->is_error ? &r->error : NULL);
		free(r);
	}
}

static void
on_results(void *ctx)
{
	struct disk_queue *q = ctx;
	uint64_t n;

	if (read(q->result_fd, &n, sizeof(n)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	give_results(q);
}

void
disk_queue_start(struct disk_queue *q, struct loop *l)
{
	sigset_t all, before;

	assert(!q->has_thread);
	q->result_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->result_fd < 0)
		fatal("eventfd: %s", strerror(errno));
	q->watch = loop_watch_new(l, q->result_fd, LOOP_READ, on_results, q);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&q->thread, NULL, run, q);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc)
		fatal("cannot start a thread: %s", strerror(rc));
	q->has_thread = true;
}

/* Under the lock, without a thread: all in the caller's. */
static void
write_all(struct disk_queue *q)
{
	while (q->first && write_first(q))
		;
}

void
disk_queue_add(struct disk_queue *q, struct disk_batch *b)
{
	pthread_mutex_lock(&q->lock);
	*q->last = b;
	q->last = &b->next;
	q->waiting++;
	if (q->has_thread)
		pthread_cond_signal(&q->wake);
	else
		write_all(q);
	pthread_mutex_unlock(&q->lock);
	if (!q->has_thread)
		give_results(q);
}

size_t
disk_queue_waiting(const struct disk_queue *q)
{
	return q->waiting;
}

void
disk_queue_free(struct disk_queue **qp, const struct error *error)
{
	struct disk_queue *q = *qp;

	if (!q)
		return;
	*qp = NULL;
	pthread_mutex_lock(&q->lock);
	q->is_closing = true;
	pthread_cond_signal(&q->wake);
	pthread_mutex_unlock(&q->lock);
	if (q->has_thread)
		pthread_join(q->thread, NULL);
	pthread_mutex_lock(&q->lock);
	write_all(q);
	while (q->first) {
		add_result(q, q->first, error);
		drop_first(q);
	}
	pthread_mutex_unlock(&q->lock);
	loop_watch_free(&q->watch);
	if (q->result_fd >= 0)
		close(q->result_fd);
	q->result_fd = -1;
	give_results(q);
	pthread_cond_destroy(&q->wake);
	pthread_mutex_destroy(&q->lock);
	free(q);
}
