/* fetch_parts - what the files of fetch share */
#ifndef BASE_FETCH_PARTS_H
#define BASE_FETCH_PARTS_H

#include <curl/curl.h>
#include <stdatomic.h>

#include "base/fetch.h"
#include "base/text.h"

enum { FETCH_REPLY_BYTES = 512 };

struct fetch {
	struct fetch *next; /* while waiting */
	struct fetcher *fetcher;
	CURL *easy;
	struct curl_slist *headers, *rcpt;
	struct text body; /* to be sent */
	size_t sent;
	struct text answer;
	size_t max_bytes;
	bool is_cut, is_smtp, is_in_mail;
	curl_socket_t fd;	       /* SMTP's, while it is open */
	char reply[FETCH_REPLY_BYTES]; /* SMTP's last */
	char error[CURL_ERROR_SIZE];
	struct worker *worker; /* SMTP, while it runs: all above is its own */
	CURLcode rc;
	atomic_bool is_cancelled;
	fetch_fn *on_done;
	void *ctx;
};

/* t->easy is there; everything else that curl is told. */
int fetch_prepare(
    struct fetch *t, const struct fetch_request *q, struct error *err);

#endif
