/* chain_pack - a flight as bytes, for the books */
#include "mta/chain_pack.h"

#include "ledger/pack.h"

enum {
	KEPT_FLAGS = FLIGHT_STUB | FLIGHT_ACTIVE | FLIGHT_ENDED |
		     FLIGHT_SHARED | FLIGHT_OWN | FLIGHT_HIDDEN |
		     FLIGHT_RELAYED | FLIGHT_MARKED | FLIGHT_COUNTED |
		     FLIGHT_NAMES | FLIGHT_FILTERED
};

static void
pack_lines(struct text *t, const struct delivery *first)
{
	uint64_t n = 0;

	for (const struct delivery *d = first; d; d = d->next)
		n++;
	pack_u64(t, n);
	for (const struct delivery *d = first; d; d = d->next) {
		pack_i64(t, d->at);
		pack_u64(t, d->key);
		pack_u64(t, d->key_to);
		pack_u64(t, d->where);
		pack_u64(t, d->repeats);
		pack_u64(t, d->kind);
		pack_u64(t, d->flags);
		pack_u64(t, d->outcome);
		pack_str(t, d->to);
		pack_str(t, d->orig_to);
		pack_str(t, d->text);
	}
}

static bool
take_line(struct str *s, struct delivery *d)
{
	uint32_t kind, flags, outcome;

	*d = (struct delivery){0};
	if (!pack_take_i64(s, &d->at) || !pack_take_u64(s, &d->key) ||
	    !pack_take_u64(s, &d->key_to) ||
	    !pack_take_u32(s, UINT32_MAX, &d->where) ||
	    !pack_take_u32(s, UINT32_MAX, &d->repeats) ||
	    !pack_take_u32(s, DELIVERY_EXPIRED, &kind) ||
	    !pack_take_u32(s, UINT8_MAX, &flags) ||
	    !pack_take_u32(s, FACT_KINDS - 1, &outcome) ||
	    !pack_take_str(s, &d->to) || !pack_take_str(s, &d->orig_to) ||
	    !pack_take_str(s, &d->text))
		return false;
	d->kind = (uint8_t)kind;
	d->flags = (uint8_t)flags;
	d->outcome = (uint8_t)outcome;
	return true;
}

static void
free_lines(struct chains *c, struct delivery *first)
{
	while (first) {
		struct delivery *d = first;

		first = d->next;
		delivery_free(c, d);
	}
}

static bool
take_lines(struct chains *c, struct str *s, struct delivery **first)
{
	struct delivery **end = first, d;
	uint64_t n;

	*first = NULL;
	if (!pack_take_u64(s, &n))
		return false;
	for (; n > 0; n--) {
		struct delivery *kept =
		    take_line(s, &d) ? delivery_keep(c, &d) : NULL;

		if (!kept) {
			free_lines(c, *first);
			*first = NULL;
			return false;
		}
		*end = kept;
		end = &kept->next;
	}
	return true;
}

static void
pack_recipient(struct text *t, const struct recipient *r)
{
	pack_u64(t, r->key);
	pack_u64(t, r->flags);
	pack_u64(t, r->where);
	if (r->flags & (RECIPIENT_ALIAS | RECIPIENT_VIA))
		pack_u64(t, r->link);
	if (r->flags & RECIPIENT_LINES)
		pack_lines(t, r->u.lines);
	else
		pack_str(t, chain_text_view(r->u.name));
}

static bool
take_recipient(struct chains *c, struct str *s, struct flight *f)
{
	uint64_t key, link = 0;
	uint32_t flags, where;
	struct delivery *lines = NULL;
	struct str name = {"", 0};

	if (!pack_take_u64(s, &key) || key == 0 || recipient_find(f, key) ||
	    !pack_take_u32(s, UINT16_MAX, &flags) ||
	    !pack_take_u32(s, UINT32_MAX, &where) ||
	    ((flags & (RECIPIENT_ALIAS | RECIPIENT_VIA)) &&
		!pack_take_u64(s, &link)) ||
	    !(flags & RECIPIENT_LINES ? take_lines(c, s, &lines)
				      : pack_take_str(s, &name)))
		return false;
	struct recipient *r = recipient_get(c, f, key);

	if (!r) {
		free_lines(c, lines);
		return false;
	}
	r->flags = (uint16_t)flags;
	r->where = where;
	r->link = link;
	if (lines)
		r->u.lines = lines;
	else if (name.n > 0)
		r->u.name = chain_text_new(c, name);
	return true;
}

static void
pack_recipients(struct text *t, const struct flight *f)
{
	const struct recipients *all = f->recipients;

	pack_u64(t, all ? all->n : 0);
	for (uint32_t i = 0; all && i < all->cap; i++) {
		if (all->v[i].key)
			pack_recipient(t, &all->v[i]);
	}
}

void
flight_pack(struct chains *c, const struct flight *f, struct text *t)
{
	pack_u64(t, f->id);
	pack_u64(t, f->parent ? c->flights[f->parent].id : 0);
	pack_str(t, str_make(f->queue_id, f->queue_id_n));
	pack_str(t, names_text(&c->hosts, f->host));
	pack_str(t, names_text(&c->instances, f->instance));
	pack_u64(t, f->kind);
	pack_u64(t, f->list);
	pack_u64(t, f->flags & KEPT_FLAGS);
	pack_u64(t, f->stamp);
	pack_u64(t, f->order);
	pack_u64(t, f->accepted_at);
	pack_u64(t, f->size_bytes);
	pack_u64(t, f->pending);
	pack_u64(t, f->domain_at);
	pack_u64(t, f->forced);
	pack_u64(t, f->followed);
	text_bytes(t, f->client.b, sizeof(f->client.b));
	pack_str(t, chain_text_view(f->account));
	pack_str(t, chain_text_view(f->sender));
	pack_recipients(t, f);
	pack_lines(t, f->first);
}

static bool
take_numbers(struct str *s, struct flight *f)
{
	uint32_t kind, list, flags, domain_at;

	if (!pack_take_u32(s, FLIGHT_NOBODY, &kind) ||
	    !pack_take_u32(s, LIST_NONE, &list) ||
	    !pack_take_u32(s, UINT16_MAX, &flags) ||
	    !pack_take_u32(s, UINT32_MAX, &f->stamp) ||
	    !pack_take_u32(s, UINT32_MAX, &f->order) ||
	    !pack_take_u32(s, UINT32_MAX, &f->accepted_at) ||
	    !pack_take_u32(s, UINT32_MAX, &f->size_bytes) ||
	    !pack_take_u32(s, INT32_MAX, &f->pending) ||
	    !pack_take_u32(s, UINT16_MAX, &domain_at) ||
	    !pack_take_u64(s, &f->forced) || !pack_take_u64(s, &f->followed) ||
	    (flags & ~(uint32_t)KEPT_FLAGS) || s->n < sizeof(f->client.b))
		return false;
	f->kind = (uint8_t)kind;
	f->list = (uint8_t)list;
	f->flags = (uint16_t)(flags | FLIGHT_USED);
	f->domain_at = (uint16_t)domain_at;
	memcpy(f->client.b, s->p, sizeof(f->client.b));
	*s = str_skip(*s, sizeof(f->client.b));
	return true;
}

static bool
take_names(struct chains *c, struct str *s, struct flight *f, uint64_t *parent)
{
	struct str id, host, instance;

	if (!pack_take_u64(s, &f->id) || f->id == 0 ||
	    !pack_take_u64(s, parent) || !pack_take_str(s, &id) || id.n == 0 ||
	    id.n > FLIGHT_QUEUE_ID || !pack_take_str(s, &host) ||
	    !pack_take_str(s, &instance))
		return false;
	memcpy(f->queue_id, id.p, id.n);
	f->queue_id_n = (uint8_t)id.n;
	f->host = host.n ? names_get(&c->hosts, host) : 0;
	f->instance = instance.n ? names_get(&c->instances, instance) : 0;
	return true;
}

static bool
take_texts(struct chains *c, struct str *s, struct flight *f)
{
	struct str account, sender;
	uint64_t n;

	if (!pack_take_str(s, &account) || account.n > ACCOUNT_MAX ||
	    f->domain_at > account.n || !pack_take_str(s, &sender) ||
	    sender.n > ACCOUNT_MAX || !pack_take_u64(s, &n))
		return false;
	if (account.n > 0)
		f->account = chain_text_new(c, account);
	if (sender.n > 0)
		f->sender = chain_text_new(c, sender);
	for (; n > 0; n--) {
		if (!take_recipient(c, s, f))
			return false;
	}
	return take_lines(c, s, &f->first);
}

void
flight_clear(struct chains *c, struct flight *f)
{
	chain_text_free(c, &f->account);
	chain_text_free(c, &f->sender);
	recipients_free(c, f);
	free_lines(c, flight_take_queue(f));
}

bool
flight_unpack(
    struct chains *c, struct str *s, struct flight *out, uint64_t *parent)
{
	struct flight f = {0};

	if (!take_names(c, s, &f, parent) || !take_numbers(s, &f) ||
	    !take_texts(c, s, &f)) {
		flight_clear(c, &f);
		return false;
	}
	for (f.last = f.first; f.last && f.last->next;)
		f.last = f.last->next;
	*out = f;
	return true;
}
