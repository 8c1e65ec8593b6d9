/* webhook - what the abuse desk's systems get: one event, one signed POST
 *
 * The body is the event as in `outpost events --json`. Headers:
 *   X-Outpost-Event: the event's id; a receiver that has seen it before answers
 *                    2xx and does nothing (delivery is at least once)
 *   X-Outpost-Time:  seconds since 1970
 *   X-Outpost-Signature: sha256=HEX, HMAC-SHA256 with the webhook's secret over
 *                    "TIME.BODY"; absent without a secret
 */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include "ledger/event.h"
#include "notify/settings.h"

enum { WEBHOOK_HEADERS = 8, WEBHOOK_HEADER = 160 };

/* Does this webhook want this kind of event? */
bool webhook_wants(const struct webhook_settings *w, const struct event *e);

struct webhook_request {
	struct text body; /* growing; text_done frees */
	char header[WEBHOOK_HEADERS][WEBHOOK_HEADER];
	const char *headers[WEBHOOK_HEADERS + 1]; /* NULL-terminated */
};

void webhook_write(const struct webhook_settings *w, const struct event *e,
    int64_t now, struct webhook_request *out);

#endif
