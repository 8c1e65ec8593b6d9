/* receivers - which provider takes the mail of a recipient domain */
#include <stdlib.h>

#include "reputation/receivers_parts.h"

enum { TEXTS_MAX = 256 << 20 };

struct receivers *
receivers_new(size_t max)
{
	struct receivers *r = xalloc(1, sizeof(*r));

	r->max = max;
	map_init(&r->map);
	text_grow(&r->changes, TEXTS_MAX);
	text_grow(&r->unfolded, TEXTS_MAX);
	return r;
}

static void
unlink_one(struct receivers *r, struct receiver *d)
{
	*(d->older ? &d->older->newer : &r->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &r->newest) = d->older;
}

static void
link_newest(struct receivers *r, struct receiver *d)
{
	d->newer = NULL;
	d->older = r->newest;
	*(r->newest ? &r->newest->newer : &r->oldest) = d;
	r->newest = d;
}

static void
forget(struct receivers *r, struct receiver *d)
{
	map_remove(&r->map, str_make(d->domain, d->n));
	unlink_one(r, d);
	free(d);
}

void
receivers_free(struct receivers **rp)
{
	struct receivers *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	while (r->oldest)
		forget(r, r->oldest);
	map_done(&r->map);
	text_done(&r->changes);
	text_done(&r->unfolded);
	free(r);
}

static void
make_room(struct receivers *r, size_t most)
{
	while (r->map.n > most && r->oldest) {
		receivers_changed(
		    r, str_make(r->oldest->domain, r->oldest->n), STR(""));
		forget(r, r->oldest);
	}
}

void
receivers_set_max(struct receivers *r, size_t max)
{
	r->max = max;
	make_room(r, max);
}

static struct receiver *
add(struct receivers *r, struct str domain)
{
	struct receiver *d = xalloc(1, sizeof(*d) + domain.n);

	d->n = domain.n;
	memcpy(d->domain, domain.p, domain.n);
	map_put(&r->map, str_make(d->domain, d->n), d);
	link_newest(r, d);
	return d;
}

void
receivers_put(struct receivers *r, struct str domain, struct str provider)
{
	struct receiver *d = map_find(&r->map, domain);
	struct text t;

	if (provider.n == 0) {
		if (d)
			forget(r, d);
		return;
	}
	if (!d)
		d = add(r, domain);
	text_init(&t, d->provider, sizeof(d->provider));
	text_str(&t, provider);
}

const char *
receivers_host_provider(
    struct receivers *r, const struct providers *p, struct str host)
{
	uint64_t hash = map_hash(host);
	size_t i = hash % RECEIVERS_HOSTS;

	if (r->providers != providers_id(p)) {
		memset(r->hosts, 0, sizeof(r->hosts));
		r->providers = providers_id(p);
	}
	if (r->hosts[i].hash != hash) {
		r->hosts[i].hash = hash;
		r->hosts[i].provider = providers_of_host(p, host);
	}
	return r->hosts[i].provider;
}

/* A name as DNS has it, in lower case; what else stands behind an "@" has no
 * MX. */
static bool
fold_domain(struct str s, char out[RECEIVERS_DOMAIN], struct str *domain)
{
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	if (s.n == 0 || s.n > RECEIVERS_DOMAIN)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || strchr("@[]:\"<>", c))
			return false;
		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	*domain = str_make(out, s.n);
	return true;
}

bool
receivers_knows(struct receivers *r, const struct providers *p,
    struct str domain, struct str host)
{
	const char *provider = receivers_host_provider(r, p, host);
	char lower[RECEIVERS_DOMAIN];

	if ((!provider && r->map.n == 0) ||
	    !fold_domain(domain, lower, &domain))
		return true;
	struct receiver *d = map_find(&r->map, domain);

	if (!d || !provider)
		return !d && !provider;
	if (d != r->newest) {
		unlink_one(r, d);
		link_newest(r, d);
	}
	return strcmp(d->provider, provider) == 0;
}

bool
receivers_note(struct receivers *r, const struct providers *p,
    struct str domain, struct str host)
{
	const char *provider = receivers_host_provider(r, p, host);
	char lower[RECEIVERS_DOMAIN];

	if (receivers_knows(r, p, domain, host) ||
	    !fold_domain(domain, lower, &domain))
		return false;
	receivers_put(r, domain, str_from(provider));
	receivers_changed(r, domain, str_from(provider));
	make_room(r, r->max);
	return true;
}

const char *
receivers_provider(const struct receivers *r, struct str domain)
{
	char lower[RECEIVERS_DOMAIN];
	const struct receiver *d = fold_domain(domain, lower, &domain)
				       ? map_find(&r->map, domain)
				       : NULL;

	return d ? d->provider : NULL;
}

void
receivers_each(const struct receivers *r, struct str provider,
    providers_domain_fn *each, void *ctx)
{
	for (const struct receiver *d = r->newest; d; d = d->older) {
		if (str_is(str_from(d->provider), provider))
			each(ctx, str_make(d->domain, d->n));
	}
}

bool
receivers_walk(const struct receivers *r, struct receivers_walk *w, size_t max,
    receivers_fn *each, void *ctx)
{
	const struct receiver *d;

	/* A map that grew has others in other places. */
	if (w->cap != r->map.cap)
		*w = (struct receivers_walk){.cap = r->map.cap};
	for (; max > 0; max--) {
		d = map_next(&r->map, &w->i);
		if (!d)
			return false;
		each(ctx, str_make(d->domain, d->n), d->provider);
	}
	return true;
}

size_t
receivers_count(const struct receivers *r)
{
	return r->map.n;
}
