/* worker - does what blocks in a thread of its own, and tells the loop
 *
 * For libraries that wait inside. The job is the worker's alone until its end
 * is told.
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "base/loop.h"

struct worker;

/* Runs work(job) there, then done(job) on the loop; never before
 * worker_start returns. When no thread is to be had, work is left out. */
struct worker *worker_start(
    struct loop *l, void (*work)(void *job), loop_fn *done, void *job);

/* The end is no longer of interest: done is not called, and the loop may go.
 * unneeded(job) follows when the work ended, in whichever thread. Not after
 * done was called. */
void worker_abandon(struct worker **w, void (*unneeded)(void *job));

#endif
