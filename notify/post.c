/* post - hands letters and webhooks over */
#include "notify/post.h"

#include <stdlib.h>

#include "notify/webhook.h"

enum { ANSWER_MAX = 4096, TEST_S = 8 /* a person waits for it */ };

struct question {
	post_fn *on_done;
	void *ctx;
	bool is_letter;
};

static enum courier_outcome
judge(const struct question *q, const struct fetch_result *r)
{
	if (!r->error && r->status >= 200 && r->status < 300)
		return COURIER_TAKEN;
	return q->is_letter && r->status >= 500 && r->status < 600
		   ? COURIER_REFUSED
		   : COURIER_FAILED;
}

static void
on_answer(void *ctx, const struct fetch_result *r)
{
	struct question *q = ctx;
	enum courier_outcome outcome = judge(q, r);
	char why[256];
	struct text t;

	text_init(&t, why, sizeof(why));
	if (r->error)
		text_add(&t, r->error);
	else
		text_printf(&t, "answered %d", r->status);
	q->on_done(q->ctx, outcome, outcome == COURIER_TAKEN ? NULL : why);
	free(q);
}

/* false: the request can't even be made (a bad URL; settings are checked for
 * that when they are loaded), so no answer comes. */
static bool
start(struct fetcher *f, const struct fetch_request *r, post_fn *on_done,
    void *ctx)
{
	struct question *q = xalloc(1, sizeof(*q));
	struct error err;

	*q = (struct question){on_done, ctx, r->mail_rcpt != NULL};
	if (fetch_start(f, r, on_answer, q, &err))
		return true;
	free(q);
	return false;
}

bool
post_letter(struct fetcher *f, const struct notify_settings *s, const char *to,
    struct str message, post_fn *on_done, void *ctx)
{
	const char *const rcpt[] = {to, NULL};
	const struct fetch_request r = {
	    .url = s->letter_smtp,
	    .body = message,
	    .mail_from = "",
	    .mail_rcpt = rcpt,
	    .timeout_ms = (int)s->letter_timeout * 1000,
	    .max_bytes = ANSWER_MAX,
	};

	return start(f, &r, on_done, ctx);
}

static bool
hand_in(struct fetcher *f, const struct webhook_settings *w,
    struct webhook_request *request, post_fn *on_done, void *ctx)
{
	struct fetch_request r = {
	    .url = w->url,
	    .method = "POST",
	    .headers = request->headers,
	    .body = text_view(&request->body),
	    .timeout_ms = (int)w->timeout * 1000,
	    .max_bytes = ANSWER_MAX,
	};
	bool started = start(f, &r, on_done, ctx);

	text_done(&request->body);
	return started;
}

bool
post_webhook(struct fetcher *f, const struct webhook_settings *w,
    const struct event *e, int64_t now, post_fn *on_done, void *ctx)
{
	struct webhook_request request;

	if (!webhook_wants(w, e))
		return false;
	webhook_write(w, e, now, &request);
	return hand_in(f, w, &request, on_done, ctx);
}

bool
post_webhook_flood(struct fetcher *f, const struct webhook_settings *w,
    const struct webhook_flood *flood, int64_t now, post_fn *on_done, void *ctx)
{
	struct webhook_request request;

	if (flood->n == 1)
		webhook_write(w, flood->first[0], now, &request);
	else
		webhook_write_flood(w, flood, now, &request);
	return hand_in(f, w, &request, on_done, ctx);
}

bool
post_webhook_test(struct fetcher *f, const struct webhook_settings *w,
    const char *by, int64_t now_us, post_fn *on_done, void *ctx)
{
	struct webhook_settings quick = *w;
	struct webhook_request request;

	if (quick.timeout > TEST_S)
		quick.timeout = TEST_S;
	webhook_write_test(&quick, by, now_us, &request);
	return hand_in(f, &quick, &request, on_done, ctx);
}
