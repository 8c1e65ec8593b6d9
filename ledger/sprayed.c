/* sprayed - places that several accounts send from that never did before, and
 * what they send alike from such */
#include "ledger/sprayed.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/record.h"

enum { WAYS = 4, SIZE_UNIT = 512, SIZES = 1 << 16 };

/* Shapes of either kind. */
#define OF_SUBJECT (UINT64_C(1) << 32)
#define OF_SIZE (UINT64_C(2) << 32)

struct visit {
	uint32_t account; /* 0: none */
	uint32_t at;	  /* seconds since RECORD_EPOCH */
};

struct sprayed_place {
	uint64_t key;
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

/* The first 64 bits of a network are all of it; an IPv4's stand behind. */
static uint64_t
key_of(const struct ip *client)
{
	struct ip_net net = ip_network(client);
	uint64_t a, b;

	memcpy(&a, net.ip.b, 8);
	memcpy(&b, net.ip.b + 8, 8);
	return a ? a : b;
}

static size_t
hash_of(uint64_t key)
{
	key = (key ^ key >> 31) * 0x9e3779b97f4a7c15u;
	key = (key ^ key >> 32) * 0xff51afd7ed558ccdu;
	return (size_t)(key >> 32) & (SPRAYED_PLACES - 1) & ~(size_t)(WAYS - 1);
}

/* Its place; a new one takes that of the longest silent of four. */
static struct sprayed_place *
get(struct sprayed *s, uint64_t key, uint32_t now)
{
	struct sprayed_place *first, *least;

	if (!s->v)
		s->v = xalloc(SPRAYED_PLACES, sizeof(*s->v));
	first = least = &s->v[hash_of(key)];
	for (size_t i = 0; i < WAYS; i++) {
		struct sprayed_place *p = &first[i];

		if (p->last && p->key == key) {
			p->last = now > p->last ? now : p->last;
			return p;
		}
		if (p->last < least->last)
			least = p;
	}
	*least = (struct sprayed_place){.key = key, .last = now};
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
count_others(const struct visit v[SPRAYED_ACCOUNTS], uint32_t account,
    uint32_t now, uint32_t within)
{
	unsigned n = 0;

	for (size_t i = 0; i < SPRAYED_ACCOUNTS; i++)
		n += v[i].account && v[i].account != account &&
		     v[i].at + within > now;
	return n;
}

void
sprayed_failed(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at)
{
	uint32_t now = stamp(at);

	note(get(s, key_of(client), now)->failed, account | 1, now);
}

bool
sprayed_sent(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at)
{
	uint32_t now = stamp(at);
	struct sprayed_place *p = get(s, key_of(client), now);

	account |= 1;
	note(p->senders, account, now);
	return count_others(p->senders, account, now, SPRAYED_DAY) >=
		   SPRAYED_SENDERS ||
	       count_others(p->failed, account, now, SPRAYED_DAY) >=
		   SPRAYED_FAILURES;
}

static bool
is_shared(struct sprayed *s, uint64_t key, uint32_t account, uint32_t now,
    uint32_t within)
{
	struct sprayed_place *p = get(s, key, now);

	note(p->senders, account, now);
	return count_others(p->senders, account, now, within) >=
	       SPRAYED_SENDERS;
}

/* Sizes a little apart may lie in two units: each is noted in the nearer one
 * beside it, too. */
static bool
is_shared_size(
    struct sprayed *s, uint64_t size_bytes, uint32_t account, uint32_t now)
{
	uint64_t unit = size_bytes / SIZE_UNIT + 1;
	uint64_t other =
	    size_bytes % SIZE_UNIT < SIZE_UNIT / 2 ? unit - 1 : unit + 1;

	if (unit >= SIZES)
		return false;
	bool is = is_shared(s, OF_SIZE | unit, account, now, SPRAYED_HOUR);
	bool is_beside =
	    is_shared(s, OF_SIZE | other, account, now, SPRAYED_HOUR);

	return is || is_beside;
}

bool
sprayed_alike(struct sprayed *shapes, const struct sprayed_message *m)
{
	uint32_t now = stamp(m->at), account = m->account | 1;
	bool is = m->subject && is_shared(shapes, OF_SUBJECT | m->subject,
				    account, now, SPRAYED_DAY);

	if (m->size_bytes > 0 &&
	    is_shared_size(shapes, m->size_bytes, account, now))
		is = true;
	return is;
}
