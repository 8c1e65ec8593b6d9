/* chain_names - host names, addresses, domains, and texts of the chains */
#include "mta/chain_flight.h"

#include <stdlib.h>

#include "base/error.h"

static struct chain_name *
add_name(struct chain_names *names, struct str text, uint64_t hash)
{
	struct chain_name *name = xalloc(1, sizeof(*name));

	name->text = str_make(str_dup(text), text.n);
	names->v =
	    xrealloc(names->v, names->n + 1u, sizeof(struct chain_name *));
	names->v[names->n++] = name;
	name->number = names->n;
	map_put_hashed(&names->map, name->text, hash, name);
	return name;
}

uint16_t
names_look_up(struct chain_names *names, struct str text)
{
	uint64_t hash = map_hash(text);
	const struct chain_name *name =
	    map_find_hashed(&names->map, text, hash);

	if (!name && names->n >= CHAIN_NAMES)
		return 0;
	if (!name)
		name = add_name(names, text, hash);
	names->last = name;
	return name->number;
}

void
names_done(struct chain_names *names)
{
	for (uint16_t i = 0; i < names->n; i++) {
		free((void *)(uintptr_t)names->v[i]->text.p);
		free(names->v[i]);
	}
	free(names->v);
	map_done(&names->map);
}

unsigned
chain_ip(const struct chains *c, const struct ip *ip)
{
	unsigned is = ADDRESS_KNOWN;

	if (ip_nets_has(&c->settings->own_addresses, ip))
		is |= ADDRESS_OWN;
	if (ip_nets_has(&c->settings->inside_networks, ip))
		is |= ADDRESS_INSIDE;
	if (ip_nets_has(&c->settings->trusted_clients, ip))
		is |= ADDRESS_TRUSTED;
	if (ip_nets_has(&c->settings->outbound_hosts, ip))
		is |= ADDRESS_OUTBOUND;
	if (ip_nets_has(&c->settings->submission_hosts, ip))
		is |= ADDRESS_SUBMISSION;
	if (ip_nets_has(&c->settings->front_ends, ip))
		is |= ADDRESS_FRONT;
	return is;
}

static const struct chain_address *
get_address(struct chains *c, struct str text)
{
	uint64_t hash = map_hash(text);
	struct chain_address *a = &c->addresses[hash % ADDRESS_CACHE];

	if (a->hash != hash) {
		*a = (struct chain_address){.hash = hash};
		if (ip_parse(text, &a->ip))
			a->is = (uint8_t)chain_ip(c, &a->ip);
	}
	return a;
}

unsigned
chain_address(struct chains *c, struct str text)
{
	return get_address(c, text)->is;
}

unsigned
chain_client(struct chains *c, struct str text, struct ip *ip)
{
	const struct chain_address *a = get_address(c, text);

	*ip = a->ip;
	return a->is;
}

static uint32_t
find_domain(const struct chain_domains *d, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (d->cap - 1);

	while (d->v[i] && d->v[i] != hash)
		i = (i + 1) & (d->cap - 1);
	return i;
}

bool
domains_has(const struct chain_domains *d, uint64_t hash)
{
	return d->n > 0 && d->v[find_domain(d, hash)] != 0;
}

/* False when it was there, or there is no room. */
bool
domains_add(struct chain_domains *d, uint64_t hash)
{
	if (d->n >= DOMAINS_MAX || domains_has(d, hash))
		return false;
	if (d->n * 2 >= d->cap) {
		struct chain_domains larger = {.cap = d->cap ? d->cap * 2 : 64};

		larger.v = xalloc(larger.cap, sizeof(*larger.v));
		for (uint32_t i = 0; i < d->cap; i++) {
			if (d->v[i])
				larger.v[find_domain(&larger, d->v[i])] =
				    d->v[i];
		}
		larger.n = d->n;
		free(d->v);
		*d = larger;
	}
	d->v[find_domain(d, hash)] = hash;
	d->n++;
	return true;
}

static bool
domains_remove(struct chain_domains *d, uint64_t hash)
{
	if (!domains_has(d, hash))
		return false;
	uint32_t mask = d->cap - 1, i = find_domain(d, hash);

	for (uint32_t k = (i + 1) & mask; d->v[k]; k = (k + 1) & mask) {
		if (((k - (uint32_t)d->v[k]) & mask) < ((k - i) & mask))
			continue;
		d->v[i] = d->v[k];
		i = k;
	}
	d->v[i] = 0;
	d->n--;
	return true;
}

uint64_t
chain_domain_hash(struct chains *c, struct str address)
{
	const char *at = address.n ? memrchr(address.p, '@', address.n) : NULL;

	if (!at)
		return 0;
	return chain_hash(
	    c->seed, str_skip(address, (size_t)(at + 1 - address.p)));
}

/* What went outside can't be all inside, nor is that learned a second time: a
 * content filter behind pipe(8) or on loopback passes any domain. */
void
chain_learn(struct chains *c, struct str address, bool is_inside)
{
	if (!is_inside && c->learned.n == 0)
		return;
	uint64_t hash = chain_domain_hash(c, address);

	if (hash == 0)
		return;
	if (is_inside && domains_has(&c->foreign, hash))
		return;
	if (is_inside ? domains_add(&c->learned, hash)
		      : domains_remove(&c->learned, hash)) {
		c->is_learned_changed = true;
		if (!is_inside)
			domains_add(&c->foreign, hash);
	}
}

struct chain_text *
chain_text_new(struct chains *c, struct str s)
{
	struct chain_text *t = chain_pool_take(&c->pool, sizeof(*t) + s.n);

	t->n = (uint32_t)s.n;
	if (s.n)
		memcpy(t->p, s.p, s.n);
	return t;
}

void
chain_text_free(struct chains *c, struct chain_text **t)
{
	if (*t)
		chain_pool_give(&c->pool, *t, sizeof(**t) + (*t)->n);
	*t = NULL;
}
