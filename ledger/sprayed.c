/* sprayed - places that several accounts send from that never did before */
#include "ledger/sprayed.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/record.h"

enum { WAYS = 4 };

struct visit {
	uint32_t account; /* 0: none */
	uint32_t at;	  /* seconds since RECORD_EPOCH */
};

struct sprayed_place {
	struct ip_net net;
	uint32_t last; /* 0: empty */
	struct visit senders[SPRAYED_ACCOUNTS], failed[SPRAYED_ACCOUNTS];
};

void
sprayed_done(struct sprayed *s)
{
	free(s->v);
	s->v = NULL;
}

static uint32_t
stamp(int64_t at)
{
	int64_t v = at - RECORD_EPOCH;

	return v < 1 ? 1 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static size_t
hash_of(const struct ip_net *net)
{
	uint64_t a, b;

	memcpy(&a, net->ip.b, 8);
	memcpy(&b, net->ip.b + 8, 8);
	a = (a ^ b * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
	return (size_t)(a >> 32) & (SPRAYED_PLACES - 1) & ~(size_t)(WAYS - 1);
}

/* Its place; a new one takes that of the longest silent of four. */
static struct sprayed_place *
get(struct sprayed *s, const struct ip *client, uint32_t now)
{
	struct ip_net net = ip_network(client);
	struct sprayed_place *first, *least;

	if (!s->v)
		s->v = xalloc(SPRAYED_PLACES, sizeof(*s->v));
	first = least = &s->v[hash_of(&net)];
	for (size_t i = 0; i < WAYS; i++) {
		struct sprayed_place *p = &first[i];

		if (p->last && p->net.bits == net.bits &&
		    ip_is(&p->net.ip, &net.ip)) {
			p->last = now > p->last ? now : p->last;
			return p;
		}
		if (p->last < least->last)
			least = p;
	}
	*least = (struct sprayed_place){.net = net, .last = now};
	return least;
}

static void
note(struct visit v[SPRAYED_ACCOUNTS], uint32_t account, uint32_t now)
{
	size_t least = 0;

	for (size_t i = 0; i < SPRAYED_ACCOUNTS; i++) {
		if (v[i].account == account) {
			v[i].at = now > v[i].at ? now : v[i].at;
			return;
		}
		if (v[i].at < v[least].at)
			least = i;
	}
	v[least] = (struct visit){account, now};
}

static unsigned
count_others(
    const struct visit v[SPRAYED_ACCOUNTS], uint32_t account, uint32_t now)
{
	unsigned n = 0;

	for (size_t i = 0; i < SPRAYED_ACCOUNTS; i++)
		n += v[i].account && v[i].account != account &&
		     v[i].at + SPRAYED_DAY > now;
	return n;
}

void
sprayed_failed(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at)
{
	uint32_t now = stamp(at);

	note(get(s, client, now)->failed, account | 1, now);
}

bool
sprayed_sent(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at)
{
	uint32_t now = stamp(at);
	struct sprayed_place *p = get(s, client, now);

	account |= 1;
	note(p->senders, account, now);
	return count_others(p->senders, account, now) >= SPRAYED_SENDERS ||
	       count_others(p->failed, account, now) >= SPRAYED_FAILURES;
}
