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
hash_way(struct str account, const struct ip *client)
{
	uint64_t a, b;

	memcpy(&a, client->b, sizeof(a));
	memcpy(&b, client->b + 8, sizeof(b));
	return map_hash(account) ^ ((a ^ b >> 7) * 0x9e3779b97f4a7c15u >> 31) ^
	       b;
}

static struct subject *
get_front(struct ledger *l, enum subject_kind kind, struct str key)
{
	struct subject *s = subjects_get(l, kind, key);

	subjects_to_front(l, s);
	return s;
}

static struct subject *
get_client(struct ledger *l, const struct fact *f, enum subject_kind kind)
{
	char buf[64];
	struct text t;
	struct ip_net net = ip_network(&f->client);

	text_init(&t, buf, sizeof(buf));
	if (kind == SUBJECT_NETWORK)
		ip_net_format(&t, &net);
	else
		ip_format(&t, &f->client);
	return get_front(l, kind, text_view(&t));
}

static void
add_kind(struct ledger_way *w, enum subject_kind kind, struct subject *s)
{
	w->v[kind] = s;
	w->kinds |= (uint8_t)(1u << kind);
}

static bool
has_kind(const struct ledger_way *w, enum subject_kind kind)
{
	return w->kinds >> kind & 1;
}

/* An acceptance touches everybody who is read. */
static bool
is_read(const struct ledger *l, enum subject_kind kind)
{
	return l->effects[FACT_ACCEPTED][true].touched >> kind & 1;
}

static void
get_way(struct ledger *l, const struct fact *f, struct ledger_way *w)
{
	static const enum subject_kind places[] = {
	    SUBJECT_CLIENT, SUBJECT_NETWORK};
	char buf[2 * SUBJECT_KEY + 1];

	w->kinds = 0;
	add_kind(w, SUBJECT_ACCOUNT, get_front(l, SUBJECT_ACCOUNT, f->account));
	if (f->claimed.n > 0)
		add_kind(w, SUBJECT_CLAIMED,
		    get_front(l, SUBJECT_CLAIMED, claimed_key(f, buf)));
	if (f->domain.n > 0)
		add_kind(
		    w, SUBJECT_DOMAIN, get_front(l, SUBJECT_DOMAIN, f->domain));
	for (int i = 0; i < 2 && !ip_is_none(&f->client); i++) {
		if (is_read(l, places[i]))
			add_kind(w, places[i], get_client(l, f, places[i]));
	}
	if (is_read(l, SUBJECT_ALL))
		add_kind(w, SUBJECT_ALL, get_front(l, SUBJECT_ALL, STR("")));
}

static inline bool
is_way_of(
    const struct ledger *l, const struct ledger_way *w, const struct fact *f)
{
	return w->generation == l->generation && w->kinds != 0 &&
	       ip_is(&w->client, &f->client) &&
	       is_key(w->v[SUBJECT_ACCOUNT], f->account) &&
	       (has_kind(w, SUBJECT_CLAIMED)
		       ? is_claimed_key(w->v[SUBJECT_CLAIMED], f)
		       : f->claimed.n == 0) &&
	       (has_kind(w, SUBJECT_DOMAIN)
		       ? is_key(w->v[SUBJECT_DOMAIN], f->domain)
		       : f->domain.n == 0);
}

/* The same without a look at the keys, which aren't in the cache: of one client
 * only the same account has that hash, which nobody can foresee, and an
 * account's domain is part of it. */
static inline bool
is_hashed_way_of(const struct ledger *l, const struct ledger_way *w,
    const struct fact *f, uint64_t hash)
{
	return w->hash == hash && w->generation == l->generation &&
	       w->kinds != 0 && ip_is(&w->client, &f->client) &&
	       !has_kind(w, SUBJECT_CLAIMED) && f->claimed.n == 0 &&
	       w->account_n == f->account.n && w->domain_n == f->domain.n;
}

/* Each step reads what the one before it has fetched. */
static void
fetch_subject(const struct subject *s)
{
	__builtin_prefetch(s);
	__builtin_prefetch(&s->record);
}

static void
fetch_parts(const struct subject *s)
{
	if (s->hot) {
		__builtin_prefetch(s->hot);
		__builtin_prefetch(&s->hot->now[COUNTS / 2]);
	}
	if (s->record.live)
		__builtin_prefetch(s->record.live);
	if (s->seen)
		__builtin_prefetch(s->seen);
}

static void
fetch_seen(const struct subject *s)
{
	const struct subject_seen *seen = s->seen;
	const struct subject_hot *hot = s->hot;

	record_expect(&s->record);
	/* In a minute that is new to it all windows move on. */
	for (uint32_t i = 0; hot && i < hot->n_sums; i += 8)
		__builtin_prefetch(&hot->sums[i]);
	if (!seen)
		return;
	if (seen->known)
		__builtin_prefetch(seen->known);
	for (unsigned i = 0; i < seen->networks.n; i += 4)
		__builtin_prefetch(&seen->networks.v[i]);
	if (seen->habits) {
		__builtin_prefetch(seen->habits);
		__builtin_prefetch((const char *)seen->habits + 64);
	}
}

void
ledger_foresee(struct ledger *l, struct str account, const struct ip *client)
{
	static void (*const steps[])(const struct subject *) = {
	    fetch_seen, fetch_parts, fetch_subject};
	uint64_t hash = hash_way(account, client);
	const struct ledger_way *way = &l->ways[hash & (LEDGER_WAYS - 1)];

	__builtin_prefetch(way);
	__builtin_prefetch(&way->v[SUBJECT_COUNTED - 1]);
	for (uint32_t i = 0; i < FORESEEN - 1; i++) {
		uint64_t h = l->foreseen[(l->n_foreseen + 1 + i) % FORESEEN];
		const struct ledger_way *w = &l->ways[h & (LEDGER_WAYS - 1)];

		if (w->hash != h || w->generation != l->generation)
			continue;
		for (unsigned left = w->kinds; left; left &= left - 1)
			steps[i](w->v[__builtin_ctz(left)]);
	}
	l->foreseen[l->n_foreseen++ % FORESEEN] = hash;
}

static const struct ledger_way *
find_way(struct ledger *l, const struct fact *f)
{
	if (is_way_of(l, l->last_way, f))
		return l->last_way;
	uint64_t hash = hash_way(f->account, &f->client);
	struct ledger_way *w = &l->ways[hash & (LEDGER_WAYS - 1)];

	l->last_way = w;
	if (is_hashed_way_of(l, w, f, hash) ||
	    (w->hash == hash && is_way_of(l, w, f)))
		return w;
	get_way(l, f, w);
	w->hash = hash;
	w->generation = l->generation;
	w->client = f->client;
	w->account_n = (uint16_t)f->account.n;
	w->domain_n = (uint16_t)f->domain.n;
	return w;
}

void
ways_find(struct ledger *l, const struct fact *f, unsigned kinds,
    struct ledger_touched *t)
{
	const struct ledger_way *w = find_way(l, f);

	for (unsigned left = w->kinds & kinds; left; left &= left - 1)
		t->v[t->n++] = w->v[__builtin_ctz(left)];
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
ways_find_few(struct ledger *l, const struct fact *f, unsigned kinds,
    struct ledger_touched *t)
{
	bool is_attempt =
	    f->kind == FACT_ATTEMPT || f->kind == FACT_FOREIGN_SENDER;

	if (kinds >> SUBJECT_ALL & 1)
		add_found(l, t, subjects_get(l, SUBJECT_ALL, STR("")));
	if (f->account.n > 0 && (kinds >> SUBJECT_ACCOUNT & 1))
		add_found(l, t,
		    is_attempt ? subjects_get(l, SUBJECT_ACCOUNT, f->account)
			       : subjects_find(l, SUBJECT_ACCOUNT, f->account));
	/* Where mailboxes are read from would be too many to keep. */
	if (is_attempt || f->kind == FACT_LOGIN || f->kind == FACT_RETURNED ||
	    ip_is_none(&f->client))
		return;
	if (kinds >> SUBJECT_CLIENT & 1)
		add_found(l, t, get_client(l, f, SUBJECT_CLIENT));
	if (kinds >> SUBJECT_NETWORK & 1)
		add_found(l, t, get_client(l, f, SUBJECT_NETWORK));
}
