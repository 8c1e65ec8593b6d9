/* fetch - HTTP and SMTP out, by libcurl
 *
 * HTTP by its multi interface on the loop. For SMTP that waits in a blocking
 * way for the answers to the end of data and to QUIT, and the Postfix that
 * takes the letter may be waiting for our policy service: each letter has a
 * thread.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fetch_parts.h"
#include "base/loop.h"
#include "base/worker.h"

enum {
	PARALLEL = 16,
	WAITING_MAX = 1000,
	MAX_BYTES = 65536,
};

struct fetcher {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
	struct fetch *running[PARALLEL];
	size_t running_n;
	struct fetch *waiting, **last_waiting;
	size_t waiting_n;
	unsigned busy; /* answers under way: the memory stays */
	bool is_dead;
};

/* A descriptor that curl wants watched. */
struct spot {
	struct fetcher *fetcher;
	curl_socket_t fd;
	struct loop_watch *watch;
};

static void
leave(struct fetcher *f)
{
	if (--f->busy > 0 || !f->is_dead)
		return;
	curl_multi_cleanup(f->multi);
	loop_timer_free(&f->timer);
	free(f);
}

/* One transfer. */

static void
free_fetch(struct fetch *t)
{
	if (t->easy)
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->rcpt);
	text_done(&t->body);
	text_done(&t->answer);
	free(t);
}

static void
answer(struct fetch *t, CURLcode rc, const char *error)
{
	char both[CURL_ERROR_SIZE + FETCH_REPLY_BYTES + 8];
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (rc == CURLE_WRITE_ERROR && t->is_cut)
		rc = CURLE_OK;
	if (rc != CURLE_OK && !error)
		error = *t->error ? t->error : curl_easy_strerror(rc);
	if (error && *t->reply) {
		snprintf(both, sizeof(both), "%s (%s)", error, t->reply);
		error = both;
	}
	struct fetch_result result = {.status = (int)status,
	    .body = t->is_smtp ? str_from(t->reply) : text_view(&t->answer),
	    .is_cut = t->is_cut,
	    .error = error};

	t->on_done(t->ctx, &result);
	free_fetch(t);
}

/* All of them. */

static void
take_out(struct fetcher *f, struct fetch *t)
{
	for (size_t i = 0; i < f->running_n; i++) {
		if (f->running[i] == t)
			f->running[i] = f->running[--f->running_n];
	}
	if (!t->is_smtp)
		curl_multi_remove_handle(f->multi, t->easy);
}

static void
perform(void *ctx)
{
	struct fetch *t = ctx;

	t->rc = curl_easy_perform(t->easy);
}

static void start_waiting(struct fetcher *f);

static void
on_performed(void *ctx)
{
	struct fetch *t = ctx;
	struct fetcher *f = t->fetcher;

	f->busy++;
	take_out(f, t);
	answer(t, t->rc, NULL);
	if (!f->is_dead)
		start_waiting(f);
	leave(f);
}

static void
on_unneeded(void *job)
{
	free_fetch(job);
}

/* What the thread still uses is freed when it ends. */
static void
cancel(struct fetch *t)
{
	const struct fetch_result result = {
	    .body = STR(""), .error = "cancelled"};

	if (!t->worker) {
		answer(t, CURLE_OK, "cancelled");
		return;
	}
	t->is_cancelled = true;
	t->on_done(t->ctx, &result);
	worker_abandon(&t->worker, on_unneeded);
}

static void
start_waiting(struct fetcher *f)
{
	while (f->waiting && f->running_n < PARALLEL) {
		struct fetch *t = f->waiting;

		f->waiting = t->next;
		if (!f->waiting)
			f->last_waiting = &f->waiting;
		f->waiting_n--;
		f->running[f->running_n++] = t;
		if (t->is_smtp)
			t->worker =
			    worker_start(f->loop, perform, on_performed, t);
		else
			curl_multi_add_handle(f->multi, t->easy);
	}
}

static void
collect(struct fetcher *f)
{
	CURLMsg *m;
	int left;

	f->busy++;
	while (!f->is_dead && (m = curl_multi_info_read(f->multi, &left))) {
		struct fetch *t = NULL;
		CURLcode rc = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		take_out(f, t);
		answer(t, rc, NULL);
	}
	if (!f->is_dead)
		start_waiting(f);
	leave(f);
}

static void
act(struct fetcher *f, curl_socket_t fd)
{
	int running;

	/* 0: curl looks itself what is ready. */
	curl_multi_socket_action(f->multi, fd, 0, &running);
	collect(f);
}

static void
on_ready(void *ctx)
{
	struct spot *s = ctx;

	act(s->fetcher, s->fd);
}

static void
on_time(void *ctx)
{
	act(ctx, CURL_SOCKET_TIMEOUT);
}

static int
on_want_time(CURLM *multi, long timeout_ms, void *ctx)
{
	struct fetcher *f = ctx;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(f->timer);
	else
		loop_timer_in(f->timer, timeout_ms * 1000);
	return 0;
}

static int
on_want_socket(
    CURL *easy, curl_socket_t fd, int what, void *ctx, void *spot_ctx)
{
	struct fetcher *f = ctx;
	struct spot *s = spot_ctx;
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0) |
		     (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			loop_watch_free(&s->watch);
		free(s);
		return 0;
	}
	if (s) {
		loop_watch_set(s->watch, events);
		return 0;
	}
	s = xalloc(1, sizeof(*s));
	s->fetcher = f;
	s->fd = fd;
	s->watch = loop_watch_new(f->loop, fd, events, on_ready, s);
	curl_multi_assign(f->multi, fd, s);
	return 0;
}

struct fetcher *
fetcher_new(struct loop *l)
{
	static bool is_ready;
	struct fetcher *f = xalloc(1, sizeof(*f));

	if (!is_ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("libcurl doesn't start");
	is_ready = true;
	f->loop = l;
	f->last_waiting = &f->waiting;
	f->timer = loop_timer_new(l, on_time, f);
	f->multi = curl_multi_init();
	if (!f->multi)
		fatal("no memory for libcurl");
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_want_socket);
	curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_want_time);
	curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	return f;
}

void
fetcher_free(struct fetcher **fp)
{
	struct fetcher *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	f->busy++;
	f->is_dead = true;
	while (f->running_n > 0) {
		struct fetch *t = f->running[0];

		take_out(f, t);
		cancel(t);
	}
	while (f->waiting) {
		struct fetch *t = f->waiting;

		f->waiting = t->next;
		answer(t, CURLE_OK, "cancelled");
	}
	leave(f);
}

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *q, fetch_fn *on_done,
    void *ctx, struct error *err)
{
	if (f->is_dead || f->waiting_n >= WAITING_MAX) {
		error_set(err, f->is_dead ? "cancelled" : "too many requests");
		return NULL;
	}
	struct fetch *t = xalloc(1, sizeof(*t));

	t->fetcher = f;
	t->fd = CURL_SOCKET_BAD;
	t->rc = CURLE_FAILED_INIT;
	t->easy = curl_easy_init();
	t->on_done = on_done;
	t->ctx = ctx;
	t->max_bytes = q->max_bytes ? q->max_bytes : MAX_BYTES;
	text_grow(&t->answer, t->max_bytes + 1);
	if (fetch_prepare(t, q, err) < 0) {
		free_fetch(t);
		return NULL;
	}
	*f->last_waiting = t;
	f->last_waiting = &t->next;
	f->waiting_n++;
	start_waiting(f);
	return t;
}
