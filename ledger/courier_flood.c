/* courier_flood - many events of a kind in one message, and those that come
 * from elsewhere than the stream
 */
#include <stdlib.h>

#include "base/time.h"
#include "ledger/courier_parts.h"

void
courier_fail(struct parcel *p)
{
	struct courier *c = p->courier;

	if (!p->is_failed && c->hooks.on_waiting)
		c->hooks.on_waiting(
		    c->hooks.ctx, p->name, str_make(p->json, p->json_n));
	p->is_failed = true;
}

/* As if it had not been tried. */
void
courier_gather(struct courier_delivery *d, const char *kind, int64_t due_us)
{
	struct parcel *p = d->parcel;
	struct text t;

	free(d);
	if (!p)
		return;
	p->delivery = NULL;
	text_init(&t, p->kind, sizeof(p->kind));
	text_add(&t, kind);
	p->attempts = 0;
	courier_release(p);
	courier_put_back(p);
	p->due_us = due_us;
}

struct parcel *
courier_find(struct courier *c, const char *name)
{
	for (struct parcel *p = c->first; p; p = p->next) {
		if (strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

const char *
courier_kind(const struct courier_delivery *d)
{
	const struct parcel *p = d->parcel;

	return p && *p->kind ? p->kind : NULL;
}

bool
courier_is_again(const struct courier_delivery *d)
{
	const struct parcel *p = d->parcel;

	return p && (p->attempts > 1 || p->is_failed);
}

void
courier_ride(
    struct courier_delivery *d, size_t max, courier_ride_fn *each, void *ctx)
{
	struct parcel *leader = d->parcel;

	for (struct parcel *p = leader->courier->first; p && max > 0;
	     p = p->next) {
		if (p == leader || p->step != WAITING ||
		    strcmp(p->kind, leader->kind) != 0)
			continue;
		p->step = RIDING;
		max--;
		each(ctx, p->name, str_make(p->json, p->json_n));
	}
}

/* Only one leads at a time. Taking one of them may end it at once, but none of
 * the others. */
void
courier_riders_done(struct parcel *leader, bool is_taken)
{
	if (!*leader->kind)
		return;
	for (struct parcel *p = leader->courier->first, *next; p; p = next) {
		next = p->next;
		if (p->step != RIDING)
			continue;
		p->step = WAITING;
		if (is_taken) {
			courier_take(p);
			continue;
		}
		p->due_us = leader->due_us;
		courier_fail(p);
	}
}

void
courier_add(struct courier *c, struct str json, int64_t until)
{
	struct event *e = xalloc(1, sizeof(*e));
	char name[EVENT_ID];

	if (!event_parse(json, e, NULL)) {
		free(e);
		return;
	}
	if (*e->cause)
		memcpy(name, e->cause, sizeof(e->cause));
	else
		event_id(e, name);
	if (!courier_find(c, name))
		courier_add_parcel(c, STR(""), e, json);
	struct parcel *p = courier_find(c, name);

	p->is_failed = true;
	p->until_us = until * TIME_US;
	p->due_us = loop_now_us(c->loop);
	free(e);
	courier_start_due(c);
}

void
courier_status(const struct courier *c, struct courier_status *out)
{
	*out =
	    (struct courier_status){c->sent, c->failed, c->given_up, c->n, 0};
	for (const struct parcel *p = c->first; p; p = p->next) {
		if (p->is_failed && p->step == WAITING &&
		    (out->next_us == 0 || p->due_us < out->next_us))
			out->next_us = p->due_us;
	}
}

size_t
courier_forget(struct courier *c, courier_is_fn *is, void *ctx)
{
	size_t n = 0;

	for (struct parcel *p = c->first, *next; p; p = next) {
		next = p->next;
		if (p->step != WAITING ||
		    !is(ctx, str_make(p->json, p->json_n)))
			continue;
		courier_ack(c, str_from(p->id));
		courier_drop(p);
		n++;
	}
	return n;
}
