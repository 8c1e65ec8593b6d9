/* loop - libevent's base, timers and descriptors, behind our own names */
#include "base/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/time.h"

/* Of this thread's time in a turn. */
enum {
	LITTLE_US = 100, /* a first slice is begun, however long it seems */
	WORK_US = 250,	 /* then no further slice is begun */
	FULL_US = 600,	 /* nor one that seems to take it beyond that */
	/* On the wall: what is ready besides is called in the next turn. */
	ENOUGH_US = 250,
	BRIEF = 8, /* asked after so many callbacks of LOOP_BRIEF */
};

struct post {
	struct post *next;
	loop_fn *fn;
	void *ctx;
};

struct loop {
	struct event_base *base;
	bool is_running, is_stopping;
	int64_t now_us; /* 0: not read in this turn */
	loop_turn_fn *on_turn;
	void *turn_ctx;
	int64_t turn_us;  /* monotonic: its first callback; 0: none yet */
	unsigned n_brief; /* callbacks of LOOP_BRIEF */
	int64_t cpu_us;	  /* at the end of the last turn */
	struct loop_timer *work, **last_work; /* waiting for loop_timer_work */
	struct loop_timer *slicing; /* NULL: none, or freed meanwhile */
	bool is_work_late;	    /* it had to wait in the last turn */

	int post_fd;
	struct event on_post;
	pthread_mutex_t post_lock;
	struct post *first, **last; /* under post_lock */
};

struct loop_timer {
	struct loop *loop;
	struct event event;
	loop_fn *on_time;
	void *ctx;
	struct loop_timer *next_work;
	bool is_work;
	int64_t slice_us; /* the longest lately */
};

struct loop_watch {
	struct loop *loop;
	struct event event;
	int fd, events;
	loop_fn *on_ready;
	void *ctx;
};

struct loop_signal {
	struct loop *loop;
	struct event event;
	loop_fn *on_signal;
	void *ctx;
};

static void
begin_turn(struct loop *l)
{
	if (!l->turn_us)
		l->turn_us = time_mono_us();
}

/* A callback returned. Others who are ready stay so, in their order. */
static void
end_call(struct loop *l)
{
	if (time_mono_us() - l->turn_us >= ENOUGH_US)
		event_base_loopbreak(l->base);
}

static void
end_turn(struct loop *l)
{
	int64_t cpu_us, took_us;

	cpu_us = time_cpu_us();
	took_us = cpu_us - l->cpu_us;
	if (l->on_turn)
		l->on_turn(l->turn_ctx,
		    l->turn_us ? time_mono_us() - l->turn_us : took_us,
		    took_us);
	l->turn_us = 0;
	l->cpu_us = cpu_us;
}

static struct post *
take_posts(struct loop *l)
{
	pthread_mutex_lock(&l->post_lock);
	struct post *p = l->first;

	l->first = NULL;
	l->last = &l->first;
	pthread_mutex_unlock(&l->post_lock);
	return p;
}

static void
on_post(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *l = ctx;
	uint64_t n;

	(void)what;
	begin_turn(l);
	/* Before the list is taken, so that no later post is lost. */
	if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN && errno != EINTR)
		fatal("eventfd: %s", strerror(errno));
	for (struct post *p = take_posts(l), *next; p; p = next) {
		next = p->next;
		p->fn(p->ctx);
		free(p);
	}
}

struct loop *
loop_new(void)
{
	struct loop *l = xalloc(1, sizeof(*l));

	/* hiredis and curl write to what may be closed. */
	signal(SIGPIPE, SIG_IGN);
	l->base = event_base_new();
	l->post_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!l->base || l->post_fd < 0)
		fatal("cannot make an event loop: %s", strerror(errno));
	l->last_work = &l->work;
	pthread_mutex_init(&l->post_lock, NULL);
	l->last = &l->first;
	event_assign(
	    &l->on_post, l->base, l->post_fd, EV_READ | EV_PERSIST, on_post, l);
	event_add(&l->on_post, NULL);
	return l;
}

void
loop_free(struct loop **lp)
{
	struct loop *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	for (struct post *p = take_posts(l), *next; p; p = next) {
		next = p->next;
		free(p);
	}
	event_del(&l->on_post);
	event_base_free(l->base);
	close(l->post_fd);
	pthread_mutex_destroy(&l->post_lock);
	free(l);
}

static void
drop_work(struct loop_timer *t)
{
	struct loop *l = t->loop;
	struct loop_timer **at = &l->work;

	if (!t->is_work)
		return;
	while (*at != t)
		at = &(*at)->next_work;
	*at = t->next_work;
	if (!*at)
		l->last_work = at;
	t->is_work = false;
}

/* Where the callbacks of a turn left no time, one slice comes in the next turn
 * in any case, so that all of it is done some day. */
static bool
may_begin(const struct loop *l, const struct loop_timer *t, bool is_first)
{
	int64_t spent_us = time_cpu_us() - l->cpu_us;

	if (spent_us + t->slice_us <= FULL_US && spent_us < WORK_US)
		return true;
	return is_first && (l->is_work_late || spent_us < LITTLE_US);
}

static void
do_slice(struct loop *l, struct loop_timer *t)
{
	int64_t began_us = time_cpu_us();

	begin_turn(l);
	drop_work(t);
	l->slicing = t;
	t->on_time(t->ctx);
	if (!l->slicing)
		return; /* it was freed */
	l->slicing = NULL;
	t->slice_us -= t->slice_us / 8;
	if (time_cpu_us() - began_us > t->slice_us)
		t->slice_us = time_cpu_us() - began_us;
}

static void
do_work(struct loop *l)
{
	bool is_first = true;

	while (!l->is_stopping && l->work && may_begin(l, l->work, is_first)) {
		do_slice(l, l->work);
		is_first = false;
	}
	l->is_work_late = is_first && l->work;
}

void
loop_run(struct loop *l)
{
	l->is_running = true;
	l->cpu_us = time_cpu_us();
	while (!l->is_stopping) {
		int flags = EVLOOP_ONCE | (l->work ? EVLOOP_NONBLOCK : 0);

		l->now_us = 0;
		if (event_base_loop(l->base, flags) < 0)
			fatal("event loop: %s", strerror(errno));
		do_work(l);
		end_turn(l);
	}
	l->is_running = l->is_stopping = false;
}

void
loop_stop(struct loop *l)
{
	l->is_stopping = true;
	event_base_loopbreak(l->base);
}

void
loop_measure(struct loop *l, loop_turn_fn *on_turn, void *ctx)
{
	l->on_turn = on_turn;
	l->turn_ctx = ctx;
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

int64_t
loop_now_us(struct loop *l)
{
	if (!l->is_running)
		return time_now_us();
	/* libevent's cached time may lag seconds behind a step of the clock:
	 * the first who asks in a turn reads the clock for all. */
	if (!l->now_us)
		l->now_us = time_now_us();
	return l->now_us;
}

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_timer *t = ctx;

	(void)fd;
	(void)what;
	struct loop *l = t->loop;

	begin_turn(l);
	t->on_time(t->ctx);
	end_call(l);
}

static void
arm_timer(struct loop_timer *t, int64_t us, short flags)
{
	struct timeval tv;

	if (us < 0)
		us = 0;
	tv.tv_sec = us / TIME_US;
	tv.tv_usec = us % TIME_US;
	loop_timer_stop(t);
	event_assign(&t->event, t->loop->base, -1, flags, on_timer, t);
	event_add(&t->event, &tv);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *on_time, void *ctx)
{
	struct loop_timer *t = xalloc(1, sizeof(*t));

	t->loop = l;
	t->on_time = on_time;
	t->ctx = ctx;
	event_assign(&t->event, l->base, -1, 0, on_timer, t);
	return t;
}

void
loop_timer_in(struct loop_timer *t, int64_t delay_us)
{
	arm_timer(t, delay_us, 0);
}

void
loop_timer_every(struct loop_timer *t, int64_t period_us)
{
	arm_timer(t, period_us, EV_PERSIST);
}

void
loop_timer_soon(struct loop_timer *t)
{
	event_active(&t->event, EV_TIMEOUT, 0);
}

void
loop_timer_work(struct loop_timer *t)
{
	struct loop *l = t->loop;

	if (t->is_work)
		return;
	loop_timer_stop(t);
	t->is_work = true;
	t->next_work = NULL;
	*l->last_work = t;
	l->last_work = &t->next_work;
}

void
loop_timer_stop(struct loop_timer *t)
{
	drop_work(t);
	event_del(&t->event);
}

void
loop_timer_free(struct loop_timer **tp)
{
	struct loop_timer *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	loop_timer_stop(t);
	if (t->loop->slicing == t)
		t->loop->slicing = NULL;
	free(t);
}

static void
on_watch(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_watch *w = ctx;

	(void)fd;
	struct loop *l = w->loop;
	bool is_brief = w->events & LOOP_BRIEF;

	begin_turn(l);
	/* It may have been told together with what came before it. */
	if (what & EV_CLOSED)
		loop_watch_set(w, w->events & ~LOOP_EDGE);
	w->on_ready(w->ctx); /* may free it */
	if (!is_brief || ++l->n_brief % BRIEF == 0)
		end_call(l);
}

struct loop_watch *
loop_watch_new(struct loop *l, int fd, int events, loop_fn *on_ready, void *ctx)
{
	struct loop_watch *w = xalloc(1, sizeof(*w));

	w->loop = l;
	w->fd = fd;
	w->on_ready = on_ready;
	w->ctx = ctx;
	event_assign(&w->event, l->base, fd, EV_PERSIST, on_watch, w);
	loop_watch_set(w, events);
	return w;
}

void
loop_watch_set(struct loop_watch *w, int events)
{
	short flags = EV_PERSIST;

	if (events == w->events)
		return;
	w->events = events;
	event_del(&w->event);
	if (events & LOOP_READ)
		flags |= EV_READ;
	if (events & LOOP_WRITE)
		flags |= EV_WRITE;
	if (events & LOOP_EDGE)
		flags |= EV_ET | EV_CLOSED;
	event_assign(&w->event, w->loop->base, w->fd, flags, on_watch, w);
	if (events && event_add(&w->event, NULL) < 0)
		fatal("cannot watch descriptor %d: %s", w->fd, strerror(errno));
}

void
loop_watch_free(struct loop_watch **wp)
{
	struct loop_watch *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	event_del(&w->event);
	free(w);
}

static void
on_signal(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_signal *s = ctx;

	(void)fd;
	(void)what;
	begin_turn(s->loop);
	s->on_signal(s->ctx);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_fn *fn, void *ctx)
{
	struct loop_signal *s = xalloc(1, sizeof(*s));

	s->loop = l;
	s->on_signal = fn;
	s->ctx = ctx;
	event_assign(
	    &s->event, l->base, signo, EV_SIGNAL | EV_PERSIST, on_signal, s);
	if (event_add(&s->event, NULL) < 0)
		fatal("cannot watch signal %d: %s", signo, strerror(errno));
	return s;
}

void
loop_signal_free(struct loop_signal **sp)
{
	struct loop_signal *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	event_del(&s->event);
	free(s);
}

void
loop_post(struct loop *l, loop_fn *fn, void *ctx)
{
	static const uint64_t one = 1;
	struct post *p = xalloc(1, sizeof(*p));

	p->fn = fn;
	p->ctx = ctx;
	pthread_mutex_lock(&l->post_lock);
	*l->last = p;
	l->last = &p->next;
	pthread_mutex_unlock(&l->post_lock);
	/* EAGAIN: the counter is full, so the loop is woken anyway. */
	while (write(l->post_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
