/* ledger_ways - whom a fact counts for
 *
 * Facts come in runs of one sender from one client: a small cache of such ways
 * spares most of them the maps and the spelling of addresses.
 */
#include "ledger/ledger_state.h"

static bool
is_key(const struct subject *s, struct str key)
{
	return s ? str_is(str_make(s->key, s->key_n), key) : key.n == 0;
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
	if (!s)
		return f->claimed.n == 0;
	return s->key_n == f->account.n + 1 + f->claimed.n &&
	       memcmp(s->key, f->account.p, f->account.n) == 0 &&
	       memcmp(s->key + f->account.n + 1, f->claimed.p, f->claimed.n) ==
		   0;
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

static void
get_client(struct ledger *l, const struct fact *f, bool is_network,
    struct subject **out)
{
	char buf[64];
	struct text t;
	struct ip_net net = ip_network(&f->client);

	text_init(&t, buf, sizeof(buf));
	if (is_network)
		ip_net_format(&t, &net);
	else
		ip_format(&t, &f->client);
	*out = get_front(
	    l, is_network ? SUBJECT_NETWORK : SUBJECT_CLIENT, text_view(&t));
}

static void
get_way(struct ledger *l, const struct fact *f, struct subject **v)
{
	char buf[2 * SUBJECT_KEY + 1];

	for (int i = 0; i < SUBJECT_KINDS; i++)
		v[i] = NULL;
	v[SUBJECT_ALL] = get_front(l, SUBJECT_ALL, STR(""));
	v[SUBJECT_ACCOUNT] = get_front(l, SUBJECT_ACCOUNT, f->account);
	if (f->claimed.n > 0)
		v[SUBJECT_CLAIMED] =
		    get_front(l, SUBJECT_CLAIMED, claimed_key(f, buf));
	if (f->domain.n > 0)
		v[SUBJECT_DOMAIN] = get_front(l, SUBJECT_DOMAIN, f->domain);
	if (!ip_is_none(&f->client)) {
		get_client(l, f, false, &v[SUBJECT_CLIENT]);
		get_client(l, f, true, &v[SUBJECT_NETWORK]);
	}
}

static inline bool
is_way_of(
    const struct ledger *l, const struct ledger_way *w, const struct fact *f)
{
	return w->generation == l->generation &&
	       ip_is(&w->client, &f->client) &&
	       is_key(w->v[SUBJECT_ACCOUNT], f->account) &&
	       is_key(w->v[SUBJECT_DOMAIN], f->domain) &&
	       is_claimed_key(w->v[SUBJECT_CLAIMED], f);
}

struct subject *const *
ways_find(struct ledger *l, const struct fact *f)
{
	struct ledger_way *w = l->last_way;

	if (is_way_of(l, w, f))
		return w->v;
	uint64_t hash = hash_way(f);

	w = l->last_way = &l->ways[hash & (LEDGER_WAYS - 1)];
	if (w->hash == hash && is_way_of(l, w, f))
		return w->v;
	get_way(l, f, w->v);
	w->hash = hash;
	w->generation = l->generation;
	w->client = f->client;
	return w->v;
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
	struct subject *v[2] = {NULL, NULL};

	add_found(l, t, subjects_get(l, SUBJECT_ALL, STR("")));
	if (f->account.n > 0)
		add_found(l, t,
		    is_attempt ? subjects_get(l, SUBJECT_ACCOUNT, f->account)
			       : subjects_find(l, SUBJECT_ACCOUNT, f->account));
	if (is_attempt || ip_is_none(&f->client))
		return;
	get_client(l, f, false, &v[0]);
	get_client(l, f, true, &v[1]);
	add_found(l, t, v[0]);
	add_found(l, t, v[1]);
}
