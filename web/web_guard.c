/* web_guard - how much of an HTTP port one client network may use */
#include "web/web_guard.h"

#include "base/map.h"
#include "base/time.h"

static bool
is_net(const struct ip_net *a, const struct ip_net *b)
{
	return a->bits == b->bits && ip_is(&a->ip, &b->ip);
}

/* Ours, or one that may be forgotten; NULL: neither. */
static struct web_place *
find(struct web_guard *g, const struct ip_net *net)
{
	uint64_t hash =
	    map_hash(str_make((const char *)net->ip.b, sizeof(net->ip.b)));
	struct web_place *set = &g->v[hash % WEB_GUARD_SETS * WEB_GUARD_WAYS];
	struct web_place *oldest = NULL;

	for (size_t i = 0; i < WEB_GUARD_WAYS; i++) {
		struct web_place *p = &set[i];

		if (is_net(&p->net, net))
			return p;
		if (p->connections == 0 &&
		    (!oldest || p->at_us < oldest->at_us))
			oldest = p;
	}
	if (oldest)
		*oldest = (struct web_place){.net = *net};
	return oldest;
}

struct web_place *
web_guard_enter(struct web_guard *g, const struct ip *client, int64_t now_us)
{
	struct ip_net net = ip_network(client);
	struct web_place *p = find(g, &net);

	if (!p || (g->connections_max && p->connections >= g->connections_max))
		return NULL;
	if (p->at_us == 0)
		p->at_us = now_us;
	p->connections++;
	return p;
}

void
web_guard_leave(struct web_place *p)
{
	p->connections--;
}

bool
web_guard_take(const struct web_guard *g, struct web_place *p, int64_t now_us)
{
	const int64_t minute = 60 * TIME_US;

	if (g->per_minute == 0)
		return true;
	/* A clock that was set back gives nothing, and takes nothing. */
	int64_t passed = now_us > p->at_us ? now_us - p->at_us : 0;
	int64_t cost = minute / g->per_minute;

	p->used_us = p->used_us > passed ? p->used_us - passed : 0;
	p->at_us = now_us;
	if (p->used_us + cost > minute)
		return false;
	p->used_us += cost;
	return true;
}
