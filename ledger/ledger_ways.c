/* ledger_ways - whom a fact counts for
 *
 * Facts come in runs of one sender from one client: a small cache of such ways
 * spares most of them the maps and the spelling of addresses.
 */
#include "ledger/ledger_state.h"

static bool
is_key(const struct subject *s, struct str key)
{
	return str_is(str_make(s->key, s->key_n), key);
}

/* "account/claimed", cut to what a key can be. */
static struct str
claimed_key(const struct fact *f, char buf[2 * SUBJECT_KEY + 1])
{
	struct str account = str_head(f->account, SUBJECT_KEY);
	struct str claimed = str_head(f->claimed, SUBJECT_KEY);

	memcpy(buf, account.p, account.n);
	buf[account.n] = '/';
	memcpy(buf + account.n + 1, claimed.p, claimed.n);
	return str_make(buf, account.n + 1 + claimed.n);
}

static bool
is_claimed_key(const struct subject *s, const struct fact *f)
{
	return s->key_n == f->account.n + 1 + f->claimed.n &&
	       str_same(s->key, f->account.p, f->account.n) &&
	       str_same(s->key + f->account.n + 1, f->claimed.p, f->claimed.n);
}

static uint64_t
hash_way(const struct fact *f)
{
	uint64_t a, b;

	memcpy(&a, f->client.b, sizeof(a));
	memcpy(&b, f->client.b + 8, sizeof(b));
	return map_hash(f->account) ^
	       ((a ^ b >> 7) * 0x9e3779b97f4a7c15u >> 31) ^ b;
}

static struct subject *
get_front(struct ledger *l, enum subject_kind kind, struct str key)
{
	struct subject *s = subjects_get(l, kind, key);

	subjects_to_front(l, s);
	return s;
}

static struct subject *
get_client(struct ledger *l, const struct fact *f, bool is_network)
{
	char buf[64];
	struct text t;
	struct ip_net net = ip_network(&f->client);

	text_init(&t, buf, sizeof(buf));
	if (is_network)
		ip_net_format(&t, &net);
	else
		ip_format(&t, &f->client);
	return get_front(
	    l, is_network ? SUBJECT_NETWORK : SUBJECT_CLIENT, text_view(&t));
}

static void
get_way(struct ledger *l, const struct fact *f, struct ledger_way *w)
{
	char buf[2 * SUBJECT_KEY + 1];

	w->has_claimed = f->claimed.n > 0;
	w->has_domain = f->domain.n > 0;
	w->n = 0;
	w->v[w->n++] = get_front(l, SUBJECT_ACCOUNT, f->account);
	if (w->has_claimed)
		w->v[w->n++] =
		    get_front(l, SUBJECT_CLAIMED, claimed_key(f, buf));
	if (w->has_domain)
		w->v[w->n++] = get_front(l, SUBJECT_DOMAIN, f->domain);
	w->n_pending = w->n;
	if (!ip_is_none(&f->client)) {
		w->v[w->n++] = get_client(l, f, false);
		w->v[w->n++] = get_client(l, f, true);
	}
	w->v[w->n++] = get_front(l, SUBJECT_ALL, STR(""));
}

static inline bool
is_way_of(
    const struct ledger *l, const struct ledger_way *w, const struct fact *f)
{
	return w->generation == l->generation && w->n > 0 &&
	       ip_is(&w->client, &f->client) && is_key(w->v[0], f->account) &&
	       (w->has_claimed ? is_claimed_key(w->v[1], f)
			       : f->claimed.n == 0) &&
	       (w->has_domain ? is_key(w->v[1 + w->has_claimed], f->domain)
			      : f->domain.n == 0);
}

static const struct ledger_way *
find_way(struct ledger *l, const struct fact *f)
{
	if (is_way_of(l, l->last_way, f))
		return l->last_way;
	uint64_t hash = hash_way(f);
	struct ledger_way *w = &l->ways[hash & (LEDGER_WAYS - 1)];

	l->last_way = w;
	if (w->hash == hash && is_way_of(l, w, f))
		return w;
	get_way(l, f, w);
	w->hash = hash;
	w->generation = l->generation;
	w->client = f->client;
	return w;
}

void
ways_find(struct ledger *l, const struct fact *f, struct ledger_touched *t)
{
	const struct ledger_way *w = find_way(l, f);

	memcpy(t->v, w->v, sizeof(w->v));
	t->n = f->kind == FACT_PENDING ? w->n_pending : w->n;
}

/* To the front before anybody else is made, who might push it out. */
static void
add_found(struct ledger *l, struct ledger_touched *t, struct subject *s)
{
	if (!s)
		return;
	subjects_to_front(l, s);
	t->v[t->n++] = s;
}

void
ways_find_few(struct ledger *l, const struct fact *f, struct ledger_touched *t)
{
	bool is_attempt = f->kind == FACT_ATTEMPT;

	add_found(l, t, subjects_get(l, SUBJECT_ALL, STR("")));
	if (f->account.n > 0)
		add_found(l, t,
		    is_attempt ? subjects_get(l, SUBJECT_ACCOUNT, f->account)
			       : subjects_find(l, SUBJECT_ACCOUNT, f->account));
	/* Where mailboxes are read from would be too many to keep. */
	if (is_attempt || f->kind == FACT_LOGIN || ip_is_none(&f->client))
		return;
	add_found(l, t, get_client(l, f, false));
	add_found(l, t, get_client(l, f, true));
}
