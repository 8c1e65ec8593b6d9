/* scope - who stands behind a network */
#include "limits/scope.h"

bool
scope_overlaps(const struct ip_net *a, const struct ip_net *b)
{
	return a->bits <= b->bits ? ip_net_has(a, &b->ip)
				  : ip_net_has(b, &a->ip);
}

bool
scope_has_used(const struct subject *s, const struct ip_net *net, int64_t since)
{
	struct subject_network seen[SUBJECT_NETWORKS];
	size_t n = subject_networks(s, seen);

	for (size_t i = 0; i < n; i++) {
		if (seen[i].last_seen >= since &&
		    scope_overlaps(&seen[i].net, net))
			return true;
	}
	return false;
}

void
scope_each_user(struct ledger *l, const struct ip_net *net, int64_t since,
    scope_user_fn *each, void *ctx)
{
	struct subject *s;

	for (size_t i = 0; (s = ledger_next(l, &i));) {
		if (subject_kind(s) == SUBJECT_ACCOUNT &&
		    subject_last_seen(s) >= since &&
		    scope_has_used(s, net, since))
			each(ctx, s);
	}
}

struct counting {
	struct standings *standings;
	int64_t now;
	struct scope_good *out;
};

static void
count_good(void *ctx, struct subject *account)
{
	struct counting *c = ctx;
	struct standing_state state;

	standings_get(c->standings, SUBJECT_ACCOUNT, subject_key(account),
	    c->now, &state);
	if (state.rung >= STANDING_THROTTLED)
		return;
	if (c->out->n < SCOPE_NAMED)
		c->out->named[c->out->n] = subject_key(account);
	c->out->n++;
}

/* The ledger counts by address and by /24, /64. */
static bool
is_unused(struct ledger *l, const struct ip_net *net, int64_t since)
{
	struct ip_net natural = ip_network(&net->ip);
	enum subject_kind kind =
	    net->bits == 128 ? SUBJECT_CLIENT : SUBJECT_NETWORK;
	int64_t window = ledger_now(l) - since;
	char key[64];
	struct text t;

	if (net->bits != 128 && net->bits != natural.bits)
		return false;
	text_init(&t, key, sizeof(key));
	if (kind == SUBJECT_CLIENT)
		ip_format(&t, &net->ip);
	else
		ip_net_format(&t, net);
	struct subject *s = ledger_find(l, kind, text_view(&t));

	return !s || subject_sum(l, s, COUNT_MESSAGES, window) +
			     subject_sum(l, s, COUNT_LOGINS, window) ==
			 0;
}

void
scope_add_reads(uint64_t counts[SUBJECT_KINDS])
{
	const uint64_t sent = 1ull << COUNT_MESSAGES | 1ull << COUNT_LOGINS;

	counts[SUBJECT_ACCOUNT] |= 1ull << LEDGER_DISTINCT_NETWORKS;
	counts[SUBJECT_CLIENT] |= sent;
	counts[SUBJECT_NETWORK] |= sent;
}

void
scope_count_good(struct ledger *l, struct standings *s,
    const struct ip_net *net, int64_t since, int64_t now,
    struct scope_good *out)
{
	struct counting c = {s, now, out};

	*out = (struct scope_good){0};
	if (is_unused(l, net, since))
		return;
	scope_each_user(l, net, since, count_good, &c);
}
