/* loop - libevent's base, timers and descriptors, behind our own names
 *
 * One loop per process; callbacks are named on_*. A timer or watch is freed by
 * its owner, also from inside its own callback.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;

typedef void loop_fn(void *ctx);

struct loop *loop_new(void); /* SIGPIPE is ignored from then on */
void loop_free(struct loop **l);
void loop_run(struct loop *l); /* until loop_stop, also an earlier one */
void loop_stop(struct loop *l);
/* The libevent base, for the shells that need it (web, redis, fetch). */
struct event_base *loop_base(struct loop *l);
/* The wall clock at the start of this turn, in microseconds. */
int64_t loop_now_us(struct loop *l);

/* At the end of each turn: how long its callbacks took on the wall, and of this
 * thread's time (asking the kernel included): the rest others had. */
typedef void loop_turn_fn(void *ctx, int64_t wall_us, int64_t cpu_us);
void loop_measure(struct loop *l, loop_turn_fn *on_turn, void *ctx);

/* Not armed until loop_timer_in / loop_timer_every. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *on_time, void *ctx);
void loop_timer_in(struct loop_timer *t, int64_t delay_us);
void loop_timer_every(struct loop_timer *t, int64_t period_us);
/* Once, in this turn, after all that is ready by now. */
void loop_timer_soon(struct loop_timer *t);
/* A slice of something long: when all that is ready has been called, in this
 * turn or in a later one, should this one have no time left: what its slices
 * took lately is taken into account. Those who wait take turns, one slice
 * each. A slice should take less than 300 us. */
void loop_timer_work(struct loop_timer *t);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer **t);

/* LOOP_EDGE, with LOOP_READ alone: who reads all that is there is told of what
 * comes after that, and when the peer sends no more; of what he leaves he is
 * told when events change. It spares the kernel looking at each once more. */
/* LOOP_BRIEF: a callback takes a few microseconds, nearly always: whether
 * others have waited for long is asked after some of them only. */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_EDGE = 4, LOOP_BRIEF = 8 };
/* Level-triggered but for LOOP_EDGE, persistent. events may change with
 * loop_watch_set. */
struct loop_watch *loop_watch_new(
    struct loop *l, int fd, int events, loop_fn *on_ready, void *ctx);
void loop_watch_set(struct loop_watch *w, int events);
void loop_watch_free(struct loop_watch **w);

/* A signal, persistent. */
struct loop_signal;
struct loop_signal *loop_signal_new(
    struct loop *l, int signo, loop_fn *on_signal, void *ctx);
void loop_signal_free(struct loop_signal **s);

/* Run fn in the loop's thread soon; callable from another thread. */
void loop_post(struct loop *l, loop_fn *fn, void *ctx);

#endif
