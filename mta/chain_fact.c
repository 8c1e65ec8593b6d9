/* chain_fact - facts about a chain's root
 *
 * A root with an account speaks of it. An inbound root speaks of a forward, for
 * each recipient that leaves again: who named it is innocent, so each has an
 * account of its own, and its acceptance is told with its first line.
 */
#include "mta/chain_flight.h"

static struct fact
about(struct chains *c, const struct flight *root, enum fact_kind kind)
{
	return (struct fact){
	    .kind = kind,
	    .at = c->now,
	    .accepted_at = root->accepted_at,
	    .client = root->client,
	    .sender = chain_text_view(root->sender),
	    .n = 1,
	    .host = names_text(&c->hosts, root->host),
	    .instance = names_text(&c->instances, root->instance),
	    .queue_id = str_make(root->queue_id, root->queue_id_n),
	};
}

/* The claimed account is the envelope sender. Its domain isn't counted: anybody
 * behind a shared account can claim it. */
static void
add_account(
    struct fact *fact, const struct flight *root, char claimed[ACCOUNT_TEXT])
{
	fact->account = chain_text_view(root->account);
	if (root->domain_at)
		fact->domain = str_skip(fact->account, root->domain_at);
	if (!(root->flags & FLIGHT_SHARED))
		return;
	struct text t;

	fact->is_shared = true;
	text_init(&t, claimed, ACCOUNT_TEXT);
	account_claimed(fact->sender, &t);
	fact->claimed = text_view(&t);
}

/* Until confirmed, a recipient counts as outward. */
static void
tell_pending(struct chains *c, struct fact *fact, int32_t n)
{
	fact->kind = FACT_PENDING;
	fact->is_outward = true;
	fact->n = n;
	c->on_fact(c->ctx, fact);
}

void
fact_accepted(struct chains *c, struct flight *root)
{
	char claimed[ACCOUNT_TEXT];

	if (root->flags & FLIGHT_COUNTED)
		return;
	struct fact fact = about(c, root, FACT_ACCEPTED);

	add_account(&fact, root, claimed);
	fact.at = root->accepted_at;
	fact.size_bytes = root->size_bytes;
	fact.subject = root->subject;
	fact.recipients = root->pending;
	c->counts[CHAINS_ACCEPTED]++;
	c->on_fact(c->ctx, &fact);
	fact.at = c->now;
	fact.size_bytes = fact.subject = fact.recipients = 0;
	tell_pending(c, &fact, (int32_t)root->pending);
}

void
fact_pending(struct chains *c, struct flight *root, int32_t n)
{
	char claimed[ACCOUNT_TEXT];

	if (root->flags & FLIGHT_COUNTED)
		return;
	struct fact fact = about(c, root, FACT_PENDING);

	add_account(&fact, root, claimed);
	tell_pending(c, &fact, n);
}

static void
tell(struct chains *c, struct fact *fact, enum fact_kind kind)
{
	fact->kind = kind;
	c->on_fact(c->ctx, fact);
}

void
fact_filtered(struct chains *c, struct flight *root)
{
	char claimed[ACCOUNT_TEXT];
	struct fact fact = about(c, root, FACT_FILTERED);

	if ((root->kind != FLIGHT_ACCOUNT && root->kind != FLIGHT_INBOUND) ||
	    (root->flags & (FLIGHT_COUNTED | FLIGHT_FILTERED)))
		return;
	root->flags |= FLIGHT_FILTERED;
	flight_touch(c, root);
	if (root->kind == FLIGHT_INBOUND)
		return; /* should it leave again, it is told then */
	add_account(&fact, root, claimed);
	c->on_fact(c->ctx, &fact);
}

void
fact_returned(
    struct chains *c, const struct flight *root, const struct delivery *d)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	if (root->sender || !(root->flags & FLIGHT_ACTIVE) ||
	    d->outcome != FACT_DELIVERED || (d->flags & DELIVERY_OUTWARD))
		return;
	struct fact fact = about(c, root, FACT_RETURNED);

	text_init(&t, account, sizeof(account));
	fact.recipient = d->orig_to.n ? d->orig_to : d->to;
	if (!account_from_login(&c->rules, fact.recipient, &t))
		return;
	fact.account = text_view(&t);
	fact.domain = account_domain(fact.account);
	fact.at = d->at;
	tell(c, &fact, FACT_RETURNED);
}

/* False when it is no forward: mail that came in and stays. */
static bool
add_forward(struct fact *fact, const struct recipient *r,
    const struct delivery *d, char account[ACCOUNT_TEXT])
{
	struct str address = chain_text_view(r->u.name);
	struct text t;

	if (!(d->flags & DELIVERY_OUTWARD) ||
	    !(r->flags & (RECIPIENT_RENAMED | RECIPIENT_FORWARD)))
		return false;
	text_init(&t, account, ACCOUNT_TEXT);
	if (!account_from_forward(address, &t))
		return false;
	fact->account = text_view(&t);
	fact->recipient = address;
	return true;
}

static void
confirm(struct chains *c, struct flight *root, struct recipient *r,
    struct fact *fact)
{
	r->flags |= RECIPIENT_CONFIRMED;
	if (root->flags & FLIGHT_COUNTED)
		return;
	if (root->kind == FLIGHT_INBOUND) {
		struct fact accepted = *fact;

		accepted.at = root->accepted_at;
		accepted.size_bytes = root->size_bytes;
		accepted.recipient = accepted.text = STR("");
		tell(c, &accepted, FACT_ACCEPTED);
		if (root->flags & FLIGHT_FILTERED)
			tell(c, &accepted, FACT_FILTERED);
	}
	if (root->pending > 0 && root->kind == FLIGHT_ACCOUNT) {
		root->pending--;
		fact->was_pending = true;
	}
	tell(c, fact, FACT_RECIPIENT);
	fact->was_pending = false;
}

/* The first final outcome wins; a deferral before it is told once, and each
 * line that says so. */
static void
conclude(struct chains *c, struct recipient *r, struct fact *fact,
    const struct delivery *d)
{
	bool is_final = (r->flags & RECIPIENT_FINAL) != 0;

	fact->text = d->text;
	if (d->outcome != FACT_DEFERRED) {
		r->flags |= RECIPIENT_FINAL;
		if (!is_final)
			tell(c, fact, d->outcome);
		return;
	}
	fact->is_suspended = (d->flags & DELIVERY_SUSPENDED) != 0;
	r->where = d->where;
	if (!is_final && !(r->flags & RECIPIENT_DEFERRED))
		tell(c, fact, FACT_DEFERRED);
	r->flags |= RECIPIENT_DEFERRED;
	fact->n = (int32_t)d->repeats;
	tell(c, fact, FACT_DEFERRAL);
}

void
fact_outcome(struct chains *c, struct flight *root, struct recipient *r,
    const struct delivery *d)
{
	char account[ACCOUNT_TEXT];
	struct fact fact = about(c, root, FACT_RECIPIENT);

	if (root->kind == FLIGHT_ACCOUNT) {
		add_account(&fact, root, account);
	} else if (!add_forward(&fact, r, d, account)) {
		if (root->kind == FLIGHT_INBOUND && d->kind == DELIVERY_OUTCOME)
			fact_returned(c, root, d); /* behind a filter */
		return;
	}
	fact.at = d->at;
	fact.is_outward = (d->flags & DELIVERY_OUTWARD) != 0;
	if (fact.recipient.n == 0)
		fact.recipient = chain_text_view(r->u.name);
	if (fact.recipient.n == 0)
		fact.recipient = d->orig_to.n ? d->orig_to : d->to;
	if (fact.is_outward)
		r->flags |= RECIPIENT_OUTWARD;
	if (!(r->flags & RECIPIENT_CONFIRMED))
		confirm(c, root, r, &fact);
	if (d->kind != DELIVERY_SEEN)
		conclude(c, r, &fact, d);
	flight_touch(c, root);
}

/* Recipients that went on to a link of which no more was seen count. */
static void
confirm_rest(struct chains *c, struct flight *root)
{
	struct delivery none = {.kind = DELIVERY_SEEN, .at = c->now};

	for (uint32_t i = 0; i < root->recipients->cap; i++) {
		struct recipient *r = &root->recipients->v[i];

		if (!(r->flags & RECIPIENT_NAMED) ||
		    (r->flags & RECIPIENT_CONFIRMED))
			continue;
		none.flags =
		    r->flags & RECIPIENT_OUTWARD ? DELIVERY_OUTWARD : 0;
		fact_outcome(c, root, r, &none);
	}
}

void
fact_end(struct chains *c, struct flight *root)
{
	if (root->kind != FLIGHT_ACCOUNT)
		return;
	if (root->recipients)
		confirm_rest(c, root);
	if (root->pending > 0)
		fact_pending(c, root, -(int32_t)root->pending);
	root->pending = 0;
}
