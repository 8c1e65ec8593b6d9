/* notifiers_book - what a target owes, in the books
 *
 * The stream and its groups are in Redis, which may lose them. What failed is
 * noted here as well, so a restart takes it up again whatever Redis knows; what
 * was given up stays, parked, until an operator has it tried again. The key is
 * the target's name, a blank, the event's; the value "w" or "p SINCE WHY" and
 * on the next line the event.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/mailer.h"
#include "daemon/notifiers_parts.h"
#include "fbl/kept.h"
#include "notify/webhook.h"

enum { JSON_MAX = KEPT_VALUE - 512, LONGEST_JSON = 64 * 1024 };

static struct str
key_of(const struct target *t, const char *name, char buf[KEPT_KEY])
{
	struct text w;

	text_init(&w, buf, KEPT_KEY);
	text_printf(&w, "%s %s", t->name, name);
	return text_view(&w);
}

static int64_t
now_of(const struct target *t)
{
	return loop_now_us(t->owner->loop) / TIME_US;
}

/* What is too long for the books goes without its evidence. */
static void
print_event(const struct event *e, struct text *out)
{
	size_t start = out->n;

	event_print(e, out);
	if (out->n - start <= JSON_MAX)
		return;
	struct event *bare = xalloc(1, sizeof(*bare));

	*bare = *e;
	bare->evidence[0] = '\0';
	out->n = start;
	event_print(bare, out);
	free(bare);
}

static void
put(struct target *t, const char *name, const char *head, const struct event *e)
{
	char key[KEPT_KEY];
	struct text value;

	text_grow(&value, LONGEST_JSON);
	text_add(&value, head);
	text_char(&value, '\n');
	print_event(e, &value);
	kept_put(t->owner->book, key_of(t, name, key), text_view(&value),
	    e->at_us / TIME_US);
	text_done(&value);
}

void
notifiers_on_waiting(void *ctx, const char *name, struct str json)
{
	struct event *e = xalloc(1, sizeof(*e));

	if (event_parse(json, e, NULL))
		put(ctx, name, "w", e);
	free(e);
}

void
notifiers_on_over(void *ctx, const char *name)
{
	struct target *t = ctx;
	char key[KEPT_KEY];

	kept_remove(t->owner->book, key_of(t, name, key));
}

static bool
is_parked(const struct target *t, const char *name)
{
	char key[KEPT_KEY];
	const struct kept_item *i =
	    kept_find(t->owner->book, key_of(t, name, key));

	return i && str_starts(i->value, STR("p "));
}

void
notifiers_on_given_up(void *ctx, const struct event *e)
{
	struct target *t = ctx;
	char id[EVENT_ID], head[400];
	struct text w;

	webhook_id(e, id);
	if (target_is_webhook(t) && !webhook_wants(target_settings(t), e))
		return; /* it was never asked about it */
	if (!target_is_webhook(t)) {
		notifiers_on_over(t, id);
		mailer_given_up(t->owner->mailer, e, t->why);
		log_error("%s: given up on event %s of %s (last failure: %s)",
		    t->name, id, e->subject, *t->why ? t->why : "none");
		return;
	}
	if (is_parked(t, id))
		return; /* and was put back into the stream */
	text_init(&w, head, sizeof(head));
	text_printf(&w, "p %lld %s", (long long)now_of(t), t->why);
	put(t, id, head, e);
	log_error("%s: event %s of %s is parked (last failure: %s); outpost "
		  "webhooks retry %s tries it again",
	    t->name, id, e->subject, *t->why ? t->why : "none",
	    target_settings(t)->name);
}

static bool
is_of(const struct target *t, const struct kept_item *i, struct str *head,
    struct str *json)
{
	struct str key = i->key;

	*json = i->value;
	return str_take(&key, str_from(t->name)) && str_take(&key, STR(" ")) &&
	       str_cut(json, '\n', head);
}

void
notifiers_take_up(struct target *t)
{
	const struct kept_item *i = kept_newest(t->owner->book);
	struct str head, json;

	for (; i; i = i->older) {
		if (is_of(t, i, &head, &json) && str_is(head, STR("w")))
			courier_add(t->courier, json, 0);
	}
}

static struct target *
find(const struct notifiers *n, struct str name)
{
	for (size_t i = 0; i < n->n; i++) {
		if (target_is_webhook(n->v[i]) &&
		    str_is(name, str_from(target_settings(n->v[i])->name)))
			return n->v[i];
	}
	return NULL;
}

size_t
notifiers_parked(const struct notifiers *n, struct str webhook,
    notifiers_parked_fn *each, void *ctx)
{
	const struct target *t = find(n, webhook);
	const struct kept_item *i = t ? kept_newest(n->book) : NULL;
	struct str head, json;
	size_t parked = 0;

	for (; i; i = i->older) {
		struct str word, since;
		int64_t at = 0;

		if (!is_of(t, i, &head, &json) || !str_take(&head, STR("p ")))
			continue;
		parked++;
		word = head;
		if (str_cut(&word, ' ', &since))
			str_to_i64(since, &at);
		if (each)
			each(ctx, json, at, word);
	}
	return parked;
}

bool
notifiers_retry(struct notifiers *n, struct str webhook, size_t *count)
{
	struct target *t = find(n, webhook);
	const struct kept_item *older, *i = t ? kept_newest(n->book) : NULL;
	struct event *e;

	*count = 0;
	if (!t)
		return false;
	e = xalloc(1, sizeof(*e));
	for (; i; i = older) {
		struct str head, json;
		char id[EVENT_ID];

		older = i->older;
		if (!is_of(t, i, &head, &json) ||
		    !str_starts(head, STR("p ")) || !event_parse(json, e, NULL))
			continue;
		webhook_id(e, id);
		courier_add(t->courier, json, now_of(t) + t->retry_for);
		put(t, id, "w", e); /* i is gone */
		++*count;
	}
	free(e);
	return true;
}

bool
notifiers_webhook(const struct notifiers *n, struct str webhook,
    struct notifiers_webhook *out)
{
	const struct target *t = find(n, webhook);
	struct courier_status s;

	if (!t)
		return false;
	courier_status(t->courier, &s);
	*out = (struct notifiers_webhook){.sent = s.sent,
	    .failed = s.failed,
	    .waiting = s.waiting,
	    .parked = notifiers_parked(n, webhook, NULL, NULL),
	    .failing_since = t->failing_since,
	    .next = s.next_us / TIME_US,
	    .why = t->failing_since ? t->why : "",
	    .tested = t->tested};
	return true;
}

struct test {
	struct target *target;
	loop_fn *done;
	void *ctx;
};

static void
on_tested(void *ctx, enum courier_outcome outcome, const char *why)
{
	struct test *q = ctx;
	struct target *t = q->target;
	struct text w;

	text_init(&w, t->tested, sizeof(t->tested));
	if (outcome != COURIER_TAKEN)
		text_printable(&w, str_from(why));
	if (!t->owner->is_ending)
		q->done(q->ctx);
	free(q);
}

bool
notifiers_test(struct notifiers *n, struct str webhook, const char *by,
    loop_fn *done, void *ctx)
{
	struct target *t = find(n, webhook);
	struct test *q;
	struct text w;

	if (!t)
		return false;
	q = xalloc(1, sizeof(*q));
	*q = (struct test){t, done, ctx};
	if (post_webhook_test(t->fetcher, target_settings(t), by,
		loop_now_us(n->loop), on_tested, q))
		return true;
	free(q);
	text_init(&w, t->tested, sizeof(t->tested));
	text_add(&w, "it can't be asked");
	return false;
}

struct meant {
	bool (*is)(void *ctx, struct str json);
	void *ctx;
};

static bool
is_meant(void *ctx, const struct kept_item *i)
{
	const struct meant *m = ctx;

	return m->is(m->ctx, i->value);
}

size_t
notifiers_forget(
    struct notifiers *n, bool (*is)(void *ctx, struct str json), void *ctx)
{
	struct meant m = {is, ctx};
	size_t parked = kept_drop(n->book, is_meant, &m), waiting = 0;

	for (size_t i = 0; i < n->n; i++)
		waiting += n->v[i]->courier
			       ? courier_forget(n->v[i]->courier, is, ctx)
			       : 0;
	return waiting > parked ? waiting : parked;
}
