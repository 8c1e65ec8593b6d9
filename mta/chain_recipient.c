/* chain_recipient - a root's recipients, and lines that wait
 *
 * A table with a few places for most messages; nothing is ever taken out of
 * it, so open addressing needs no care beyond growing.
 */
#include "mta/chain_flight.h"

enum { FIRST_PLACES = 3, SECOND_PLACES = 16 };

static size_t
size_of(uint32_t cap)
{
	return sizeof(struct recipients) + cap * sizeof(struct recipient);
}

static struct recipients *
make(struct chains *c, uint32_t cap)
{
	struct recipients *r = chain_pool_take(&c->pool, size_of(cap));

	memset(r, 0, size_of(cap));
	r->cap = cap;
	return r;
}

static struct recipient *
place(struct recipients *all, uint64_t key)
{
	uint32_t i = (uint32_t)key & (all->cap - 1);

	while (all->v[i].key && all->v[i].key != key)
		i = (i + 1) & (all->cap - 1);
	return &all->v[i];
}

/* A place is always left empty, but for the first table, which is searched in
 * order. */
struct recipient *
recipient_find(const struct flight *root, uint64_t key)
{
	struct recipients *all = root->recipients;

	if (!all)
		return NULL;
	if (all->cap <= FIRST_PLACES) {
		for (uint32_t i = 0; i < all->n; i++) {
			if (all->v[i].key == key)
				return &all->v[i];
		}
		return NULL;
	}
	struct recipient *r = place(all, key);

	return r->key ? r : NULL;
}

static void
grow(struct chains *c, struct flight *root)
{
	struct recipients *old = root->recipients;
	struct recipients *larger =
	    make(c, old->cap < SECOND_PLACES ? SECOND_PLACES : old->cap * 2);

	for (uint32_t i = 0; i < old->cap; i++) {
		if (old->v[i].key)
			*place(larger, old->v[i].key) = old->v[i];
	}
	larger->n = old->n;
	chain_pool_give(&c->pool, old, size_of(old->cap));
	root->recipients = larger;
}

struct recipient *
recipient_get(struct chains *c, struct flight *root, uint64_t key)
{
	struct recipient *r = recipient_find(root, key);

	if (r)
		return r;
	struct recipients *all = root->recipients;

	if (!all)
		root->recipients = make(c, FIRST_PLACES);
	else if (all->n >= c->settings->recipients_max && !c->loading) {
		c->counts[CHAINS_OVERFLOWED]++;
		return NULL;
	} else if (all->cap <= FIRST_PLACES ? all->n >= all->cap
					    : all->n >= all->cap / 4 * 3)
		grow(c, root);
	all = root->recipients;
	r = all->cap <= FIRST_PLACES ? &all->v[all->n] : place(all, key);
	all->n++;
	r->key = key;
	return r;
}

void
recipients_free(struct chains *c, struct flight *root)
{
	struct recipients *all = root->recipients;

	if (!all)
		return;
	uint32_t n = all->cap <= FIRST_PLACES ? all->n : all->cap;

	for (uint32_t i = 0; i < n; i++) {
		struct recipient *r = &all->v[i];

		if (!(r->flags & RECIPIENT_LINES)) {
			chain_text_free(c, &r->u.name);
			continue;
		}
		while (r->u.lines) {
			struct delivery *d = r->u.lines;

			r->u.lines = d->next;
			delivery_free(c, d);
		}
	}
	chain_pool_give(&c->pool, all, size_of(all->cap));
	root->recipients = NULL;
}

static size_t
kept_size(const struct delivery *d)
{
	return sizeof(*d) + d->to.n + d->orig_to.n + d->text.n;
}

static char *
keep_str(struct str *s, char *at)
{
	if (s->n)
		memcpy(at, s->p, s->n);
	s->p = at;
	return at + s->n;
}

struct delivery *
delivery_keep(struct chains *c, const struct delivery *d)
{
	if (c->counts[CHAINS_WAITING] >= (uint64_t)c->settings->waiting_max &&
	    !c->loading) {
		c->counts[CHAINS_OVERFLOWED]++;
		return NULL;
	}
	struct delivery short_one = *d;

	short_one.to = str_head(d->to, ACCOUNT_MAX);
	short_one.orig_to = str_head(d->orig_to, ACCOUNT_MAX);
	short_one.text = str_head(d->text, ACCOUNT_MAX);
	struct delivery *kept =
	    chain_pool_take(&c->pool, kept_size(&short_one));
	char *at = (char *)(kept + 1);

	*kept = short_one;
	kept->next = NULL;
	at = keep_str(&kept->to, at);
	at = keep_str(&kept->orig_to, at);
	keep_str(&kept->text, at);
	c->counts[CHAINS_WAITING]++;
	return kept;
}

void
delivery_free(struct chains *c, struct delivery *d)
{
	c->counts[CHAINS_WAITING]--;
	chain_pool_give(&c->pool, d, kept_size(d));
}

void
flight_queue(struct chains *c, struct flight *f, struct delivery *kept)
{
	kept->next = NULL;
	if (f->last)
		f->last->next = kept;
	else
		f->first = kept;
	f->last = kept;
	flight_touch(c, f);
}

struct delivery *
flight_take_queue(struct flight *f)
{
	struct delivery *first = f->first;

	f->first = f->last = NULL;
	return first;
}
