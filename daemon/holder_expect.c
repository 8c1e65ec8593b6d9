/* holder_expect - what Postfix is told to put on hold, known beforehand
 *
 * Only new messages of an account that is held in doubt. What is asked about
 * isn't counted before it is answered: a few more than may be can be held.
 */
#include "daemon/holder_state.h"

/* A message arrives when its transaction begins, and its data may take long. */
enum { LONGEST_TRANSACTION = 6 * 3600 };

bool
holder_expect(const struct holder *h, const struct holder_new *n, int64_t now,
    struct queue_message *out)
{
	const struct holder_account *a =
	    holder_stop_of(h, n->account, &n->client);

	/* Of a hold that is new it may have to hear yet. */
	if (n->until <= now || !queue_id_is_good(n->queue_id) ||
	    !queue_instance_is_good(n->instance) ||
	    queue_book_find(&h->held, n->instance, n->queue_id) ||
	    (a && (!a->is_doubt || holder_is_full(h, a))))
		return false;
	*out = (struct queue_message){
	    .instance = n->instance,
	    .id = n->queue_id,
	    .account = str_head(n->account, QUEUE_TEXT_MAX),
	    .sender = str_head(n->sender, QUEUE_TEXT_MAX),
	    .from = now - LONGEST_TRANSACTION,
	    .to = now + 1,
	    .due = n->until,
	    .client = n->client,
	    .origin = QUEUE_ORIGIN_WAITS,
	};
	return true;
}

void
holder_expected(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *other =
	    queue_book_find(&h->wanted, m->instance, m->id);

	if (m->result != QUEUE_HELD || other)
		return;
	other = queue_book_find(&h->left, m->instance, m->id);
	if (other)
		queue_book_remove(&h->left, other);
	holder_keep(h, m);
}

bool
holder_has(const struct holder *h, struct str instance, struct str id)
{
	return queue_book_find(&h->held, instance, id) != NULL;
}
