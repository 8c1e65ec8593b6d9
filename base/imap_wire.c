/* imap_wire - bytes to and from an IMAP server, by libcurl */
#include "base/imap_wire.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>

#include "base/time.h"

enum { SLICE_MS = 500 };

struct imap_wire {
	CURL *easy;
	curl_socket_t fd;
	int timeout_ms;
	const atomic_bool *is_cancelled;
	char error[CURL_ERROR_SIZE];
};

/* Port and host are the URL's only parts. */
static bool
is_bare(CURLU *url)
{
	static const CURLUPart others[] = {CURLUPART_USER, CURLUPART_PASSWORD,
	    CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT};
	char *path = NULL;
	bool is = true;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char *part = NULL;

		if (curl_url_get(url, others[i], &part, 0) == CURLUE_OK)
			is = false;
		curl_free(part);
	}
	(void)curl_url_get(url, CURLUPART_PATH, &path, 0);
	is = is && path && strcmp(path, "/") == 0;
	curl_free(path);
	return is;
}

int
imap_wire_check(const char *text, struct error *err)
{
	CURLU *url = curl_url();
	char *scheme = NULL;

	if (!url)
		fatal("no memory for a URL");
	CURLUcode rc = curl_url_set(url, CURLUPART_URL, text, 0);

	if (rc == CURLUE_OK)
		(void)curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	struct str s = str_from(scheme);
	bool is_good =
	    (str_is(s, STR("imaps")) || str_is(s, STR("imap"))) && is_bare(url);

	curl_free(scheme);
	curl_url_cleanup(url);
	/* It may hold a login: it isn't repeated. */
	return is_good ? 0
		       : error_set(err, "must be imaps://HOST[:PORT], or "
					"imap:// with STARTTLS, and no more");
}

static int
on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	const struct imap_wire *w = ctx;

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return *w->is_cancelled;
}

static void
prepare(struct imap_wire *w, const struct imap_wire_options *o)
{
	curl_easy_setopt(w->easy, CURLOPT_URL, o->url);
	curl_easy_setopt(w->easy, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(w->easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(
	    w->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (*o->ca_file) {
		curl_easy_setopt(w->easy, CURLOPT_CAINFO, o->ca_file);
		curl_easy_setopt(w->easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(w->easy, CURLOPT_USERNAME, o->user);
	curl_easy_setopt(w->easy, CURLOPT_PASSWORD, o->password);
	curl_easy_setopt(w->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(w->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(w->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(w->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(w->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(w->easy, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(
	    w->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(w->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
	    (long)(o->timeout_ms / 1000 + 1));
	curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, w->error);
	curl_easy_setopt(w->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(w->easy, CURLOPT_XFERINFODATA, w);
	curl_easy_setopt(w->easy, CURLOPT_NOPROGRESS, 0L);
}

struct imap_wire *
imap_wire_open(const struct imap_wire_options *o, struct error *err)
{
	static atomic_bool is_ready;
	struct imap_wire *w = xalloc(1, sizeof(*w));

	if (!is_ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		fatal("libcurl doesn't start");
	is_ready = true;
	w->timeout_ms = o->timeout_ms;
	w->is_cancelled = o->is_cancelled;
	w->easy = curl_easy_init();
	if (!w->easy)
		fatal("no memory for a connection");
	prepare(w, o);
	CURLcode rc = curl_easy_perform(w->easy);

	if (rc == CURLE_OK)
		rc = curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &w->fd);
	if (rc == CURLE_OK && w->fd != CURL_SOCKET_BAD)
		return w;
	error_set(err, "%s", *w->error ? w->error : curl_easy_strerror(rc));
	imap_wire_close(&w);
	return NULL;
}

void
imap_wire_close(struct imap_wire **w)
{
	if (!*w)
		return;
	curl_easy_cleanup((*w)->easy);
	free(*w);
	*w = NULL;
}

/* In slices, so that who gave up is heard. */
static int
wait_for(struct imap_wire *w, short events, int64_t until_us, struct error *err)
{
	struct pollfd p = {w->fd, events, 0};

	while (!*w->is_cancelled) {
		if (time_mono_us() >= until_us)
			return error_set(err, "no answer in time");
		if (poll(&p, 1, SLICE_MS) > 0)
			return 0;
	}
	return error_set(err, "cancelled");
}

int
imap_wire_send(struct imap_wire *w, struct str bytes, struct error *err)
{
	int64_t until_us = time_mono_us() + w->timeout_ms * 1000LL;

	while (bytes.n > 0) {
		size_t n = 0;
		CURLcode rc = curl_easy_send(w->easy, bytes.p, bytes.n, &n);

		if (rc == CURLE_AGAIN) {
			if (wait_for(w, POLLOUT, until_us, err) < 0)
				return -1;
			continue;
		}
		if (rc != CURLE_OK)
			return error_set(err, "%s", curl_easy_strerror(rc));
		bytes = str_skip(bytes, n);
	}
	return 0;
}

ssize_t
imap_wire_recv(struct imap_wire *w, char *buf, size_t max, struct error *err)
{
	int64_t until_us = time_mono_us() + w->timeout_ms * 1000LL;

	for (;;) {
		size_t n = 0;
		CURLcode rc = curl_easy_recv(w->easy, buf, max, &n);

		if (rc == CURLE_OK && n > 0)
			return (ssize_t)n;
		if (rc == CURLE_OK)
			return error_set(err, "the server hung up");
		if (rc != CURLE_AGAIN)
			return error_set(err, "%s", curl_easy_strerror(rc));
		if (wait_for(w, POLLIN, until_us, err) < 0)
			return -1;
	}
}
