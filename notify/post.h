/* post - hands letters and webhooks over, by base/fetch
 *
 * The answer comes exactly once, never before the call returns. Trying again is
 * the caller's (ledger/courier.h).
 */
#ifndef NOTIFY_POST_H
#define NOTIFY_POST_H

#include "base/fetch.h"
#include "ledger/courier.h"
#include "notify/settings.h"

/* A mail server that says 5xx has refused; a webhook never does, its operator
 * may repair it. why is NULL when it was taken. */
typedef void post_fn(void *ctx, enum courier_outcome outcome, const char *why);

/* Hands in a message (letter.h). false: it can't be, since the request itself
 * is bad (no answer comes then). */
bool post_letter(struct fetcher *f, const struct notify_settings *s,
    const char *to, struct str message, post_fn *on_done, void *ctx);
/* false: nothing is to be sent for this event, or nothing can be. */
struct webhook_flood;
bool post_webhook_flood(struct fetcher *f, const struct webhook_settings *w,
    const struct webhook_flood *flood, int64_t now, post_fn *on_done,
    void *ctx);
bool post_webhook_test(struct fetcher *f, const struct webhook_settings *w,
    const char *by, int64_t now_us, post_fn *on_done, void *ctx);
bool post_webhook(struct fetcher *f, const struct webhook_settings *w,
    const struct event *e, int64_t now, post_fn *on_done, void *ctx);

#endif
