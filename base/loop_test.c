/* loop_test - timers, descriptors, signals and posts */
#include "base/loop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/test.h"
#include "base/time.h"

enum { POSTS = 10000 };

struct seen {
	struct loop *l;
	struct loop_timer *t;
	struct loop_watch *w;
	struct loop_signal *s;
	int n, stop_at, fd;
};

static void
on_any(void *ctx)
{
	struct seen *s = ctx;

	if (++s->n == s->stop_at)
		loop_stop(s->l);
}

static void
runs_a_timer_once(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 2};
	struct loop_timer *once = loop_timer_new(s.l, on_any, &s);
	struct loop_timer *later = loop_timer_new(s.l, on_any, &s);
	int64_t start = time_mono_us();

	loop_timer_in(once, -5);
	loop_timer_in(later, 20000);
	loop_run(s.l);
	CHECK_INT(s.n, 2);
	CHECK(time_mono_us() - start >= 15000);
	loop_timer_free(&once);
	loop_timer_free(&later);
	CHECK(!once);
	loop_free(&s.l);
}

static void
repeats_and_stops_a_timer(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 3};
	struct seen never = {.l = s.l};
	struct loop_timer *t = loop_timer_new(s.l, on_any, &s);
	struct loop_timer *stopped = loop_timer_new(s.l, on_any, &never);

	loop_timer_in(stopped, 1000);
	loop_timer_stop(stopped);
	loop_timer_every(t, 2000);
	loop_run(s.l);
	CHECK_INT(s.n, 3);
	CHECK_INT(never.n, 0);
	loop_timer_free(&t);
	loop_timer_free(&stopped);
	loop_free(&s.l);
}

static void
on_time_free(void *ctx)
{
	struct seen *s = ctx;

	loop_timer_free(&s->t);
	on_any(s);
}

static void
on_ready_free(void *ctx)
{
	struct seen *s = ctx;

	loop_watch_free(&s->w);
	on_any(s);
}

static void
on_signal_free(void *ctx)
{
	struct seen *s = ctx;

	loop_signal_free(&s->s);
	on_any(s);
}

static void
frees_from_inside_the_callback(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 3};
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	s.t = loop_timer_new(s.l, on_time_free, &s);
	loop_timer_every(s.t, 1000);
	s.w = loop_watch_new(s.l, fds[1], LOOP_WRITE, on_ready_free, &s);
	s.s = loop_signal_new(s.l, SIGUSR1, on_signal_free, &s);
	raise(SIGUSR1);
	loop_run(s.l);
	CHECK_INT(s.n, 3);
	CHECK(!s.t && !s.w && !s.s);
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

static void
on_readable(void *ctx)
{
	struct seen *s = ctx;
	char c;

	CHECK_INT(read(s->fd, &c, 1), 1);
	on_any(s);
}

static void
watches_what_is_set(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 3};
	struct loop_timer *end = loop_timer_new(s.l, on_any, &s);
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	CHECK_INT(write(fds[1], "ab", 2), 2);
	s.fd = fds[0];
	s.w = loop_watch_new(s.l, s.fd, 0, on_readable, &s);
	loop_timer_in(end, 5000);
	s.stop_at = 1;
	loop_run(s.l);
	CHECK_INT(s.n, 1); /* the timer's: nothing was read */
	s.stop_at = 3;
	loop_watch_set(s.w, LOOP_READ);
	loop_run(s.l);
	CHECK_INT(s.n, 3);
	loop_watch_free(&s.w);
	loop_timer_free(&end);
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

/* For a few milliseconds; how often it was told then. */
static int
run_a_little(struct seen *s)
{
	struct seen over = {.l = s->l, .stop_at = 1};
	struct loop_timer *end = loop_timer_new(s->l, on_any, &over);
	int before = s->n;

	loop_timer_in(end, 5000);
	loop_run(s->l);
	loop_timer_free(&end);
	return s->n - before;
}

/* Nothing is read here. */
static void
tells_of_an_edge_once(void)
{
	struct seen s = {.l = loop_new()};
	int fds[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	s.w = loop_watch_new(s.l, fds[0], LOOP_READ | LOOP_EDGE, on_any, &s);
	CHECK_INT(run_a_little(&s), 0);
	CHECK_INT(write(fds[1], "a", 1), 1);
	CHECK_INT(run_a_little(&s), 1);
	CHECK_INT(write(fds[1], "b", 1), 1);
	CHECK_INT(run_a_little(&s), 1);
	loop_watch_set(s.w, LOOP_READ);
	CHECK(run_a_little(&s) > 1);
	loop_watch_set(s.w, LOOP_READ | LOOP_EDGE);
	CHECK_INT(run_a_little(&s), 1); /* of what was left */
	CHECK_INT(write(fds[1], "c", 1), 1);
	CHECK_INT(shutdown(fds[1], SHUT_WR), 0);
	CHECK(run_a_little(&s) > 1); /* the end stays */
	loop_watch_free(&s.w);
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

static void *
post_many(void *ctx)
{
	struct seen *s = ctx;

	for (int i = 0; i < POSTS; i++)
		loop_post(s->l, on_any, s);
	return NULL;
}

static void
takes_posts_from_threads(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 2 * POSTS};
	pthread_t a, b;

	CHECK_INT(pthread_create(&a, NULL, post_many, &s), 0);
	CHECK_INT(pthread_create(&b, NULL, post_many, &s), 0);
	loop_run(s.l);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	CHECK_INT(s.n, 2 * POSTS);
	loop_post(s.l, on_any, &s); /* freed with the loop */
	loop_free(&s.l);
}

static void
on_look_twice(void *ctx)
{
	struct seen *s = ctx;
	int64_t now = loop_now_us(s->l);

	usleep(2000);
	CHECK_INT(loop_now_us(s->l), now);
	CHECK(time_now_us() - now >= 2000 && time_now_us() - now < 60000000);
	on_any(s);
}

static void
keeps_the_time_within_a_turn(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 1};
	int64_t before = loop_now_us(s.l);

	usleep(1000);
	CHECK(loop_now_us(s.l) > before);
	loop_post(s.l, on_look_twice, &s);
	loop_run(s.l);
	loop_free(&s.l);
}

struct worker {
	struct seen *s;
	struct loop_timer *t;
	int64_t us;
	int n;
};

static void
on_work(void *ctx)
{
	struct worker *w = ctx;
	int64_t end_us = time_cpu_us() + w->us;

	while (time_cpu_us() < end_us)
		;
	w->n++;
	on_any(w->s);
	loop_timer_work(w->t);
	loop_timer_work(w->t); /* waits already */
}

static void
on_nothing(void *ctx)
{
	struct worker *w = ctx;
	int64_t end_us = time_cpu_us() + w->us;

	while (time_cpu_us() < end_us)
		;
	w->n++;
}

/* What is ready is never further away than a slice or a turn's budget. */
static void
works_in_turns_and_lets_others_in(void)
{
	struct seen s = {.l = loop_new(), .stop_at = 20};
	struct worker a = {.s = &s, .us = 2000}, b = {.s = &s, .us = 2000};
	struct worker c = {.s = &s}, never = {.s = &s};
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	a.t = loop_timer_new(s.l, on_work, &a);
	b.t = loop_timer_new(s.l, on_work, &b);
	never.t = loop_timer_new(s.l, on_work, &never);
	s.w = loop_watch_new(s.l, fds[1], LOOP_WRITE, on_nothing, &c);
	loop_timer_work(a.t);
	loop_timer_work(never.t);
	loop_timer_work(b.t);
	loop_timer_stop(never.t);
	loop_run(s.l);
	CHECK_INT(a.n, 10);
	CHECK_INT(b.n, 10);
	CHECK_INT(never.n, 0);
	CHECK_INT(c.n, 20);
	a.us = b.us = 0;
	s.stop_at = 1000;
	c.n = 0;
	loop_run(s.l);
	CHECK(c.n > 0 && c.n < 500); /* little slices share a turn */
	c.us = 400; /* a turn is full: every other one has a slice */
	s.stop_at = 1020;
	c.n = 0;
	loop_run(s.l);
	CHECK(c.n >= 38 && c.n <= 42);
	loop_timer_free(&a.t);
	loop_timer_in(b.t, 0); /* no longer as work */
	s.stop_at = s.n + 1;
	loop_run(s.l);
	CHECK_INT(s.n, 1021);
	loop_watch_free(&s.w);
	loop_timer_free(&b.t);
	loop_timer_free(&never.t);
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

static void
on_long_turn(void *ctx, int64_t wall_us, int64_t cpu_us)
{
	int *n = ctx;

	(void)wall_us;
	n[0]++;
	n[1] += cpu_us > 1500;
}

/* Six are ready at once, of 400 us each: that is more than one turn. */
static void
turns_end_when_it_is_enough(void)
{
	enum { MANY = 6 };
	struct seen s = {.l = loop_new(), .stop_at = 30};
	struct worker w[MANY], last = {.s = &s, .us = 0};
	struct loop_watch *watches[MANY];
	int fds[2], more[MANY], turns[2] = {0};

	CHECK_INT(pipe(fds), 0);
	loop_measure(s.l, on_long_turn, turns);
	for (int i = 0; i < MANY; i++) {
		w[i] = (struct worker){.s = &s, .us = 400};
		more[i] = dup(fds[1]);
		watches[i] =
		    loop_watch_new(s.l, more[i], LOOP_WRITE, on_nothing, &w[i]);
	}
	last.t = loop_timer_new(s.l, on_work, &last);
	loop_timer_work(last.t);
	loop_run(s.l);
	CHECK(turns[0] > 10 && turns[1] < turns[0] / 2);
	for (int i = 0; i < MANY; i++)
		CHECK(
		    w[i].n >= w[0].n - 1 && w[i].n <= w[0].n + 1 && w[i].n > 2);
	for (int i = 0; i < MANY; i++) {
		loop_watch_free(&watches[i]);
		close(more[i]);
	}
	loop_timer_free(&last.t);
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

static void
on_some_time(void *ctx)
{
	int64_t begin_us = time_mono_us();

	while (time_mono_us() - begin_us < 100)
		;
	on_any(ctx);
}

/* Neither do the brief ones keep others out, should they take longer. */
static void
turns_of_the_brief_end_too(void)
{
	enum { MANY = 40 };
	struct seen s = {.l = loop_new(), .stop_at = 2 * MANY};
	struct loop_watch *watches[MANY];
	int fds[2], more[MANY], turns[2] = {0};

	CHECK_INT(pipe(fds), 0);
	loop_measure(s.l, on_long_turn, turns);
	for (int i = 0; i < MANY; i++) {
		more[i] = dup(fds[1]);
		watches[i] = loop_watch_new(
		    s.l, more[i], LOOP_WRITE | LOOP_BRIEF, on_some_time, &s);
	}
	loop_run(s.l);
	CHECK(turns[0] >= 2 * MANY / 10);
	for (int i = 0; i < MANY; i++) {
		loop_watch_free(&watches[i]);
		close(more[i]);
	}
	loop_free(&s.l);
	close(fds[0]);
	close(fds[1]);
}

static void
remembers_an_early_stop(void)
{
	struct loop *l = loop_new();

	loop_stop(l);
	loop_run(l); /* returns */
	loop_free(&l);
	CHECK(!l);
	loop_free(&l);
}

TESTS(TEST(runs_a_timer_once), TEST(repeats_and_stops_a_timer),
    TEST(frees_from_inside_the_callback), TEST(watches_what_is_set),
    TEST(tells_of_an_edge_once), TEST(turns_of_the_brief_end_too),
    TEST(takes_posts_from_threads), TEST(keeps_the_time_within_a_turn),
    TEST(works_in_turns_and_lets_others_in), TEST(turns_end_when_it_is_enough),
    TEST(remembers_an_early_stop))
