/* pipeline_asker - who asks: the subjects of a policy request
 *
 * Who asks is named as the log will name it. On a busy host the counts of one
 * account among thousands are in no cache: where several requests are answered
 * in a turn, some are expected before the first of them is answered, and what
 * was found out by then is not found out again.
 */
#include "daemon/pipeline_asker.h"

#include "base/map.h"

/* Most kinds nobody asks about: no limit names them, none has a standing. */
static bool
matters(const struct pipeline *p, enum subject_kind kind)
{
	return p->is_judged[kind] || standings_has_kind(p->standings, kind);
}

/* Its counts are fetched into the cache while the others are named. */
static void
expect(struct pipeline *p, const struct admission_subject *s)
{
	ledger_expect(p->ledger, s->kind, s->hash);
	admission_expect(p->admission, s);
}

static void
add_hashed(struct pipeline_asker *a, enum subject_kind kind, struct str key,
    uint64_t hash)
{
	a->v[a->n++] = (struct admission_subject){kind, key, hash};
}

static void
add_subject(struct pipeline *p, struct pipeline_asker *a,
    enum subject_kind kind, struct str key)
{
	if (key.n == 0 && kind != SUBJECT_ALL)
		return;
	key = str_head(key, LEDGER_KEY);
	add_hashed(a, kind, key, map_hash(key));
	expect(p, &a->v[a->n - 1]);
}

/* "shared/claimed": the ledger's key. */
static void
add_claimed(struct pipeline *p, struct pipeline_asker *a, struct str account,
    struct str sender)
{
	char claimed[ACCOUNT_TEXT];
	struct text name, key;

	text_init(&name, claimed, sizeof(claimed));
	account_claimed(sender, &name);
	if (name.n == 0)
		return;
	text_init(&key, a->claimed, sizeof(a->claimed));
	text_printf(&key, "%.*s/%.*s", STR_ARG(account), (int)name.n, name.p);
	add_subject(p, a, SUBJECT_CLAIMED, text_view(&key));
}

static void
add_client(
    struct pipeline *p, struct pipeline_asker *a, const struct ip *client)
{
	struct text address, network;

	if (matters(p, SUBJECT_CLIENT)) {
		text_init(&address, a->address, sizeof(a->address));
		ip_format(&address, client);
		add_subject(p, a, SUBJECT_CLIENT, text_view(&address));
	}
	if (matters(p, SUBJECT_NETWORK)) {
		struct ip_net net = ip_network(client);

		text_init(&network, a->network, sizeof(a->network));
		ip_net_format(&network, &net);
		add_subject(p, a, SUBJECT_NETWORK, text_view(&network));
	}
}

/* It was expected, or NULL. Who is expected asks in that order. */
static const struct pipeline_login *
find_login(struct pipeline *p, struct str login)
{
	for (size_t i = 0; i < PIPELINE_LOGINS && login.n > 0; i++) {
		size_t at = (p->asked_login + i) % PIPELINE_LOGINS;
		const struct pipeline_login *one = &p->logins[at];

		if (!str_is(str_make(one->login, one->login_n), login))
			continue;
		p->asked_login = at;
		return one;
	}
	return NULL;
}

static void
add_account(struct pipeline *p, struct pipeline_asker *a, struct str name,
    const struct pipeline_login *login)
{
	if (!login) {
		add_subject(p, a, SUBJECT_ACCOUNT, name);
		add_subject(p, a, SUBJECT_DOMAIN, account_domain(name));
		return;
	}
	add_hashed(a, SUBJECT_ACCOUNT, name, login->hash);
	if (login->domain_n > 0)
		add_hashed(a, SUBJECT_DOMAIN,
		    str_skip(name, name.n - login->domain_n),
		    login->domain_hash);
}

static bool
name_account(const struct pipeline *p, const struct policy_request *q,
    const struct pipeline_login *login, struct text *name)
{
	if (login)
		text_bytes(name, login->name, login->name_n);
	return login ||
	       account_from_login(&p->accounts, q->sasl_username, name) ||
	       account_from_certificate(q->ccert_subject, name);
}

void
pipeline_name_asker(struct pipeline *p, const struct policy_request *q,
    struct pipeline_asker *a)
{
	const struct pipeline_login *login = find_login(p, q->sasl_username);
	struct text name;
	struct ip client;
	bool asks_client =
	    matters(p, SUBJECT_CLIENT) || matters(p, SUBJECT_NETWORK);

	a->n = 0;
	a->client = (struct ip){0};
	text_init(&name, a->account, sizeof(a->account));
	a->has_account = name_account(p, q, login, &name);
	bool has_client = (asks_client || !a->has_account) &&
			  ip_parse(q->client_address, &client);

	if (has_client && !a->has_account)
		a->has_account =
		    account_from_client(&p->accounts, &client, &name);
	if (a->has_account) {
		add_account(p, a, text_view(&name), login);
		if (account_is_shared(&p->accounts, text_view(&name)))
			add_claimed(p, a, text_view(&name), q->sender);
	}
	if (has_client && asks_client &&
	    !ip_nets_has(&p->settings->mta.front_ends, &client)) {
		a->client = client;
		add_client(p, a, &client);
	}
	if (a->has_account && matters(p, SUBJECT_ALL))
		add_subject(p, a, SUBJECT_ALL, STR(""));
}

void
pipeline_expect(struct pipeline *p, const struct policy_request *q)
{
	struct str login = q->sasl_username, name, domain;
	struct pipeline_login *one = &p->logins[p->next_login];
	struct text t;

	one->login_n = 0;
	text_init(&t, one->name, sizeof(one->name));
	if (login.n > sizeof(one->login) ||
	    !account_from_login(&p->accounts, login, &t))
		return;
	p->next_login = (p->next_login + 1) % PIPELINE_LOGINS;
	name = text_view(&t);
	domain = account_domain(name);
	memcpy(one->login, login.p, login.n);
	one->login_n = login.n;
	one->name_n = name.n;
	one->domain_n = domain.n;
	one->hash = map_hash(name);
	expect(
	    p, &(struct admission_subject){SUBJECT_ACCOUNT, name, one->hash});
	if (domain.n == 0)
		return;
	one->domain_hash = map_hash(domain);
	expect(p, &(struct admission_subject){
		      SUBJECT_DOMAIN, domain, one->domain_hash});
}
