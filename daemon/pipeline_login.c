/* pipeline_login - what Dovecot is told of a login, and what it reports
 *
 * Who is suspended may not hand in mail, and goes on reading his.
 */
#include "base/time.h"
#include "daemon/pipeline_state.h"
#include "limits/guess.h"

/* The account, its domain, the client's address and network. */
enum { SUBJECTS = 4 };

struct asked {
	struct answer_subject v[SUBJECTS + PIPELINE_NETS];
	struct standing_state states[SUBJECTS];
	struct pipeline_net nets[PIPELINE_NETS];
	char account[ACCOUNT_TEXT], address[64], network[64];
	size_t n;
};

static void
add(struct pipeline *p, struct asked *a, enum subject_kind kind, struct str key)
{
	struct standing_state *state = &a->states[a->n];

	standings_get(
	    p->standings, kind, key, pipeline_now_us(p) / TIME_US, state);
	a->v[a->n++] = (struct answer_subject){kind, key, state, NULL};
}

static void
add_account(struct pipeline *p, struct asked *a, struct str login)
{
	struct str domain;
	struct text t;

	text_init(&t, a->account, sizeof(a->account));
	if (!account_from_login(&p->accounts, login, &t))
		return;
	add(p, a, SUBJECT_ACCOUNT, text_view(&t));
	domain = account_domain(text_view(&t));
	if (domain.n > 0)
		add(p, a, SUBJECT_DOMAIN, domain);
	pipeline_pass_exempt(a->v, a->n, pipeline_now_us(p) / TIME_US);
}

static bool
has_place(const struct pipeline *p, const struct ip *client)
{
	return !ip_is_none(client) &&
	       !ip_nets_has(&p->settings->mta.front_ends, client);
}

static void
add_place(struct pipeline *p, struct asked *a, const struct ip *client)
{
	struct ip_net net = ip_network(client);
	struct text address, network;

	text_init(&address, a->address, sizeof(a->address));
	ip_format(&address, client);
	add(p, a, SUBJECT_CLIENT, text_view(&address));
	text_init(&network, a->network, sizeof(a->network));
	ip_net_format(&network, &net);
	add(p, a, SUBJECT_NETWORK, text_view(&network));
	a->n += pipeline_add_nets(p, client, a->nets, a->v + a->n);
}

/* Where passwords are guessed, the next one tried may be right. */
static bool
is_guessing(const struct answer_subject *s)
{
	return (s->kind == SUBJECT_CLIENT || s->kind == SUBJECT_NETWORK) &&
	       !s->state->is_operator &&
	       strcmp(s->state->rule, GUESS_RULE) == 0;
}

bool
pipeline_login_refused(
    struct pipeline *p, const struct auth_policy *q, struct text *why)
{
	bool is_submission = auth_policy_is_submission(q);
	struct asked a;

	a.n = 0;
	add_account(p, &a, q->login);
	if (has_place(p, &q->client))
		add_place(p, &a, &q->client);
	for (size_t i = 0; i < a.n; i++) {
		const struct answer_subject *s = &a.v[i];

		if (s->state->rung < STANDING_SUSPENDED ||
		    (!is_submission && !is_guessing(s)))
			continue;
		text_printf(why, "%.*s may not %s", STR_ARG(s->key),
		    is_guessing(s) ? "log in" : "send");
		return true;
	}
	return false;
}

/* That somebody logged in to send tells the mail that follows, as in the log:
 * Dovecot's own submission asks twice, for itself and for Postfix. */
static bool
is_told(const struct auth_policy *q)
{
	return q->end == AUTH_POLICY_FAILURE ||
	       (q->end == AUTH_POLICY_SUCCESS &&
		   !str_is_nocase(q->protocol, STR("smtp")));
}

void
pipeline_login_report(struct pipeline *p, const struct auth_policy *q)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	if (!p->settings->daemon.auth_policy_facts || !is_told(q))
		return;
	text_init(&t, account, sizeof(account));
	account_from_login(&p->accounts, q->login, &t);
	struct fact f = {
	    .kind =
		q->end == AUTH_POLICY_SUCCESS ? FACT_LOGIN : FACT_LOGIN_FAILED,
	    .at = pipeline_now_us(p) / TIME_US,
	    .account = text_view(&t),
	    .n = 1,
	    .text = q->protocol,
	};

	f.domain = account_domain(f.account);
	f.is_shared = t.n > 0 && account_is_shared(&p->accounts, f.account);
	if (has_place(p, &q->client))
		f.client = q->client;
	pipeline_fact(p, &f);
}
