/* notifiers_flood - many events of a kind within a minute are one message */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "notify/post.h"
#include "notify/webhook.h"
#include "daemon/notifiers_parts.h"

enum {
	MINUTE_US = 60 * 1000 * 1000,
	GATHER_US = 15 * 1000 * 1000, /* news waits no longer */
	MOST = 1000,
};

/* The place of this kind, or the one that is the longest out of use. */
static struct flood_minute *
get_minute(struct target *t, const char *kind)
{
	struct flood_minute *oldest = &t->floods[0];

	for (size_t i = 0; i < FLOOD_KINDS; i++) {
		if (strcmp(t->floods[i].kind, kind) == 0)
			return &t->floods[i];
		if (t->floods[i].began_us < oldest->began_us)
			oldest = &t->floods[i];
	}
	*oldest = (struct flood_minute){0};
	snprintf(oldest->kind, sizeof(oldest->kind), "%s", kind);
	return oldest;
}

bool
notifiers_gather(
    struct target *t, const struct event *e, struct courier_delivery *d)
{
	int64_t now_us = loop_now_us(t->owner->loop);
	int64_t most = target_is_webhook(t) ? target_settings(t)->flood : 0;
	char kind[COURIER_KIND];

	if (most == 0 || courier_kind(d) || courier_is_again(d) ||
	    !webhook_wants(target_settings(t), e))
		return false;
	snprintf(
	    kind, sizeof(kind), "%s:%s", event_type_text(e->type), e->rung);
	struct flood_minute *m = get_minute(t, kind);

	if (now_us - m->began_us >= MINUTE_US || now_us < m->began_us) {
		m->began_us = now_us;
		m->n = 0;
	}
	if (m->n++ < most)
		return false;
	courier_gather(d, kind, now_us + GATHER_US);
	return true;
}

struct ride {
	char *ids[MOST];
	struct event *first[WEBHOOK_FIRST];
	size_t n, n_first;
};

static void
take(void *ctx, const char *name, struct str json)
{
	struct ride *r = ctx;

	r->ids[r->n++] = str_dup(str_from(name));
	if (r->n_first == WEBHOOK_FIRST)
		return;
	r->first[r->n_first] = xalloc(1, sizeof(struct event));
	if (event_parse(json, r->first[r->n_first], NULL))
		r->n_first++;
	else
		free(r->first[r->n_first]);
}

bool
notifiers_post_flood(struct target *t, const struct event *e,
    struct courier_delivery *d, post_fn *on_done, void *ctx)
{
	struct ride *r = xalloc(1, sizeof(*r));
	struct webhook_flood flood = {.n_first = 1};
	char id[EVENT_ID];

	webhook_id(e, id);
	r->ids[r->n++] = str_dup(str_from(id));
	courier_ride(d, MOST - 1, take, r);
	flood.ids = (const char *const *)r->ids;
	flood.n = r->n;
	flood.first[0] = e;
	for (size_t i = 0; i < r->n_first && flood.n_first < WEBHOOK_FIRST; i++)
		flood.first[flood.n_first++] = r->first[i];
	bool is_sent = post_webhook_flood(t->fetcher, target_settings(t),
	    &flood, loop_now_us(t->owner->loop) / TIME_US, on_done, ctx);

	for (size_t i = 0; i < r->n; i++)
		free(r->ids[i]);
	for (size_t i = 0; i < r->n_first; i++)
		free(r->first[i]);
	free(r);
	return is_sent;
}
