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

struct counting {
	struct scope_good *good;
	struct standings *standings;
	int64_t now;
};

static void
count_good(void *ctx, struct subject *account)
{
	struct counting *c = ctx;
	struct scope_good *g = c->good;
	struct standing_state state;
	struct text t;

	if (g->begun != g->walk.begun)
		g->n = 0; /* all come again */
	g->begun = g->walk.begun;
	if (subject_kind(account) != SUBJECT_ACCOUNT ||
	    subject_last_seen(account) < g->since ||
	    !scope_has_used(account, &g->net, g->since))
		return;
	standings_get(c->standings, SUBJECT_ACCOUNT, subject_key(account),
	    c->now, &state);
	if (state.rung >= STANDING_THROTTLED)
		return;
	if (g->n < SCOPE_NAMED) {
		text_init(&t, g->named[g->n], sizeof(g->named[0]));
		text_str(&t, subject_key(account));
	}
	g->n++;
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
scope_good_begin(struct scope_good *g, struct ledger *l,
    const struct ip_net *net, int64_t since)
{
	g->net = *net;
	g->since = since;
	g->n = 0;
	walk_begin(l, &g->walk);
	g->begun = g->walk.begun;
}

bool
scope_good_step(struct scope_good *g, struct ledger *l, struct standings *s,
    int64_t now, size_t max)
{
	struct counting c = {g, s, now};

	return is_unused(l, &g->net, g->since) ||
	       walk_each(l, &g->walk, max, count_good, &c);
}

void
scope_count_good(struct ledger *l, struct standings *s,
    const struct ip_net *net, int64_t since, int64_t now,
    struct scope_good *out)
{
	scope_good_begin(out, l, net, since);
	while (!scope_good_step(out, l, s, now, SIZE_MAX))
		continue;
}
