/* pipeline_guess - places that guess passwords are blocked by themselves */
#include "base/time.h"
#include "daemon/pipeline_state.h"
#include "limits/scope.h"

/* Ours, or such as many people stand behind. */
static bool
is_ours(const struct mta_settings *s, const struct ip *client)
{
	const struct ip_nets *const nets[] = {&s->front_ends,
	    &s->trusted_clients, &s->own_addresses, &s->inside_networks,
	    &s->submission_hosts, &s->outbound_hosts};

	if (ip_is_none(client) || ip_is_loopback(client))
		return true;
	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		if (ip_nets_has(nets[i], client))
			return true;
	}
	return false;
}

static bool
knows_place(struct pipeline *p, const struct fact *f)
{
	struct ip_net net = ip_network(&f->client);
	const struct subject *s =
	    ledger_find(p->ledger, SUBJECT_ACCOUNT, f->account);

	return s && scope_has_used(s, &net, 0);
}

/* It may not log in, whatever its password: its failures tell nothing. A replay
 * says what would be, were it enforced. */
static bool
is_suspended(struct pipeline *p, const struct fact *f)
{
	struct standing_state state;

	if (f->account.n == 0)
		return false;
	standings_get(p->standings, SUBJECT_ACCOUNT, f->account, f->at, &state);
	return state.rung >= STANDING_SUSPENDED ||
	       (!p->hooks.now_us && state.observed >= STANDING_SUSPENDED);
}

/* A finding becomes an event for the hook, unless somebody good stands there.
 * A lift counts: what was seen before it does no more. */
static void
decide(struct pipeline *p, const struct guess_finding *f, int64_t at)
{
	static struct event e; /* 8 KiB, used and done within this call */
	bool enforces = standings_is_enforcing(p->standings);
	struct standing_state state;
	struct scope_good good;
	struct sanction_about about = {.kind = f->kind,
	    .node = p->node,
	    .seq = p->seq + 1,
	    .now_us = pipeline_now_us(p),
	    .state = &state};
	char key[64];
	struct text t;

	text_init(&t, key, sizeof(key));
	if (f->kind == SUBJECT_CLIENT)
		ip_format(&t, &f->net.ip);
	else
		ip_net_format(&t, &f->net);
	about.key = text_view(&t);
	standings_get(p->standings, f->kind, about.key, at, &state);
	if ((enforces ? state.rung : state.observed) >= STANDING_SUSPENDED)
		return;
	if (state.mark + f->window > at) {
		guess_spare(p->guess, f, state.mark + f->window);
		return;
	}
	scope_count_good(
	    p->ledger, p->standings, &f->net, at - SCOPE_LATELY, at, &good);
	size_t n_good = good.n;

	if (n_good >= SCOPE_SEVERAL)
		guess_spare(p->guess, f, at + f->window);
	if (n_good >= SCOPE_SEVERAL
		? guess_warning(
		      p->standings, &about, f, n_good, at, enforces, &e)
		: guess_sanction(
		      &about, &p->settings->limits, f, at, enforces, &e)) {
		const struct verdict none = {.rung = STANDING_GOOD};

		p->seq++;
		p->hooks.on_verdict(p->hooks.ctx, &e, &none);
	}
}

/* Kept out of the way of the other facts. */
__attribute__((noinline)) void
pipeline_guess(struct pipeline *p, const struct fact *f)
{
	const struct limits_settings *s = &p->settings->limits;
	struct guess_login login = {.client = f->client,
	    .account = f->account,
	    .n = f->n > 0 ? (uint32_t)f->n : 1,
	    .at = f->at};
	struct guess_finding found[GUESS_FINDINGS];

	if (!s->guess_block || ip_is_none(&f->client))
		return;
	/* No failure is noted of what is ours, so neither is this. */
	if (f->kind != FACT_LOGIN_FAILED) {
		guess_succeeded(p->guess, &login);
		return;
	}
	if (is_ours(&p->settings->mta, &f->client) || is_suspended(p, f))
		return;
	login.is_no_stranger = knows_place(p, f);
	size_t n = guess_failed(p->guess, s, &login, found);

	for (size_t i = 0; i < n; i++)
		decide(p, &found[i], f->at);
}
