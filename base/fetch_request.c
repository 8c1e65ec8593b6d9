/* fetch_request - what curl is told about one transfer */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crlf.h"
#include "base/fetch_parts.h"

enum { TIMEOUT_MS = 30000 };

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

/* curl waits for the reply to QUIT for up to two minutes, whatever the
 * time-out. Once the outcome is known nothing more needs to be read: curl sends
 * its QUIT and finds the end of the stream. */
static void
stop_reading(struct fetch *t)
{
	if (t->fd != CURL_SOCKET_BAD)
		shutdown(t->fd, SHUT_RD);
}

static int
on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	struct fetch *t = ctx;

	(void)purpose;
	t->fd = fd;
	return CURL_SOCKOPT_OK;
}

static int
on_close(void *ctx, curl_socket_t fd)
{
	struct fetch *t = ctx;

	if (t->fd == fd)
		t->fd = CURL_SOCKET_BAD;
	return close(fd);
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
on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	struct fetch *t = ctx;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return t->is_cancelled;
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
	curl_easy_setopt(t->easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_SOCKOPTDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
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
	/* Else the end of a look-up that is late is waited for. */
	curl_easy_setopt(t->easy, CURLOPT_QUICK_EXIT, 1L);
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
set_all(struct fetch *t, CURLU *url, const struct fetch_request *q,
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

int
fetch_prepare(struct fetch *t, const struct fetch_request *q, struct error *err)
{
	CURLU *url = curl_url();
	int rc = set_all(t, url, q, err);

	curl_url_cleanup(url);
	return rc;
}
