/* networks - the last networks a subject sent from */
#include "ledger/networks.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/pack.h"
#include "ledger/record.h"

enum {
	TELL_AFTER = NETWORKS_NEWS,
	V4_BITS = 96 + 24,
	V6_BITS = 64,
	COUNT_BITS = 4, /* of NETWORKS, less one */
};
_Static_assert(1 << COUNT_BITS == NETWORKS, "how many there are");

/* The block 0:1::/64 is nobody's (RFC 4291: 0000::/8 is reserved). */
static const uint64_t v4_mark = 1ull << 32;

static bool
is_v4(uint64_t prefix)
{
	return prefix >> 24 == v4_mark >> 24;
}

void
networks_done(struct networks *w)
{
	free(w->v);
	*w = (struct networks){0};
}

static uint64_t
make_prefix(const struct ip *ip)
{
	uint64_t v = 0;

	if (ip_is_v4(ip))
		return v4_mark | (uint64_t)ip->b[12] << 16 |
		       (uint64_t)ip->b[13] << 8 | ip->b[14];
	pack_from_big(str_make((const char *)ip->b, 8), &v);
	return v;
}

struct ip_net
networks_net(const struct networks_one *one)
{
	struct ip_net net = {.bits = V6_BITS};

	if (is_v4(one->prefix)) {
		net.bits = V4_BITS;
		net.ip.b[10] = net.ip.b[11] = 0xff;
		net.ip.b[12] = (uint8_t)(one->prefix >> 16);
		net.ip.b[13] = (uint8_t)(one->prefix >> 8);
		net.ip.b[14] = (uint8_t)one->prefix;
	} else {
		for (int i = 0; i < 8; i++)
			net.ip.b[i] = (uint8_t)(one->prefix >> (56 - 8 * i));
	}
	return net;
}

static uint32_t
stamp(int64_t at)
{
	int64_t v = at - RECORD_EPOCH;

	return v < 0 ? 0 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* What a provider's customers share. */
static uint64_t
neighbourhood(uint64_t prefix)
{
	return is_v4(prefix) ? prefix >> 8 : prefix >> 32;
}

/* Another one nearby was there before it. */
static bool
is_spare(const struct networks *w, size_t i)
{
	uint64_t near = neighbourhood(w->v[i].prefix);

	for (size_t k = 0; k < w->n; k++)
		if (k != i && neighbourhood(w->v[k].prefix) == near &&
		    w->v[k].first_seen <= w->v[i].first_seen)
			return true;
	return false;
}

/* Who has to go for a new one. A telephone has another address every hour, a
 * botnet has thousands: neither may push out where the account is at home. So
 * the longest silent of what has an older neighbour goes first, then of the
 * rest but for the HOMES latest that were used for a day or more. */
static size_t
find_least(const struct networks *w)
{
	enum { HOMES = 4 };
	size_t least = w->n - 1u, homes = 0;
	bool is_found = false;

	for (size_t i = w->n; i-- > 0;)
		if (is_spare(w, i))
			return i;
	for (size_t i = 0; i < w->n; i++) {
		const struct networks_one *one = &w->v[i];

		if (one->last_seen - one->first_seen >= NETWORKS_KNOWN_AFTER &&
		    homes < HOMES) {
			homes++;
			continue;
		}
		least = i;
		is_found = true;
	}
	return is_found ? least : w->n - 1u;
}

static void
put(struct networks *w, struct networks_one one)
{
	if (w->n == w->cap && w->cap < NETWORKS) {
		w->cap = w->cap ? (uint8_t)(w->cap * 2) : 1;
		w->v = xrealloc(w->v, w->cap, sizeof(*w->v));
	}
	if (w->n == w->cap) {
		size_t least = find_least(w);

		w->n--;
		memmove(&w->v[least], &w->v[least + 1],
		    (w->n - least) * sizeof(*w->v));
	}
	w->n++;
	size_t i = w->n - 1u;

	while (i > 0 && w->v[i - 1].last_seen <= one.last_seen) {
		w->v[i] = w->v[i - 1];
		i--;
	}
	w->v[i] = one;
}

/* A known one is seen once more. */
static enum networks_news
news_of(uint32_t before, uint32_t now)
{
	if (now >= before && now - before >= NETWORKS_NEWS)
		return NETWORKS_NEW;
	return before / TELL_AFTER < now / TELL_AFTER ? NETWORKS_LATER
						      : NETWORKS_SAME;
}

/* Adds one that was seen; its place is by last_seen. */
static enum networks_news
see(struct networks *w, struct networks_one one)
{
	size_t i = 0;

	while (i < w->n && w->v[i].prefix != one.prefix)
		i++;
	if (i == w->n) {
		if (w->n == NETWORKS &&
		    w->v[NETWORKS - 1].last_seen >= one.last_seen)
			return NETWORKS_SAME;
		put(w, one);
		return NETWORKS_NEW;
	}
	struct networks_one known = w->v[i];
	enum networks_news news = news_of(known.last_seen, one.last_seen);

	if (one.first_seen > known.first_seen)
		one.first_seen = known.first_seen;
	if (one.last_seen < known.last_seen)
		one.last_seen = known.last_seen;
	if (i == 0) {
		w->v[0] = one;
		return news;
	}
	memmove(&w->v[i], &w->v[i + 1], (w->n - i - 1u) * sizeof(*w->v));
	w->n--;
	put(w, one);
	return news;
}

enum networks_news
networks_add(struct networks *w, const struct ip *client, int64_t at)
{
	uint32_t t = stamp(at);

	return see(w, (struct networks_one){make_prefix(client), t, t});
}

void
networks_merge(struct networks *w, const struct networks *from)
{
	for (size_t i = 0; i < from->n; i++)
		see(w, from->v[i]);
}

static enum networks_place
find_place(const struct networks *w, uint64_t prefix, uint32_t before)
{
	enum networks_place place = NETWORKS_NOWHERE;

	for (size_t i = 0; i < w->n; i++) {
		const struct networks_one *one = &w->v[i];

		if (one->first_seen > before)
			continue;
		if (neighbourhood(one->prefix) == neighbourhood(prefix))
			return NETWORKS_HOME;
		place = NETWORKS_ABROAD;
	}
	return place;
}

enum networks_place
networks_place(
    const struct networks *w, const struct ip *client, int64_t before)
{
	return find_place(w, make_prefix(client), stamp(before));
}

uint64_t
networks_foreign(const struct networks *w, int64_t since, int64_t before)
{
	uint32_t from = stamp(since), limit = stamp(before);
	uint64_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].last_seen > from &&
		     find_place(w, w->v[i].prefix, limit) == NETWORKS_ABROAD;
	return n;
}

uint64_t
networks_count(const struct networks *w, int64_t since)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += RECORD_EPOCH + (int64_t)w->v[i].last_seen > since;
	return n;
}

void
networks_fold(struct networks *w, int64_t now)
{
	int64_t since = now - RECORD_DAYS * 86400ll;

	while (w->n > 0 &&
	       RECORD_EPOCH + (int64_t)w->v[w->n - 1].last_seen < since)
		w->n--;
}

void
networks_pack(const struct networks *w, struct text *out)
{
	for (size_t i = 0; i < w->n; i++) {
		pack_u64(out, w->v[i].prefix);
		pack_u64(out, w->v[i].first_seen);
		pack_u64(out, w->v[i].last_seen - w->v[i].first_seen);
	}
}

static bool
take_one(struct str *s, struct networks_one *one)
{
	uint32_t first, length;

	if (!pack_take_u64(s, &one->prefix) ||
	    !pack_take_u32(s, UINT32_MAX, &first) ||
	    !pack_take_u32(s, UINT32_MAX - first, &length))
		return false;
	one->first_seen = first;
	one->last_seen = first + length;
	return true;
}

bool
networks_unpack(struct networks *w, struct str packed)
{
	struct networks_one one;

	networks_done(w);
	while (packed.n > 0) {
		if (w->n == NETWORKS || !take_one(&packed, &one)) {
			networks_done(w);
			return false;
		}
		put(w, one);
	}
	return true;
}

/* Each time as how long before the last one it was. */
void
networks_pack_small(const struct networks *w, struct bits_out *out)
{
	bits_put(out, w->n - 1u, COUNT_BITS);
	bits_put(out, w->v[0].last_seen, 32);
	for (size_t i = 0; i < w->n; i++) {
		const struct networks_one *one = &w->v[i];

		bits_put(out, is_v4(one->prefix), 1);
		if (is_v4(one->prefix)) {
			bits_put(out, one->prefix & 0xffffff, 24);
		} else {
			bits_put(out, (uint32_t)(one->prefix >> 32), 32);
			bits_put(out, (uint32_t)one->prefix, 32);
		}
		if (i > 0)
			bits_put_number(
			    out, w->v[i - 1].last_seen - one->last_seen);
		bits_put_number(out, one->last_seen - one->first_seen);
	}
}

bool
networks_take_small(struct networks *w, struct bits_in *in)
{
	networks_done(w);
	uint32_t n = bits_take(in, COUNT_BITS) + 1, last = bits_take(in, 32);

	for (uint32_t i = 0; i < n; i++) {
		struct networks_one one = {.prefix = v4_mark};

		if (bits_take(in, 1)) {
			one.prefix |= bits_take(in, 24);
		} else {
			one.prefix = (uint64_t)bits_take(in, 32) << 32;
			one.prefix |= bits_take(in, 32);
		}
		uint32_t before = i > 0 ? bits_take_number(in) : 0;
		uint32_t length = bits_take_number(in);

		if (in->is_damaged || before > last || length > last - before) {
			networks_done(w);
			return false;
		}
		last -= before;
		one.last_seen = last;
		one.first_seen = last - length;
		put(w, one);
	}
	return true;
}
