/* pool - the addresses that we send from, and who shares them */
#include "reputation/pool.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT pool_ip_spec
static const struct setting ip_rows[] = {
#include "reputation/pool_ip_fields.def"
};
#undef SETTING_STRUCT
#define SETTING_STRUCT pool_spec
static const struct setting rows[] = {
#include "reputation/pool_fields.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table pool_ip_fields = {
    "own_ips", ip_rows, sizeof(ip_rows) / sizeof(ip_rows[0])};
const struct setting_table pool_fields = {
    "pools", rows, sizeof(rows) / sizeof(rows[0])};

/* Whose mail it is: an account, a domain. */
struct owned {
	struct str key;
	size_t pool;
};

struct pools {
	struct arena arena;
	uint64_t id;
	const char *names[POOLS_MAX];
	size_t n;
	struct pool_ip ips[POOL_IPS_MAX];
	size_t n_ips;
	struct map accounts, domains; /* struct owned */
};

/* Services that every master.cf has, and what Outpost calls its own. */
static const char *const taken[] = {"smtp", "smtpd", "relay", "lmtp", "local",
    "virtual", "error", "retry", "discard", "pipe", "pickup", "cleanup", "qmgr",
    "rewrite", "bounce", "defer", "trace", "verify", "flush", "proxymap",
    "proxywrite", "showq", "anvil", "scache", "tlsmgr", "tlsproxy", "postlog",
    "postscreen", "dnsblog", "submission", "smtps", "submissions",
    "outpost-paused", "outpost-slow"};

struct pools *
pools_new(void)
{
	static const char *const known[] = {
#define POOL(id, name, help) name,
#include "reputation/pools.def"
#undef POOL
	};
	static uint64_t made;
	struct pools *p = xalloc(1, sizeof(*p));

	p->id = ++made;
	arena_init(&p->arena);
	map_init(&p->accounts);
	map_init(&p->domains);
	for (; p->n < POOLS_KNOWN; p->n++)
		p->names[p->n] = known[p->n];
	return p;
}

void
pools_free(struct pools **pp)
{
	struct pools *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	map_done(&p->accounts);
	map_done(&p->domains);
	arena_done(&p->arena);
	free(p);
}

uint64_t
pools_id(const struct pools *p)
{
	return p->id;
}

static int
check_name(const char *what, const char *name, struct error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t n = strlen(name);

	if (n == 0)
		return error_set(err, "%s needs a name", what);
	if (strspn(name, letters) != n || n >= POOL_NAME || *name == '-')
		return error_set(err,
		    "\"%s\" is no name of %s (a-z, 0-9, \"-\"; at most %d)",
		    name, what, POOL_NAME - 1);
	return 0;
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_dup(a, s);

	for (size_t i = 0; i < s.n; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	}
	return str_make(p, s.n);
}

static int
put_owned(struct pools *p, struct map *m, const struct setting_list *list,
    size_t pool, struct error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		struct owned *o = arena_alloc(&p->arena, sizeof(*o));

		*o = (struct owned){
		    lower(&p->arena, str_from(list->v[i])), pool};
		if (o->key.n == 0 || str_find_char(o->key, '*') >= 0)
			return error_set(err,
			    "\"%s\": a pool names its accounts and domains in "
			    "full",
			    list->v[i]);
		const struct owned *other = map_find(m, o->key);

		if (other && other->pool != pool)
			return error_set(err, "%s is in pool %s already",
			    list->v[i], p->names[other->pool]);
		if (!other)
			map_put(m, o->key, o);
	}
	return 0;
}

int
pools_add(struct pools *p, const struct pool_spec *spec, struct error *err)
{
	if (check_name("a pool", spec->name, err) < 0)
		return -1;
	size_t pool = pools_find(p, str_from(spec->name));

	if (pool == SIZE_MAX && p->n == POOLS_MAX)
		return error_set(err, "more than %d pools", POOLS_MAX);
	if (pool == SIZE_MAX) {
		pool = p->n++;
		p->names[pool] = arena_dup(&p->arena, str_from(spec->name));
	}
	if (put_owned(p, &p->accounts, &spec->accounts, pool, err) < 0)
		return -1;
	return put_owned(p, &p->domains, &spec->domains, pool, err);
}

static int
put_address(const char *name, const char *text, bool is_v4, struct ip *out,
    struct error *err)
{
	if (*text == '\0')
		return 0;
	if (!ip_parse(str_from(text), out) || ip_is_v4(out) != is_v4)
		return error_set(err, "%s: \"%s\" is no address", name, text);
	return 0;
}

static int
put_addresses(
    struct pool_ip *ip, const struct pool_ip_spec *spec, struct error *err)
{
	if (put_address("ipv4", spec->ipv4, true, &ip->v4, err) < 0 ||
	    put_address("ipv6", spec->ipv6, false, &ip->v6, err) < 0)
		return -1;
	ip->bind_v4 = ip->v4;
	ip->bind_v6 = ip->v6;
	if (put_address("bind_ipv4", spec->bind_ipv4, true, &ip->bind_v4, err) <
		0 ||
	    put_address(
		"bind_ipv6", spec->bind_ipv6, false, &ip->bind_v6, err) < 0)
		return -1;
	if (ip_is_none(&ip->v4) && ip_is_none(&ip->v6))
		return error_set(
		    err, "%s has neither ipv4 nor ipv6", spec->name);
	if (ip_is_none(&ip->v4) != ip_is_none(&ip->bind_v4) ||
	    ip_is_none(&ip->v6) != ip_is_none(&ip->bind_v6))
		return error_set(err,
		    "%s: an address to bind to, and none that the world sees",
		    spec->name);
	return 0;
}

static int
check_new_ip(const struct pools *p, const struct pool_ip *ip, struct error *err)
{
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		if (strcmp(ip->name, taken[i]) == 0)
			return error_set(err,
			    "\"%s\" is another service of master.cf", ip->name);
	}
	for (size_t i = 0; i < p->n_ips; i++) {
		const struct pool_ip *o = &p->ips[i];

		if (strcmp(o->name, ip->name) == 0)
			return error_set(
			    err, "two own IPs named \"%s\"", ip->name);
		if ((!ip_is_none(&ip->v4) && ip_is(&ip->v4, &o->v4)) ||
		    (!ip_is_none(&ip->v6) && ip_is(&ip->v6, &o->v6)))
			return error_set(
			    err, "%s has the address of %s", ip->name, o->name);
	}
	return 0;
}

static int
put_pools(const struct pools *p, struct pool_ip *ip,
    const struct setting_list *names, struct error *err)
{
	for (size_t i = 0; i < names->n; i++) {
		size_t pool = pools_find(p, str_from(names->v[i]));

		if (pool == SIZE_MAX)
			return error_set(err, "%s: there is no pool \"%s\"",
			    ip->name, names->v[i]);
		ip->pools |= (uint64_t)1 << pool;
	}
	if (ip->pools == 0)
		return error_set(err, "%s is in no pool", ip->name);
	return 0;
}

static int
check_helo(const char *helo, struct error *err)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	if (strspn(helo, letters) != strlen(helo) || strlen(helo) > 255)
		return error_set(err, "helo: \"%s\" is no host's name", helo);
	return 0;
}

int
pools_add_ip(
    struct pools *p, const struct pool_ip_spec *spec, struct error *err)
{
	struct pool_ip ip = {.weight = (int)spec->weight};

	if (check_name("an own IP", spec->name, err) < 0 ||
	    check_helo(spec->helo, err) < 0)
		return -1;
	ip.name = arena_dup(&p->arena, str_from(spec->name));
	ip.helo = arena_dup(&p->arena, str_from(spec->helo));
	ip.host = arena_dup(&p->arena, str_from(spec->host));
	if (put_addresses(&ip, spec, err) < 0 ||
	    put_pools(p, &ip, &spec->pools, err) < 0 ||
	    check_new_ip(p, &ip, err) < 0)
		return -1;
	if (p->n_ips == POOL_IPS_MAX)
		return error_set(err, "more than %d own IPs", POOL_IPS_MAX);
	p->ips[p->n_ips++] = ip;
	return 0;
}

size_t
pools_ip_count(const struct pools *p)
{
	return p->n_ips;
}

const struct pool_ip *
pools_ip_at(const struct pools *p, size_t i)
{
	return i < p->n_ips ? &p->ips[i] : NULL;
}

size_t
pools_ip_index(const struct pools *p, const struct pool_ip *ip)
{
	return (size_t)(ip - p->ips);
}

const struct pool_ip *
pools_ip_find(const struct pools *p, struct str what)
{
	struct ip address;
	bool is_address = ip_parse(what, &address) && !ip_is_none(&address);

	for (size_t i = 0; i < p->n_ips; i++) {
		const struct pool_ip *ip = &p->ips[i];

		if (is_address
			? ip_is(&ip->v4, &address) || ip_is(&ip->v6, &address)
			: str_is(str_from(ip->name), what))
			return ip;
	}
	return NULL;
}

const struct pool_ip *
pools_ip_of_tag(const struct pools *p, struct str tag)
{
	ptrdiff_t last = str_find_last(tag, STR("/"));
	struct str instance;

	if (p->n_ips == 0 || last < 0)
		return NULL;
	tag = str_head(tag, (size_t)last);
	if (!str_cut(&tag, '/', &instance))
		return NULL;
	for (size_t i = 0; i < p->n_ips; i++) {
		if (str_is(str_from(p->ips[i].name), tag))
			return &p->ips[i];
	}
	return NULL;
}

bool
pool_ip_is_of(const struct pool_ip *ip, struct str host)
{
	return *ip->host == '\0' || str_is_nocase(str_from(ip->host), host);
}

void
pool_ip_print(const struct pool_ip *ip, struct text *out)
{
	ip_format(out, ip_is_none(&ip->v4) ? &ip->v6 : &ip->v4);
}

size_t
pools_count(const struct pools *p)
{
	return p->n;
}

const char *
pools_name(const struct pools *p, size_t pool)
{
	return p->names[pool];
}

size_t
pools_find(const struct pools *p, struct str name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (str_is(str_from(p->names[i]), name))
			return i;
	}
	return SIZE_MAX;
}

static size_t
find_owned(const struct map *m, struct str key)
{
	const struct owned *o = m->n ? map_find(m, key) : NULL;

	return o ? o->pool : SIZE_MAX;
}

size_t
pools_of_account(const struct pools *p, struct str account)
{
	return find_owned(&p->accounts, account);
}

size_t
pools_of_domain(const struct pools *p, struct str domain)
{
	return find_owned(&p->domains, domain);
}

static void
each_owned(const struct map *m, pools_each_fn *each, void *ctx)
{
	const struct owned *o;

	for (size_t i = 0; (o = map_next(m, &i));)
		each(ctx, o->key, o->pool);
}

void
pools_each_account(const struct pools *p, pools_each_fn *each, void *ctx)
{
	each_owned(&p->accounts, each, ctx);
}

void
pools_each_domain(const struct pools *p, pools_each_fn *each, void *ctx)
{
	each_owned(&p->domains, each, ctx);
}
