/* fetch - HTTP and SMTP out, by libcurl's multi interface on the loop */
#include "base/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/crlf.h"
#include "base/loop.h"
#include "base/text.h"

enum {
	PARALLEL = 16,
	WAITING_MAX = 1000,
	TIMEOUT_MS = 30000,
	MAX_BYTES = 65536,
	REPLY_BYTES = 512,
};

struct fetch {
	struct fetch *next; /* while waiting */
	CURL *easy;
	struct curl_slist *headers, *rcpt;
	struct text body; /* to be sent */
	size_t sent;
	struct text answer;
	size_t max_bytes;
	bool is_cut, is_smtp, is_in_mail;
	curl_socket_t fd;	 /* that curl watches for it */
	char reply[REPLY_BYTES]; /* SMTP's last */
	char error[CURL_ERROR_SIZE];
	fetch_fn *on_done;
	void *ctx;
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

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct fetch *t = ctx;
	size_t room = t->max_bytes - t->answer.n;

	n *= size;
	text_bytes(&t->answer, p, n < room ? n : room);
	if (n <= room)
		return n;
	t->is_cut = true;
	return 0; /* ends it */
}

static size_t
on_upload(char *p, size_t size, size_t n, void *ctx)
{
	struct fetch *t = ctx;
	size_t left = t->body.n - t->sent;

	n = n * size < left ? n * size : left;
	if (n > 0)
		memcpy(p, t->body.p + t->sent, n);
	t->sent += n;
	return n;
}

/* curl waits for the reply to QUIT in a blocking way, for up to two minutes.
 * Once the outcome is known nothing more needs to be read: curl sends its QUIT
 * and finds the end of the stream. */
static void
stop_reading(struct fetch *t)
{
	if (t->fd != CURL_SOCKET_BAD)
		shutdown(t->fd, SHUT_RD);
}

static size_t
on_smtp_reply(char *p, size_t size, size_t n, void *ctx)
{
	struct fetch *t = ctx;
	struct text reply;

	n *= size;
	text_init(&reply, t->reply, sizeof(t->reply));
	text_printable(&reply, str_trim(str_make(p, n)));
	if (n < 4 || p[3] == '-' || !t->is_in_mail)
		return n;
	if (p[0] == '4' || p[0] == '5' || (t->body.n && t->sent == t->body.n))
		stop_reading(t);
	return n;
}

/* Only to know when the greeting and the login are over. */
static int
on_debug(CURL *easy, curl_infotype type, char *p, size_t n, void *ctx)
{
	struct fetch *t = ctx;

	(void)easy;
	if (type == CURLINFO_HEADER_OUT &&
	    str_starts(str_make(p, n), STR("MAIL FROM:")))
		t->is_in_mail = true;
	return 0;
}

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
	char both[CURL_ERROR_SIZE + REPLY_BYTES + 8];
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

/* The request. */

static int
add_list(struct curl_slist **list, const char *const *lines, const char *what,
    struct error *err)
{
	for (; lines && *lines; lines++) {
		if (!crlf_is_plain(str_from(*lines)))
			return error_set(
			    err, "%s with a control character", what);
		struct curl_slist *longer = curl_slist_append(*list, *lines);

		if (!longer)
			fatal("no memory for a request");
		*list = longer;
	}
	return 0;
}

static int
set_smtp(struct fetch *t, const struct fetch_request *q, struct error *err)
{
	if (!q->mail_from || !crlf_is_plain(str_from(q->mail_from)))
		return error_set(err, "a letter needs a plain sender");
	if (add_list(&t->rcpt, q->mail_rcpt, "recipient", err) < 0)
		return -1;
	if (!t->rcpt)
		return error_set(err, "a letter needs a recipient");
	text_grow(&t->body, q->body.n * 2 + 3);
	crlf_text(&t->body, q->body);
	curl_easy_setopt(t->easy, CURLOPT_MAIL_FROM, q->mail_from);
	curl_easy_setopt(t->easy, CURLOPT_MAIL_RCPT, t->rcpt);
	curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
	curl_easy_setopt(
	    t->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->body.n);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_smtp_reply);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	return 0;
}

static int
set_http(struct fetch *t, const struct fetch_request *q, struct error *err)
{
	static const char *const no_expect[] = {"Expect:", NULL};
	const char *method = q->method;

	if (add_list(&t->headers, q->headers, "header", err) < 0 ||
	    add_list(&t->headers, no_expect, "header", err) < 0)
		return -1;
	if (method &&
	    (!*method || method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]))
		return error_set(err, "bad method");
	text_grow(&t->body, q->body.n + 1);
	text_str(&t->body, q->body);
	if (q->body.n > 0 || (method && strcmp(method, "POST") == 0)) {
		curl_easy_setopt(t->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    t->easy, CURLOPT_POSTFIELDS, t->body.p ? t->body.p : "");
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)t->body.n);
	}
	if (method && strcmp(method, "HEAD") == 0)
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	else if (method)
		curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	return 0;
}

static void
set_common(struct fetch *t, const struct fetch_request *q)
{
	long timeout = q->timeout_ms > 0 ? q->timeout_ms : TIMEOUT_MS;

	curl_easy_setopt(t->easy, CURLOPT_URL, q->url);
	curl_easy_setopt(
	    t->easy, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, timeout);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(
	    t->easy, CURLOPT_USERAGENT, "outpost/" OUTPOST_VERSION);
}

static bool
has_scheme(CURLU *url, struct fetch *t)
{
	char *scheme = NULL;

	(void)curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	struct str s = str_from(scheme);
	bool is_http = str_is(s, STR("http")) || str_is(s, STR("https"));

	t->is_smtp = str_is(s, STR("smtp")) || str_is(s, STR("smtps"));
	curl_free(scheme);
	return t->is_smtp || is_http;
}

static int
prepare(struct fetch *t, CURLU *url, const struct fetch_request *q,
    struct error *err)
{
	if (!url || !t->easy)
		fatal("no memory for a request");
	CURLUcode rc = curl_url_set(url, CURLUPART_URL, q->url, 0);

	/* The URL may hold a login: it isn't repeated. */
	if (rc != CURLUE_OK)
		return error_set(err, "bad URL: %s", curl_url_strerror(rc));
	if (!has_scheme(url, t))
		return error_set(
		    err, "bad URL: only http, https, smtp and smtps");
	set_common(t, q);
	return t->is_smtp ? set_smtp(t, q, err) : set_http(t, q, err);
}

/* All of them. */

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
		curl_multi_add_handle(f->multi, t->easy);
	}
}

static void
take_out(struct fetcher *f, struct fetch *t)
{
	for (size_t i = 0; i < f->running_n; i++) {
		if (f->running[i] == t)
			f->running[i] = f->running[--f->running_n];
	}
	curl_multi_remove_handle(f->multi, t->easy);
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

static void
note_socket(CURL *easy, curl_socket_t fd)
{
	struct fetch *t = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
	if (t) /* not curl's own */
		t->fd = fd;
}

static int
on_want_socket(
    CURL *easy, curl_socket_t fd, int what, void *ctx, void *spot_ctx)
{
	struct fetcher *f = ctx;
	struct spot *s = spot_ctx;
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0) |
		     (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	note_socket(easy, what == CURL_POLL_REMOVE ? CURL_SOCKET_BAD : fd);
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
		answer(t, CURLE_OK, "cancelled");
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
	CURLU *url = curl_url();

	t->fd = CURL_SOCKET_BAD;
	t->easy = curl_easy_init();
	t->on_done = on_done;
	t->ctx = ctx;
	t->max_bytes = q->max_bytes ? q->max_bytes : MAX_BYTES;
	text_grow(&t->answer, t->max_bytes + 1);
	int rc = prepare(t, url, q, err);

	curl_url_cleanup(url);
	if (rc < 0) {
		free_fetch(t);
		return NULL;
	}
	*f->last_waiting = t;
	f->last_waiting = &t->next;
	f->waiting_n++;
	start_waiting(f);
	return t;
}
