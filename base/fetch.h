/* fetch - HTTP and SMTP out, by libcurl; the loop never waits
 *
 * Redirects are not followed, only http, https, smtp and smtps are spoken, a
 * total time-out and a maximum of bytes read hold for each. The answer comes
 * exactly once, never before fetch_start returns.
 */
#ifndef BASE_FETCH_H
#define BASE_FETCH_H

#include "base/error.h"
#include "base/str.h"

struct loop;
struct fetcher;
struct fetch;

struct fetcher *fetcher_new(struct loop *l);
void fetcher_free(struct fetcher **f); /* cancels what runs: answers come */

struct fetch_result {
	int status; /* HTTP or SMTP code; 0: never got that far */
	/* At most max_bytes; what is longer is cut there, and not read. For
	 * SMTP the server's last reply. */
	struct str body;
	bool is_cut;
	const char *error; /* NULL when the transfer worked, whatever status */
};
typedef void fetch_fn(void *ctx, const struct fetch_result *result);

struct fetch_request {
	const char *url;
	const char *method; /* NULL: POST with a body, else GET */
	const char *const
	    *headers;	       /* "Name: value", NULL-terminated, or NULL */
	struct str body;       /* copied; for SMTP the message (LF or CRLF) */
	const char *mail_from; /* SMTP: envelope; "" is the null sender */
	const char *const *mail_rcpt; /* SMTP: NULL-terminated; a refusal of
				       * one is an error, nothing is sent */
	int timeout_ms;		      /* 0: 30 s; the wait for a slot apart */
	size_t max_bytes;	      /* 0: 64 KiB */
};
/* NULL and *err when the request itself is bad, or 1000 wait; then no answer
 * comes. 16 run at a time. */
struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *q,
    fetch_fn *on_done, void *ctx, struct error *err);

#endif
