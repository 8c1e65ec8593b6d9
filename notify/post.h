/* post - hands letters and webhooks over, by base/fetch
 *
 * The answer comes exactly once, never before the call returns: true when the
 * other side took it. Trying again is the caller's (ledger/courier.h).
 */
#ifndef NOTIFY_POST_H
#define NOTIFY_POST_H

#include "base/fetch.h"
#include "ledger/event.h"
#include "notify/settings.h"

/* why is NULL when it was taken. */
typedef void post_fn(void *ctx, bool is_taken, const char *why);

/* false: nothing is to be sent for this event (no answer comes then). */
bool post_letter(struct fetcher *f, const struct notify_settings *s,
    const struct event *e, int64_t now, post_fn *on_done, void *ctx);
bool post_webhook(struct fetcher *f, const struct webhook_settings *w,
    const struct event *e, int64_t now, post_fn *on_done, void *ctx);

#endif
