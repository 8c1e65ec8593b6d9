/* chain_deliver - what delivery lines mean for a chain's recipients
 *
 * At the root a line's recipient is what the client named. At a later link it
 * may have another name: each hop says "to=x, orig_to=r", so the table of the
 * root's recipients maps x to r. A later link's line can come before the hop's
 * line that names it: then it waits at its name's place in the table.
 */
#include "mta/chain_flight.h"

enum { ALIAS_DEPTH = 16 };

/* The lines that waited for this name; they know it now. */
static void
apply_lines(struct chains *c, struct flight *root, struct delivery *lines)
{
	while (lines) {
		struct delivery *d = lines;

		lines = d->next;
		chain_apply(c, root, d);
		delivery_free(c, d);
	}
}

static struct delivery *
take_lines(struct recipient *r)
{
	if (!(r->flags & RECIPIENT_LINES))
		return NULL;
	struct delivery *lines = r->u.lines;

	r->flags &= (uint16_t)~RECIPIENT_LINES;
	r->u.name = NULL;
	return lines;
}

/* The name at this link is not known: perhaps it will be. When all of the
 * root's lines have come it won't, for its own next links: a BCC copy, or what
 * an alias there expanded to. */
static void
wait_for_name(struct chains *c, struct flight *root, const struct delivery *d)
{
	if (root->kind == FLIGHT_INBOUND && d->kind == DELIVERY_OUTCOME &&
	    !(d->flags & DELIVERY_OUTWARD)) {
		fact_returned(c, root, d);
		return;
	}
	if ((root->flags & FLIGHT_ENDED) && root->children <= 1)
		return;
	struct recipient *r = recipient_get(c, root, d->key);
	struct delivery *kept = r ? delivery_keep(c, d) : NULL;

	if (!kept)
		return;
	struct delivery **end = &r->u.lines;

	if (!(r->flags & RECIPIENT_LINES))
		r->u.lines = NULL;
	r->flags |= RECIPIENT_LINES;
	while (*end)
		end = &(*end)->next;
	*end = kept;
	flight_touch(c, root);
}

/* From now on the next link's x is known here as `key`. */
static void
add_alias(struct chains *c, struct flight *root, uint64_t x, uint64_t key)
{
	struct recipient *r = recipient_get(c, root, x);

	if (!r)
		return;
	struct delivery *lines = take_lines(r);

	if ((r->flags & RECIPIENT_ALIAS) && r->link != key)
		r->flags |= RECIPIENT_SHARED;
	else
		r->link = key;
	r->flags = (uint16_t)((r->flags | RECIPIENT_ALIAS) & ~RECIPIENT_VIA);
	r = recipient_find(root, key);
	if (r && !(r->flags & RECIPIENT_ALIAS)) {
		r->link = x;
		r->flags |= RECIPIENT_VIA;
	}
	flight_touch(c, root);
	apply_lines(c, root, lines);
}

/* A forward is known by its address; "bob" alone says too little. */
static void
add_name(struct chains *c, struct recipient *r, const struct delivery *d)
{
	bool is_short = str_find_char(d->orig_to, '@') < 0;
	struct str name =
	    d->orig_to.n > 0 && !(is_short && d->kind == DELIVERY_FORWARD)
		? d->orig_to
		: d->to;

	if (!r->u.name && !(r->flags & RECIPIENT_LINES))
		r->u.name = chain_text_new(c, str_head(name, ACCOUNT_MAX));
}

static void
apply_to(struct chains *c, struct flight *root, struct recipient *r,
    const struct delivery *d)
{
	flight_touch(c, root);
	switch (d->kind) {
	case DELIVERY_HOP:
		r->flags =
		    (uint16_t)((r->flags & ~RECIPIENT_OUTWARD) |
			       (d->flags & DELIVERY_OUTWARD ? RECIPIENT_OUTWARD
							    : 0));
		if (d->key_to != d->key) {
			r->flags |= RECIPIENT_RENAMED;
			add_name(c, r, d);
		}
		break;
	case DELIVERY_FORWARD:
		r->flags |= RECIPIENT_FORWARD;
		add_name(c, r, d);
		break;
	default:
		if (root->kind == FLIGHT_INBOUND && d->key_to != d->key &&
		    d->orig_to.n > 0) {
			r->flags |= RECIPIENT_RENAMED;
			add_name(c, r, d);
		}
		fact_outcome(c, root, r, d);
	}
}

/* Everyone whom the client named and who is called d->key here: itself, what
 * it stands for, or several that became one. */
static void
apply_to_all(struct chains *c, struct flight *root, struct recipient *r,
    const struct delivery *d)
{
	struct delivery once = *d;
	uint64_t key = d->key;

	for (int depth = 0; r && depth < ALIAS_DEPTH; depth++) {
		if (r->flags & RECIPIENT_NAMED) {
			apply_to(c, root, r, &once);
			once.repeats = 0; /* the line was counted */
		}
		if (!(r->flags & RECIPIENT_ALIAS))
			return;
		key = r->key;
		if (r->flags & RECIPIENT_SHARED)
			break;
		r = recipient_find(root, r->link);
	}
	for (uint32_t i = 0; r && i < root->recipients->cap; i++) {
		struct recipient *one = &root->recipients->v[i];

		if ((one->flags & RECIPIENT_NAMED) &&
		    (one->flags & RECIPIENT_VIA) && one->link == key) {
			apply_to(c, root, one, &once);
			once.repeats = 0;
		}
	}
}

static bool
is_bcc(const struct chains *c, const struct delivery *d)
{
	const struct setting_list *bcc = &c->settings->bcc_recipients;

	for (size_t i = 0; i < bcc->n; i++) {
		if (account_matches(
			bcc->v[i], d->orig_to.n ? d->orig_to : d->to))
			return true;
	}
	return false;
}

/* The client named it. */
static void
apply_named(struct chains *c, struct flight *root, const struct delivery *d)
{
	if (is_bcc(c, d))
		return;
	/* Mail that came in and stays, by far the most. */
	if (root->kind == FLIGHT_INBOUND && d->kind == DELIVERY_OUTCOME &&
	    (d->key == d->key_to || !(d->flags & DELIVERY_OUTWARD))) {
		fact_returned(c, root, d);
		return;
	}
	struct recipient *r = recipient_get(c, root, d->key);

	if (!r)
		return;
	struct delivery *lines = take_lines(r);

	r->flags |= RECIPIENT_NAMED;
	apply_to(c, root, r, d);
	if (d->kind == DELIVERY_HOP && d->key_to != d->key)
		add_alias(c, root, d->key_to, d->key);
	apply_lines(c, root, lines);
}

static void
apply_expired(struct chains *c, struct flight *root, const struct delivery *d)
{
	struct delivery one = *d;

	one.kind = DELIVERY_OUTCOME;
	for (uint32_t i = 0; root->recipients && i < root->recipients->cap;
	     i++) {
		struct recipient *r = &root->recipients->v[i];

		if (!(r->flags & RECIPIENT_DEFERRED) || r->where != d->where ||
		    (r->flags & RECIPIENT_FINAL))
			continue;
		one.flags = r->flags & RECIPIENT_OUTWARD ? DELIVERY_OUTWARD : 0;
		fact_outcome(c, root, r, &one);
	}
}

void
chain_apply(struct chains *c, struct flight *root, const struct delivery *d)
{
	if (d->kind == DELIVERY_EXPIRED) {
		apply_expired(c, root, d);
		return;
	}
	if (d->flags & DELIVERY_OF_ROOT) {
		apply_named(c, root, d);
		return;
	}
	struct recipient *r = recipient_find(root, d->key);

	if (!r || !(r->flags & (RECIPIENT_NAMED | RECIPIENT_ALIAS))) {
		wait_for_name(c, root, d);
		return;
	}
	apply_to_all(c, root, r, d);
	if (d->kind == DELIVERY_HOP && d->key_to != d->key)
		add_alias(c, root, d->key_to, d->key);
}

/* All of a forward's lines are about the one recipient that was forwarded;
 * what is forced nearest to the root says how it is called there. */
void
chain_submit(struct chains *c, struct flight *f, const struct delivery *d)
{
	struct flight *root = f;
	uint64_t forced = f->forced;
	struct delivery mine;

	while (root->parent) {
		root = &c->flights[root->parent];
		forced = root->forced ? root->forced : forced;
	}
	if (root->kind == FLIGHT_NOBODY)
		return;
	if (forced) {
		mine = *d;
		mine.key = forced;
		d = &mine;
	}
	if (root->kind != FLIGHT_WAITING) {
		chain_apply(c, root, d);
		return;
	}
	struct delivery *kept = delivery_keep(c, d);

	if (kept)
		flight_queue(c, root, kept);
}
