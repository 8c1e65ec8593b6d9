/* holder_bed - a holder, and an outpost-queue that answers, for its tests */
#ifndef DAEMON_HOLDER_BED_H
#define DAEMON_HOLDER_BED_H

#include "daemon/holder_state.h"

#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"

static struct queue_request q;
static size_t told, kept;

static struct ip_net front_end[1];
static const struct ip_nets front_ends = {front_end, 1};

static inline void
on_full(void *ctx, const struct held_scope *whose, size_t n)
{
	(void)ctx;
	(void)whose;
	told += n;
}

static inline void
on_kept(void *ctx, struct str account, size_t n)
{
	(void)ctx;
	(void)account;
	kept += n;
}

static inline struct holder *
make(int64_t messages_max)
{
	const struct holder_options o = {.messages_max = messages_max,
	    .bytes_max = 1 << 20,
	    .lease = 1000,
	    .keep = 200,
	    .front_ends = &front_ends,
	    .on_full = on_full,
	    .on_kept = on_kept};
	struct holder *h = holder_new(&o);

	told = kept = 0;
	/* Its list is empty. */
	CHECK(holder_next(h, 10, &q));
	CHECK_INT(q.verb, QUEUE_VERB_LIST);
	holder_end(h, 10, false);
	return h;
}

static bool is_doubt; /* of whom is stopped from now on */

static inline void
stop_for(struct holder *h, const char *account, int64_t until,
    const char *cause, const char *event)
{
	holder_stop_begin(h);
	if (account)
		holder_stop(
		    h, &(struct holder_stop){{.account = str_from(account)},
			   until, cause, str_from(event), is_doubt});
	holder_stop_end(h);
}

static inline void
stop(struct holder *h, const char *account, int64_t until)
{
	stop_for(h, account, until, "", "");
}

static inline size_t
release(struct holder *h, const char *account)
{
	const struct holder_order o = {.scope = {.account = str_from(account)},
	    .release = {.is_given = true}};
	struct holder_sum sum;

	holder_order(h, &o, &sum);
	return sum.released.n;
}

static inline void
offer(struct holder *h, const char *account, const char *id)
{
	const struct chains_queued c = {.account = str_from(account),
	    .sender = str_from(account),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .active_at = 9};

	holder_offer(h, &c, 10);
}

/* outpost-queue says so of all that it was asked. */
static inline void
answer(struct holder *h, enum queue_result r, int64_t now)
{
	struct queue_request *asked = xalloc(1, sizeof(*asked));
	struct error err;
	struct text t;

	text_grow(&t, QUEUE_REQUEST_MAX);
	queue_request_print(&q, &t);
	CHECK(queue_request_parse(text_view(&t), asked, &err));
	for (size_t i = 0; i < q.n; i++) {
		struct queue_message m = asked->messages[i];

		m.result = r;
		m.from = m.to = 9;
		m.size_bytes = 100;
		holder_take(h, &m);
	}
	holder_end(h, now, false);
	text_done(&t);
	free(asked);
}

static inline void
offer_as(struct holder *h, const char *id, const char *client, int64_t at,
    const char *sender)
{
	struct chains_queued c = {.account = STR("a@x"),
	    .sender = str_from(sender),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .active_at = at,
	    .accepted_at = at};

	if (client)
		CHECK(ip_parse(str_from(client), &c.client));
	holder_offer(h, &c, 50);
}

static inline void
offer_from(struct holder *h, const char *id, const char *client, int64_t at)
{
	offer_as(h, id, client, at, "a@x");
}

static inline size_t
next(struct holder *h, int64_t now, enum queue_verb verb)
{
	while (holder_next(h, now, &q) && q.verb == QUEUE_VERB_LIST) {
		h->is_asked = h->is_listing = false;
		h->listed_at = now;
	}
	CHECK(q.n == 0 || q.verb == verb);
	return q.n;
}

#endif
