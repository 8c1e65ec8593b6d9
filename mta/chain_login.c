/* chain_login - facts about logins
 *
 * A failed SMTP AUTH is Postfix's line; when it doesn't name the login (before
 * 3.9), the line of Dovecot's password check that came with it does. Such a
 * line alone is no fact: another database may have said yes, and a login
 * process tells at the session's end how many attempts failed.
 */
#include "mta/chain_flight.h"

enum { REFUSAL_AGE = 10, ATTEMPTS_MAX = 1000 };

static void
keep_refusal(struct chains *c, int64_t at, const struct ip *client,
    const struct postfix_line *l)
{
	struct chain_refusal *r = &c->refusals[c->next_refusal];
	struct str login = line_get(l, FIELD_SASL_USERNAME);

	if (line_has(l, FIELD_SESSION) || login.n == 0 ||
	    login.n > sizeof(r->login))
		return;
	c->next_refusal = (c->next_refusal + 1) % CHAIN_REFUSALS;
	r->client = *client;
	r->at = at;
	r->login_n = (uint16_t)login.n;
	memcpy(r->login, login.p, login.n);
}

/* The latest of this client; all of this login are forgotten (each database
 * has a line). */
static struct str
take_refusal(struct chains *c, int64_t at, const struct ip *client,
    char buf[ACCOUNT_MAX])
{
	struct str login = {"", 0};

	for (uint32_t i = 1; i <= CHAIN_REFUSALS; i++) {
		struct chain_refusal *r =
		    &c->refusals[(c->next_refusal + CHAIN_REFUSALS - i) %
				 CHAIN_REFUSALS];

		if (r->at == 0 || at - r->at > REFUSAL_AGE ||
		    memcmp(r->client.b, client->b, sizeof(client->b)) != 0)
			continue;
		if (login.n == 0) {
			memcpy(buf, r->login, r->login_n);
			login = str_make(buf, r->login_n);
		}
		if (str_is(login, str_make(r->login, r->login_n)))
			r->at = 0;
	}
	return login;
}

static void
tell(struct chains *c, struct fact *fact, struct str login)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	text_init(&t, account, sizeof(account));
	account_from_login(&c->rules, login, &t);
	fact->account = text_view(&t);
	fact->domain = account_domain(fact->account);
	fact->is_shared =
	    t.n > 0 && account_is_shared(&c->rules, fact->account);
	c->on_fact(c->ctx, fact);
}

static int32_t
count_attempts(const struct postfix_line *l)
{
	uint64_t n = line_number(l, FIELD_ATTEMPTS);

	return n < 1 ? 1 : n > ATTEMPTS_MAX ? ATTEMPTS_MAX : (int32_t)n;
}

void
chain_login(struct chains *c, int64_t at, const struct logline *line,
    const struct postfix_line *l)
{
	bool is_dovecot = line_has(l, FIELD_PROTO);
	struct str login = line_get(l, FIELD_SASL_USERNAME);
	char buf[ACCOUNT_MAX];
	struct fact fact = {
	    .kind = l->kind == LINE_LOGIN ? FACT_LOGIN : FACT_LOGIN_FAILED,
	    .at = at,
	    .n = l->repeats ? (int32_t)l->repeats : 1,
	    .host = line->host,
	    .instance = line->instance,
	    .text = line_get(l, FIELD_TEXT),
	};

	unsigned is =
	    chain_client(c, line_get(l, FIELD_CLIENT_ADDRESS), &fact.client);

	/* In doubt, nothing. */
	if (!is && (is_dovecot || l->kind == LINE_PASSDB_FAILED))
		return;
	if (l->kind == LINE_PASSDB_FAILED) {
		keep_refusal(c, at, &fact.client, l);
		return;
	}
	if (!is_dovecot) {
		struct str refused = take_refusal(c, at, &fact.client, buf);

		login = login.n ? login : refused;
	}
	if (is & ADDRESS_FRONT)
		fact.client = (struct ip){0};
	tell(c, &fact, login);
	/* Of several attempts only the last one's login is known. */
	fact.n = count_attempts(l) - 1;
	if (fact.n > 0 && fact.kind == FACT_LOGIN_FAILED)
		tell(c, &fact, STR(""));
}
