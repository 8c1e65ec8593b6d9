/* chain_queue - which queue ids an account has in the queue just now */
#include "mta/chain_flight.h"

static struct chains_queued
queued(
    const struct chains *c, const struct flight *f, const struct flight *root)
{
	return (struct chains_queued){
	    .account = chain_text_view(root->account),
	    .sender = chain_text_view(root->sender),
	    .instance = names_text(&c->instances, f->instance),
	    .queue_id = str_make(f->queue_id, f->queue_id_n),
	    .active_at = f->accepted_at,
	    .client = root->client,
	    .accepted_at = root->accepted_at,
	};
}

bool
chains_queued_as(struct chains *c, const struct logline *line,
    struct str queue_id, struct chains_queued *out)
{
	const struct flight_name name =
	    flight_name(c, names_get(&c->hosts, line->host),
		names_get(&c->instances, line->instance), queue_id);
	struct flight *f = flight_find(c, &name);

	if (!f)
		return false;
	*out = queued(c, f, flight_root(c, f));
	return true;
}

uint32_t
chains_in_queue(struct chains *c, uint32_t from, uint32_t n,
    chains_queued_fn *each, void *ctx)
{
	uint32_t begin = from ? from : 1;
	uint32_t end = c->used;

	if (begin < end && end - begin > n)
		end = begin + n;
	for (uint32_t i = begin; i < end; i++) {
		struct flight *f = &c->flights[i];
		const uint16_t out = FLIGHT_ENDED | FLIGHT_STUB | FLIGHT_HIDDEN;

		if (!(f->flags & FLIGHT_USED) || !(f->flags & FLIGHT_ACTIVE) ||
		    (f->flags & out))
			continue;
		const struct flight *root = flight_root(c, f);

		if (root->kind != FLIGHT_ACCOUNT)
			continue;
		const struct chains_queued q = queued(c, f, root);

		each(ctx, &q);
	}
	return end < c->used ? end : 0;
}

bool
chains_has(struct chains *c, struct str instance, struct str queue_id)
{
	for (uint32_t i = 1; i < c->used; i++) {
		const struct flight *f = &c->flights[i];

		if ((f->flags & FLIGHT_USED) && !(f->flags & FLIGHT_ENDED) &&
		    str_is(str_make(f->queue_id, f->queue_id_n), queue_id) &&
		    str_is(names_text(&c->instances, f->instance), instance))
			return true;
	}
	return false;
}
