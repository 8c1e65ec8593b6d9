/* managed_redis - a private redis-server that outpostd keeps running */
#include "daemon/managed_redis.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/time.h"
#include "daemon/redis_process.h"

enum {
	DELAY_MIN_US = 100000,
	DELAY_MAX_US = 10000000,
	QUIET_US = 800000,    /* a start is told of until the delay is longer */
	STABLE_US = 10000000, /* who lived so long isn't failing to start */
	STOP_MS = 10000,
};

struct managed_redis {
	struct loop *loop;
	char *program, *dir, *uri;
	int64_t stop_timeout_us;
	managed_redis_fn *on_change;
	void *ctx;

	pid_t pid; /* 0: none runs */
	int pidfd;
	struct loop_watch *watch;
	int64_t started_us, delay_us;
	bool has_complained; /* of what keeps it from starting, or running */

	struct loop_timer *timer; /* start, or the end of patience */
	bool is_stopping;
	managed_redis_stopped_fn *on_stopped;
	void *stopped_ctx;
};

static void
try_later(struct managed_redis *m)
{
	loop_timer_in(m->timer, m->delay_us);
	m->delay_us *= 2;
	if (m->delay_us > DELAY_MAX_US)
		m->delay_us = DELAY_MAX_US;
}

/* Reaps a child; an adopted server is not ours to ask how it ended. true: it
 * gave up by itself. */
static bool
describe_end(struct managed_redis *m, struct text *t)
{
	siginfo_t info = {0};

	if (waitid(P_PIDFD, (id_t)m->pidfd, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return false;
	if (info.si_code == CLD_EXITED)
		text_printf(t, ", exit status %d", info.si_status);
	else
		text_printf(t, ", signal %d", info.si_status);
	if (info.si_code != CLD_EXITED || info.si_status == 0)
		return false;
	text_add(t, ": ");
	redis_process_last_words(m->dir, t);
	return true;
}

static void
forget_process(struct managed_redis *m)
{
	loop_watch_free(&m->watch);
	if (m->pidfd >= 0)
		close(m->pidfd);
	m->pidfd = -1;
	m->pid = 0;
}

static void
finish_stop(struct managed_redis *m)
{
	managed_redis_stopped_fn *fn = m->on_stopped;

	m->on_stopped = NULL;
	loop_timer_stop(m->timer);
	if (fn)
		fn(m->stopped_ctx);
}

/* It ended; said once, however often it does so right after its start. */
static void
tell_end(struct managed_redis *m, pid_t pid, const char *how)
{
	if (m->has_complained)
		return;
	m->has_complained = true;
	log_warning("redis-server (pid %d, %s) ended%s; mail goes on, counted "
		    "in memory; started again in %.1f s",
	    (int)pid, m->dir, how, (double)m->delay_us / TIME_US);
}

static void
on_exit_seen(void *ctx)
{
	struct managed_redis *m = ctx;
	pid_t pid = m->pid;
	char buf[400];
	struct text how;

	text_init(&how, buf, sizeof(buf));
	bool gave_up = describe_end(m, &how);

	forget_process(m);
	if (m->is_stopping) {
		finish_stop(m); /* may free it */
		return;
	}
	if (time_mono_us() - m->started_us > STABLE_US) {
		m->delay_us = DELAY_MIN_US;
		m->has_complained = false;
	}
	tell_end(m, pid, how.p);
	if (gave_up && redis_process_set_aside(m->dir))
		log_error("redis-server can't read its own files: %s/"
			  "appendonlydir is now appendonlydir.damaged; it "
			  "starts empty and is told again what holds",
		    m->dir);
	try_later(m);
	if (m->on_change)
		m->on_change(m->ctx, false);
}

static void
start(struct managed_redis *m)
{
	struct error err;
	int found =
	    redis_process_start(m->program, m->dir, &m->pid, &m->pidfd, &err);

	if (found < 0) {
		if (!m->has_complained)
			log_error("%s; mail goes on, counted in memory only; "
				  "tried again",
			    err.text);
		m->has_complained = true;
		try_later(m);
		return;
	}
	m->started_us = time_mono_us();
	m->watch =
	    loop_watch_new(m->loop, m->pidfd, LOOP_READ, on_exit_seen, m);
	if (m->delay_us <= QUIET_US)
		log_info("redis-server (pid %d, %s) %s", (int)m->pid, m->dir,
		    found == REDIS_ADOPTED ? "was running, taken over"
					   : "started");
	if (m->on_change)
		m->on_change(m->ctx, true);
}

static void
on_time(void *ctx)
{
	struct managed_redis *m = ctx;

	if (!m->is_stopping) {
		start(m);
	} else if (m->pid == 0) {
		finish_stop(m);
	} else {
		log_warning("redis-server (pid %d, %s) doesn't end, killing "
			    "it; up to a second of the board is lost and "
			    "posted again",
		    (int)m->pid, m->dir);
		pidfd_send_signal(m->pidfd, SIGKILL, NULL, 0);
	}
}

struct managed_redis *
managed_redis_new(struct loop *l, const struct managed_redis_options *o,
    managed_redis_fn *on_change, void *ctx, struct error *err)
{
	char uri[512];

	if (*o->dir != '/' || strlen(o->dir) > 200) {
		error_set(
		    err, "\"%.64s\" must be an absolute, short path", o->dir);
		return NULL;
	}
	struct managed_redis *m = xalloc(1, sizeof(*m));
	int64_t stop_ms = o->stop_timeout_ms ? o->stop_timeout_ms : STOP_MS;

	snprintf(uri, sizeof(uri), "unix:%s/redis.sock", o->dir);
	m->loop = l;
	m->program = str_dup(str_from(o->program));
	m->dir = str_dup(str_from(o->dir));
	m->uri = str_dup(str_from(uri));
	m->stop_timeout_us = stop_ms * 1000;
	m->on_change = on_change;
	m->ctx = ctx;
	m->pidfd = -1;
	m->delay_us = DELAY_MIN_US;
	m->timer = loop_timer_new(l, on_time, m);
	loop_timer_in(m->timer, 0);
	return m;
}

void
managed_redis_free(struct managed_redis **mp)
{
	struct managed_redis *m = *mp;

	if (!m)
		return;
	*mp = NULL;
	forget_process(m);
	loop_timer_free(&m->timer);
	free(m->program);
	free(m->dir);
	free(m->uri);
	free(m);
}

const char *
managed_redis_uri(const struct managed_redis *m)
{
	return m->uri;
}

pid_t
managed_redis_pid(const struct managed_redis *m)
{
	return m->pid;
}

void
managed_redis_stop(
    struct managed_redis *m, managed_redis_stopped_fn *on_stopped, void *ctx)
{
	assert(!m->is_stopping);
	m->is_stopping = true;
	m->on_stopped = on_stopped;
	m->stopped_ctx = ctx;
	if (m->pid)
		pidfd_send_signal(m->pidfd, SIGTERM, NULL, 0);
	loop_timer_in(m->timer, m->pid ? m->stop_timeout_us : 0);
}
