/* guess - places from which the passwords of many accounts are tried */
#include "limits/guess.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"

enum { FAILED = 64, SUCCEEDED = 16, ADDRESSES = 3 };

/* An account by its hash; hash 0: none, nor behind it. */
struct seen {
	uint32_t hash;
	uint32_t at; /* seconds, the low 32 bits */
};

struct place {
	struct ip_net net; /* the key: its bytes */
	struct place *older, *newer;
	int64_t last, last_success, spared_until;
	int64_t began; /* of the failures' window */
	uint64_t failures;
	uint64_t addresses; /* a bit per last byte, by its low six bits */
	struct seen failed[FAILED], succeeded[SUCCEEDED];
};

/* Most are none of the places: a bit per mark that was one's tells. */
enum { FILTER_BITS = 18, FILTER = 1 << FILTER_BITS };

struct guess {
	struct map places;
	uint64_t filter[FILTER / 64];
	size_t n_filtered; /* since it was made anew */
	struct place *oldest, *newest;
	size_t max;
};

struct guess *
guess_new(size_t max_places)
{
	struct guess *g = xalloc(1, sizeof(*g));

	map_init(&g->places);
	g->max = max_places;
	return g;
}

void
guess_free(struct guess **gp)
{
	struct guess *g = *gp;

	if (!g)
		return;
	*gp = NULL;
	for (struct place *p = g->oldest, *next; p; p = next) {
		next = p->newer;
		free(p);
	}
	map_done(&g->places);
	free(g);
}

size_t
guess_places(const struct guess *g)
{
	return g->places.n;
}

static struct str
key_of(const struct ip_net *net)
{
	return str_make((const char *)net, sizeof(net->ip) + 1);
}

static void
leave_line(struct guess *g, struct place *p)
{
	*(p->older ? &p->older->newer : &g->oldest) = p->newer;
	*(p->newer ? &p->newer->older : &g->newest) = p->older;
}

static void
join_line(struct guess *g, struct place *p)
{
	p->older = g->newest;
	p->newer = NULL;
	*(g->newest ? &g->newest->newer : &g->oldest) = p;
	g->newest = p;
}

static void
forget_oldest(struct guess *g)
{
	struct place *p = g->oldest;

	map_remove(&g->places, key_of(&p->net));
	leave_line(g, p);
	free(p);
}

/*
 * What is silent for longer than counts says nothing any more: as many places
 * are remembered as have failed lately, however long the log. Few at a time,
 * which is more than can come.
 */
static void
forget_silent(struct guess *g, int64_t before)
{
	for (int i = 0; i < 3 && g->oldest; i++) {
		struct place *p = g->oldest;

		if (p->last >= before)
			return;
		if (p->last_success < before && p->spared_until < before) {
			forget_oldest(g);
		} else {
			leave_line(g, p);
			join_line(g, p);
		}
	}
}

/* Cheaper than the map's hash: who finds places of one mark makes others look
 * in the map, no more. */
static uint64_t
mark_of(const struct ip_net *net)
{
	uint64_t a, b;

	memcpy(&a, net->ip.b, sizeof(a));
	memcpy(&b, net->ip.b + 8, sizeof(b));
	return (a ^ b) * 0x9e3779b97f4a7c15u >> (64 - FILTER_BITS);
}

static bool
is_filtered(const struct guess *g, const struct ip_net *net)
{
	uint64_t mark = mark_of(net);

	return g->filter[mark / 64] >> mark % 64 & 1;
}

static void
set_mark(struct guess *g, const struct ip_net *net)
{
	uint64_t mark = mark_of(net);

	g->filter[mark / 64] |= UINT64_C(1) << mark % 64;
}

static void
add_to_filter(struct guess *g, const struct ip_net *net)
{
	size_t i = 0;

	set_mark(g, net);
	if (++g->n_filtered < FILTER / 4)
		return;
	/* Too many of them were forgotten. */
	memset(g->filter, 0, sizeof(g->filter));
	g->n_filtered = 0;
	for (const struct place *p; (p = map_next(&g->places, &i));)
		set_mark(g, &p->net);
}

static struct place *
get(struct guess *g, const struct ip_net *net)
{
	struct place *p = map_find(&g->places, key_of(net));

	if (p) {
		leave_line(g, p);
	} else {
		while (g->places.n >= g->max)
			forget_oldest(g);
		p = xalloc(1, sizeof(*p));
		p->net = *net;
		map_put(&g->places, key_of(&p->net), p);
		add_to_filter(g, &p->net);
	}
	join_line(g, p);
	return p;
}

static uint32_t
hash_of(struct str account)
{
	uint32_t hash = (uint32_t)map_hash(account);

	return hash ? hash : 1;
}

/* Its slot, or that of the one seen longest ago. */
static void
note(struct seen *v, size_t n, uint32_t hash, int64_t at)
{
	struct seen *slot = v;

	for (size_t i = 0; i < n; i++) {
		if (v[i].hash == hash || v[i].hash == 0) {
			slot = &v[i];
			break;
		}
		if (v[i].at < slot->at)
			slot = &v[i];
	}
	*slot = (struct seen){hash, (uint32_t)at};
}

static void
forget(struct seen *v, size_t n, uint32_t hash)
{
	for (size_t i = 0; i < n && v[i].hash != 0; i++) {
		if (v[i].hash == hash)
			v[i].at = 0;
	}
}

static size_t
count(const struct seen *v, size_t n, int64_t since)
{
	size_t found = 0;

	for (size_t i = 0; i < n && v[i].hash != 0; i++)
		found += v[i].at > since;
	return found;
}

static struct ip_net
alone(const struct ip *client)
{
	return (struct ip_net){*client, 128};
}

/* False: nobody failed there. */
static bool
succeed_at(
    struct guess *g, const struct ip_net *net, const struct guess_login *login)
{
	struct place *p =
	    is_filtered(g, net) ? map_find(&g->places, key_of(net)) : NULL;

	if (!p)
		return false;
	p->last_success = login->at;
	note(p->succeeded, SUCCEEDED, hash_of(login->account), login->at);
	forget(p->failed, FAILED, hash_of(login->account));
	return true;
}

void
guess_succeeded(struct guess *g, const struct guess_login *login)
{
	struct ip_net client = alone(&login->client);
	struct ip_net net = ip_network(&login->client);

	if (g->places.n == 0 || login->account.n == 0)
		return;
	/* A network is noted after its client, and so forgotten after it: most
	 * logins are over with one question. */
	if (succeed_at(g, &net, login))
		succeed_at(g, &client, login);
}

static struct place *
fail_at(struct guess *g, const struct limits_settings *s,
    const struct ip_net *net, const struct guess_login *login)
{
	forget_silent(g, login->at - s->guess_window);
	struct place *p = get(g, net);

	if (login->at - p->began >= s->guess_window) {
		p->began = login->at;
		p->failures = 0;
		p->addresses = 0;
	}
	p->last = login->at;
	p->failures += login->n;
	p->addresses |= 1ull << (login->client.b[15] & 63);
	if (login->account.n > 0)
		note(p->failed, FAILED, hash_of(login->account), login->at);
	return p;
}

/* The lower end of the share (Wilson's interval, 95%) is over seven in ten. */
static bool
is_confident(size_t failed, size_t succeeded)
{
	double n = (double)(failed + succeeded), p = (double)failed / n;
	const double z2 = 1.96 * 1.96;
	double middle = p + z2 / (2 * n);
	double width = 1.96 * sqrt(p * (1 - p) / n + z2 / (4 * n * n));

	return (middle - width) / (1 + z2 / n) > 0.7;
}

static unsigned
count_addresses(const struct place *p)
{
	return (unsigned)__builtin_popcountll(p->addresses);
}

static bool
find(const struct limits_settings *s, const struct place *p, bool is_wide,
    int64_t at, struct guess_finding *out)
{
	size_t failed = count(p->failed, FAILED, at - s->guess_window);
	size_t succeeded = count(p->succeeded, SUCCEEDED, at - s->guess_window);
	size_t most =
	    (size_t)(is_wide ? s->guess_network_accounts : s->guess_accounts);
	bool is_many = failed >= most && is_confident(failed, succeeded);
	bool is_stubborn = s->guess_failures > 0 && !is_wide &&
			   p->failures >= (uint64_t)s->guess_failures &&
			   succeeded == 0;

	if (at < p->spared_until || !(is_many || is_stubborn) ||
	    (is_wide && count_addresses(p) < ADDRESSES))
		return false;
	*out = (struct guess_finding){
	    .kind = p->net.bits == 128 ? SUBJECT_CLIENT : SUBJECT_NETWORK,
	    .net = p->net,
	    .accounts = failed,
	    .failures = p->failures,
	    .window = s->guess_window,
	};
	return true;
}

size_t
guess_failed(struct guess *g, const struct limits_settings *s,
    const struct guess_login *login, struct guess_finding out[GUESS_FINDINGS])
{
	struct ip_net client = alone(&login->client);
	struct ip_net net = ip_network(&login->client);
	bool is_v4 = ip_is_v4(&login->client);
	size_t n = 0;

	if (login->is_no_stranger)
		return 0;
	if (is_v4)
		n += find(s, fail_at(g, s, &client, login), false, login->at,
		    &out[n]);
	n += find(s, fail_at(g, s, &net, login), is_v4, login->at, &out[n]);
	return n;
}

void
guess_spare(struct guess *g, const struct guess_finding *f, int64_t until)
{
	struct place *p = map_find(&g->places, key_of(&f->net));

	if (p)
		p->spared_until = until;
}
