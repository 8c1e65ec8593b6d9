/* webhook - what the abuse desk's systems get: a signed POST
 *
 * The body (etc/webhook.schema.json has all of it):
 *   {"version":1,"id":ID,"type":"event","text":SENTENCE,"case":"K7QX-2M9P",
 *    "event":{...}}                       an event as in `outpost events
 * --json`
 *   {"version":1,"id":ID,"type":"flood","text":SENTENCE,"kind":"sanction",
 *    "rung":"suspended","count":N,"ids":[ID ...],"first":[EVENT ...]}
 *   {"version":1,"id":ID,"type":"test","text":SENTENCE}
 * or what Slack, Mattermost and Teams read, with the sentence. Headers:
 *   Outpost-Id: the id; a receiver that has seen it before answers 2xx and does
 *               nothing (delivery is at least once)
 *   Outpost-Signature: t=SECONDS,v1=HEX, HMAC-SHA256 with the webhook's secret
 *               over "SECONDS.BODY"; absent without a secret
 */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include "ledger/event.h"
#include "notify/settings.h"

enum {
	WEBHOOK_HEADERS = 4,
	WEBHOOK_HEADER = 160,
	WEBHOOK_FIRST = 10, /* events that a flood's message has in full */
};

/* Does this webhook want this kind of event? */
bool webhook_wants(const struct webhook_settings *w, const struct event *e);

/* The id by which receivers tell duplicates: the event's cause. */
void webhook_id(const struct event *e, char id[EVENT_ID]);

struct webhook_request {
	struct text body; /* growing; text_done frees */
	char header[WEBHOOK_HEADERS][WEBHOOK_HEADER];
	const char *headers[WEBHOOK_HEADERS + 1]; /* NULL-terminated */
};

void webhook_write(const struct webhook_settings *w, const struct event *e,
    int64_t now, struct webhook_request *out);
/* n events of one type and rung in one message: their ids, and the first of
 * them (one at least). */
struct webhook_flood {
	const char *const *ids;
	size_t n;
	const struct event *first[WEBHOOK_FIRST];
	size_t n_first;
};
void webhook_write_flood(const struct webhook_settings *w,
    const struct webhook_flood *flood, int64_t now,
    struct webhook_request *out);
/* That it works: by whom it was asked for. */
void webhook_write_test(const struct webhook_settings *w, const char *by,
    int64_t now_us, struct webhook_request *out);

#endif
