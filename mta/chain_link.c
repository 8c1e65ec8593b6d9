/* chain_link - which flight continues which */
#include "mta/chain_flight.h"

/* How long one may wait for the line of the message that it names. */
enum { DEPTH_MAX = 32, NAMES_WAIT = 300 };

static bool
is_above(struct chains *c, const struct flight *above, struct flight *f)
{
	for (; f; f = flight_at(c, f->parent)) {
		if (f == above)
			return true;
	}
	return false;
}

static unsigned
depth_of(struct chains *c, struct flight *f)
{
	unsigned depth = 0;

	for (; f->parent; f = &c->flights[f->parent])
		depth++;
	return depth;
}

bool
chain_may_follow(struct chains *c, const struct flight *next, struct flight *f,
    uint64_t forced)
{
	if (is_above(c, next, f) || depth_of(c, f) >= DEPTH_MAX)
		return false;
	if (next->parent)
		return is_above(c, flight_at(c, next->parent), f) ||
		       is_above(c, f, flight_at(c, next->parent));
	if (next->kind != FLIGHT_WAITING)
		return false;
	/* local(8) has no client. */
	return !forced || !(next->flags & FLIGHT_OWN);
}

void
chain_relist(struct chains *c, struct flight *f)
{
	bool is_active = (f->flags & FLIGHT_ACTIVE) != 0;
	bool is_open = !f->parent && f->kind == FLIGHT_WAITING;

	if (f->flags & FLIGHT_STUB || (is_open && is_active))
		flight_put(c, f, LIST_LINK);
	else
		flight_put(c, f, is_active ? LIST_QUEUE : LIST_NEW);
}

/* Frees what is over: an ended flight without followers, then its parent if
 * that only waited for it. */
static void
release(struct chains *c, struct flight *f)
{
	while (f && (f->flags & FLIGHT_ENDED)) {
		struct flight *parent = flight_at(c, f->parent);

		if (f->children > 0) {
			flight_put(c, f, LIST_NONE);
			return;
		}
		if (!parent)
			fact_end(c, f);
		if (parent)
			parent->followed = f->hash;
		flight_free(c, f);
		if (parent) {
			parent->children--;
			flight_touch(c, parent);
			if (!parent->parent && parent->kind == FLIGHT_WAITING)
				return;
		}
		f = parent;
	}
}

/* What waited goes on to the root above, or waits there. */
static void
hand_up(struct chains *c, struct flight *f)
{
	struct delivery *d = flight_take_queue(f);

	while (d) {
		struct delivery *next = d->next;

		d->flags &= (uint8_t)~DELIVERY_OF_ROOT;
		chain_submit(c, f, d);
		delivery_free(c, d);
		d = next;
	}
}

bool
chain_link(struct chains *c, struct flight *child, struct flight *parent,
    uint64_t forced)
{
	if (child->parent || !chain_may_follow(c, child, parent, forced))
		return false;
	child->parent = flight_index(c, parent);
	child->forced = forced;
	parent->children++;
	flight_touch(c, parent);
	flight_touch(c, child);
	chain_text_free(c, &child->sender);
	chain_text_free(c, &child->account);
	hand_up(c, child);
	chain_relist(c, child);
	release(c, child);
	return true;
}

struct flight *
chain_stub(
    struct chains *c, const struct flight *of, const struct flight_name *name)
{
	c->held = of;
	struct flight *f = flight_new(c, name);

	c->held = NULL;
	if (!f)
		return NULL;
	f->instance = 0;
	f->flags |= FLIGHT_STUB;
	flight_put(c, f, LIST_LINK);
	return f;
}

static void
set_account(struct chains *c, struct flight *f, struct str account)
{
	struct str domain = account_domain(account);

	chain_text_free(c, &f->account);
	f->account = chain_text_new(c, account);
	if (account_is_shared(&c->rules, account))
		f->flags |= FLIGHT_SHARED;
	if (domain.n > 0)
		f->domain_at = (uint16_t)(domain.p - account.p);
	if (c->on_account)
		c->on_account(c->account_ctx, account, &f->client);
}

void
chain_resolve(struct chains *c, struct flight *f, enum flight_kind kind,
    struct str account)
{
	f->kind = (uint8_t)kind;
	if (kind == FLIGHT_ACCOUNT)
		set_account(c, f, account);
	if (kind == FLIGHT_ACCOUNT && (f->flags & FLIGHT_ACTIVE))
		fact_accepted(c, f);
	for (struct delivery *d = flight_take_queue(f); d;) {
		struct delivery *next = d->next;

		chain_apply(c, f, d);
		delivery_free(c, d);
		d = next;
	}
	chain_relist(c, f);
	release(c, f);
}

/* A queue id that was named and never appeared: what named it was the last
 * link after all. */
static void
lose_stub(struct chains *c, struct flight *f)
{
	struct flight *parent = flight_at(c, f->parent);
	struct delivery *d = flight_take_queue(f);

	f->parent = 0;
	f->forced = 0;
	parent->children--;
	while (d) {
		struct delivery *next = d->next;

		d->flags =
		    (uint8_t)(parent->parent ? d->flags & ~DELIVERY_OF_ROOT
					     : d->flags | DELIVERY_OF_ROOT);
		chain_submit(c, parent, d);
		delivery_free(c, d);
		d = next;
	}
	flight_touch(c, parent);
	if (parent->kind != FLIGHT_WAITING || parent->parent)
		release(c, parent);
}

void
chain_settle_flight(struct chains *c, struct flight *f)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	c->counts[CHAINS_UNLINKED]++;
	if (f->flags & FLIGHT_STUB) {
		if (f->parent)
			lose_stub(c, f);
		f->flags &= (uint16_t)~FLIGHT_STUB;
		f->flags |= FLIGHT_ENDED | FLIGHT_OWN;
		flight_touch(c, f);
	}
	if (f->kind != FLIGHT_WAITING || f->parent) {
		chain_relist(c, f);
		release(c, f);
		return;
	}
	text_init(&t, account, sizeof(account));
	if (f->flags & FLIGHT_RELAYED)
		chain_unmarked(c, f);
	else if (!(f->flags & FLIGHT_OWN))
		chain_resolve(c, f, FLIGHT_NOBODY, STR(""));
	else if (account_from_client(&c->rules, &f->client, &t))
		chain_resolve(c, f, FLIGHT_ACCOUNT, text_view(&t));
	else
		chain_resolve(c, f, FLIGHT_INBOUND, STR(""));
}

void
chain_end(struct chains *c, struct flight *f)
{
	bool is_root = !f->parent;

	f->flags |= FLIGHT_ENDED;
	flight_touch(c, f);
	if (is_root && !(f->flags & FLIGHT_ACTIVE)) {
		c->counts[CHAINS_ABORTED]++;
		if (f->kind == FLIGHT_ACCOUNT)
			fact_pending(c, f, 0);
		if (f->kind == FLIGHT_WAITING) {
			chain_resolve(c, f, FLIGHT_NOBODY, STR(""));
			return;
		}
	}
	if (!is_root || f->kind != FLIGHT_WAITING)
		release(c, f);
	else if (f->list != LIST_LINK)
		chain_relist(c, f);
}

void
chain_give_up(struct chains *c, struct flight *f)
{
	flight_hide(c, f);
	if (!(f->flags & (FLIGHT_ACTIVE | FLIGHT_STUB))) {
		chain_end(c, f);
		return;
	}
	f->flags |= FLIGHT_ENDED;
	if (f->kind == FLIGHT_WAITING &&
	    (!f->parent || (f->flags & FLIGHT_STUB)))
		chain_settle_flight(c, f);
	else
		release(c, f);
}

bool
chain_names(const struct flight *f, const struct flight *of)
{
	return (f->flags & FLIGHT_NAMES) && f->host == of->host &&
	       str_is(chain_text_view(f->account),
		   str_make(of->queue_id, of->queue_id_n));
}

/* Its time is over, but what it names is still on its way through the filter.
 */
static bool
waits_on(struct chains *c, const struct flight *f)
{
	if (!(f->flags & FLIGHT_NAMES) || f->parent ||
	    f->kind != FLIGHT_WAITING || c->now - f->accepted_at > NAMES_WAIT)
		return false;
	const struct flight_name name =
	    flight_name(c, f->host, f->instance, chain_text_view(f->account));
	const struct flight *of = flight_find(c, &name);

	return of && of != f && !(of->flags & (FLIGHT_ENDED | FLIGHT_STUB));
}

static bool
is_due(struct chains *c, enum flight_list list, int64_t after)
{
	uint32_t first = c->lists[list].first;

	return first && c->now - c->flights[first].stamp >= after;
}

void
chain_expire_lists(struct chains *c)
{
	const struct mta_settings *s = c->settings;

	while (is_due(c, LIST_LINK, s->link_wait)) {
		struct flight *f = &c->flights[c->lists[LIST_LINK].first];

		if (waits_on(c, f))
			flight_put(c, f, LIST_LINK);
		else
			chain_settle_flight(c, f);
	}
	while (is_due(c, LIST_NEW, s->new_timeout))
		chain_end(c, &c->flights[c->lists[LIST_NEW].first]);
	while (is_due(c, LIST_QUEUE, s->queue_timeout)) {
		c->counts[CHAINS_TIMED_OUT]++;
		chain_give_up(c, &c->flights[c->lists[LIST_QUEUE].first]);
	}
}

/* What is oldest, but not the one that is in hands. */
static struct flight *
oldest(struct chains *c, enum flight_list list)
{
	struct flight *f = flight_at(c, c->lists[list].first);

	return f && f == c->held ? flight_at(c, f->next) : f;
}

/* Aborted transactions first: whoever makes many of them shall not push out
 * what is in the queue. */
void
chain_make_room(struct chains *c)
{
	for (int i = 0; i < 64 && c->n + 1 >= c->max; i++) {
		struct flight *f = oldest(c, LIST_NEW);

		if (!f || c->now - f->stamp < c->settings->link_wait) {
			struct flight *queued = oldest(c, LIST_QUEUE);

			f = queued ? queued : f;
		}
		if (!f)
			f = oldest(c, LIST_LINK);
		if (!f)
			return;
		c->counts[CHAINS_DROPPED]++;
		if (f->list == LIST_NEW)
			chain_end(c, f);
		else
			chain_give_up(c, f);
	}
}
