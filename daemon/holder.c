/* holder - which queued messages are to be held, until when, and which to go */
#include "daemon/holder_state.h"

#include <stdlib.h>

#include "base/time.h"

struct holder *
holder_new(const struct holder_options *o)
{
	struct holder *h = xalloc(1, sizeof(*h));

	h->o = *o;
	queue_book_init(&h->held);
	queue_book_init(&h->wanted);
	queue_book_init(&h->left);
	map_init(&h->accounts);
	map_init(&h->exempt);
	text_grow(&h->changes, (size_t)QUEUE_BOOK_MAX * QUEUE_LINE_MAX);
	text_grow(&h->unfolded, (size_t)QUEUE_BOOK_MAX * QUEUE_LINE_MAX);
	return h;
}

void
holder_set(struct holder *h, const struct holder_options *o)
{
	h->o = *o;
}

void
holder_free(struct holder **hp)
{
	struct holder *h = *hp;
	size_t i = 0;

	if (!h)
		return;
	*hp = NULL;
	for (void *a; (a = map_next(&h->accounts, &i)) != NULL;)
		free(a);
	map_done(&h->accounts);
	holder_forget_exempt(h);
	map_done(&h->exempt);
	queue_book_done(&h->held);
	queue_book_done(&h->wanted);
	queue_book_done(&h->left);
	text_done(&h->changes);
	text_done(&h->unfolded);
	free(h);
}

void
holder_keep(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->held, m->instance, m->id);

	if (e && e->m.due == m->due && e->m.to == m->to &&
	    e->m.origin == m->origin)
		return;
	struct holder_account *a = holder_stop_of(h, m->account, &m->client);

	if (a && !e) {
		a->n++;
		a->bytes += m->size_bytes;
	}
	bool is_wanted = e && e->is_wanted;
	struct queue_message kept = *m;

	/* An order that was given meanwhile holds. */
	if (e && holder_is_ordered(&e->m))
		kept.due = e->m.due;
	holder_note(h, &kept, false);
	e = queue_book_put(&h->held, &kept);
	if (e)
		e->is_wanted = is_wanted;
}

void
holder_drop(struct holder *h, struct queue_entry *e)
{
	struct holder_account *a =
	    holder_stop_of(h, e->m.account, &e->m.client);

	if (a && a->n > 0) {
		a->n--;
		a->bytes -= e->m.size_bytes;
	}
	holder_note(h, &e->m, true);
	queue_book_remove(&h->held, e);
}

bool
holder_is_stopped(
    const struct holder *h, struct str account, const struct ip *client)
{
	return holder_stop_of(h, account, client) != NULL;
}

size_t
holder_stopped(const struct holder *h)
{
	return h->accounts.n;
}

bool
holder_is_doubtful(enum queue_origin origin)
{
	return origin == QUEUE_ORIGIN_LATE || origin == QUEUE_ORIGIN_NEW;
}

int64_t
holder_extra(const struct holder *h, enum queue_origin origin)
{
	return holder_is_doubtful(origin) ? h->o.keep + HOLDER_AHEAD : 0;
}

int64_t
holder_due(const struct holder *h, const struct holder_account *a, int64_t now)
{
	return a->until < now + h->o.lease ? a->until : now + h->o.lease;
}

/* Where nothing is told of the place, the time alone tells. */
enum queue_origin
holder_origin(const struct holder *h, const struct holder_account *a,
    const struct ip *client, int64_t at)
{
	const struct evidence *e = &a->evidence;

	if (a->is_doubt)
		return QUEUE_ORIGIN_WAITS;
	if (e->began == 0)
		return QUEUE_ORIGIN_CLEAN;
	/* What all of a domain know is not kept. */
	if (a->scope.account.n > 0 && !ip_is_none(client) &&
	    !evidence_knows(e, client) &&
	    !(h->o.front_ends && ip_nets_has(h->o.front_ends, client)))
		return QUEUE_ORIGIN_NEW;
	return at < e->began ? QUEUE_ORIGIN_CLEAN : QUEUE_ORIGIN_LATE;
}

bool
holder_is_full(const struct holder *h, const struct holder_account *a)
{
	return (int64_t)(a->n + a->waiting) >= h->o.messages_max ||
	       a->bytes >= h->o.bytes_max;
}

void
holder_offer(struct holder *h, const struct chains_queued *q, int64_t now)
{
	struct holder_account *a = holder_stop_of(h, q->account, &q->client);
	struct queue_message m = {
	    .instance = q->instance,
	    .id = q->queue_id,
	    .account = str_head(q->account, QUEUE_TEXT_MAX),
	    .sender = str_head(q->sender, QUEUE_TEXT_MAX),
	    /* One that is newer has another's queue id. A second, since the
	     * log's is cut. */
	    .to = (q->active_at ? q->active_at : now) + 1,
	    .client = q->client,
	};

	if (!a || a->until <= now || !queue_id_is_good(m.id) ||
	    !queue_instance_is_good(m.instance) ||
	    queue_book_find(&h->held, m.instance, m.id) ||
	    queue_book_find(&h->wanted, m.instance, m.id) ||
	    queue_book_find(&h->left, m.instance, m.id))
		return;
	if (holder_is_full(h, a)) {
		if (!a->is_full_told)
			h->o.on_full(h->o.ctx, &a->scope, a->n + a->waiting);
		a->is_full_told = true;
		return;
	}
	m.origin = holder_origin(h, a, &q->client, q->accepted_at);
	m.due = holder_due(h, a, now) + holder_extra(h, m.origin);
	if (queue_book_put(&h->wanted, &m))
		a->waiting++;
}

size_t
holder_waiting(const struct holder *h)
{
	return h->wanted.by_id.n;
}

size_t
holder_held(const struct holder *h)
{
	return h->held.by_id.n;
}
