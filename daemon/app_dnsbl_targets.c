/* app_dnsbl_targets - who may stand on lists: own_ips, what sending_addresses
 * has beside them, the names they say in HELO, and sending_domains
 */
#include <stdlib.h>

#include "base/map.h"
#include "daemon/app_dnsbl_parts.h"
#include "daemon/app_state.h"

enum { TARGETS_MAX = 5000 };

struct gathering {
	struct app_dnsbl *d;
	struct map known; /* by text */
};

static void
add(struct gathering *g, const struct app_dnsbl_target *t)
{
	struct app_dnsbl *d = g->d;
	struct app_dnsbl_target *one = &d->shown[d->n_targets];

	if (d->n_targets == TARGETS_MAX ||
	    map_find(&g->known, str_from(t->text)))
		return;
	*one = *t;
	d->targets[d->n_targets] = t->target;
	if (t->is_asked)
		d->asked[d->n_targets] = t->target;
	d->n_targets++;
	map_put(&g->known, str_from(one->text), one);
}

static void
add_ip(struct gathering *g, const struct ip *ip, const char *name,
    const char *helo, bool is_asked)
{
	struct app_dnsbl_target one = {
	    .name = name, .is_asked = is_asked, .target = {.ip = *ip}};
	char buf[64];
	struct text t;

	if (ip_is_none(ip))
		return;
	text_init(&t, buf, sizeof(buf));
	ip_format(&t, ip);
	one.text = arena_dup(&g->d->arena, text_view(&t));
	one.helo = *helo ? arena_dup(&g->d->arena, str_from(helo)) : NULL;
	add(g, &one);
}

static void
add_domain(struct gathering *g, const char *name)
{
	struct app_dnsbl_target one = {.is_asked = true};
	char folded[DNS_NAME];

	if (!domains_is_domain(str_from(name), folded))
		return;
	one.text = arena_dup(&g->d->arena, str_from(folded));
	one.target.domain = one.text;
	add(g, &one);
}

/* Each host asks about its own ones. */
static void
add_pools(struct gathering *g, const struct pools *p)
{
	char label[256];
	struct text t;

	text_init(&t, label, sizeof(label));
	app_label(g->d->app, &t);
	for (size_t i = 0; i < pools_ip_count(p); i++) {
		const struct pool_ip *ip = pools_ip_at(p, i);
		bool is_ours = pool_ip_is_of(ip, text_view(&t));
		const char *name = arena_dup(&g->d->arena, str_from(ip->name));

		add_ip(g, &ip->v4, name, ip->helo, is_ours);
		add_ip(g, &ip->v6, name, ip->helo, is_ours);
	}
}

static void
add_addresses(struct gathering *g, const struct setting_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		char buf[DNS_NAME];
		struct str helo;
		struct text t;
		struct ip ip;

		if (!domains_address(str_from(l->v[i]), &ip, &helo))
			continue;
		text_init(&t, buf, sizeof(buf));
		text_str(&t, helo);
		add_ip(g, &ip, NULL, buf, true);
	}
}

void
app_dnsbl_make_targets(struct app_dnsbl *d)
{
	const struct settings *s = d->app->settings;
	struct gathering g = {.d = d};

	d->targets = xalloc(TARGETS_MAX, sizeof(*d->targets));
	d->asked = xalloc(TARGETS_MAX, sizeof(*d->asked));
	d->shown = xalloc(TARGETS_MAX, sizeof(*d->shown));
	map_init(&g.known);
	add_pools(&g, s->pools);
	add_addresses(&g, &s->domains.sending_addresses);
	for (size_t i = 0, n = d->n_targets; i < n; i++) {
		if (d->shown[i].helo && d->shown[i].is_asked)
			add_domain(&g, d->shown[i].helo);
	}
	for (size_t i = 0; i < s->domains.sending_domains.n; i++)
		add_domain(&g, s->domains.sending_domains.v[i]);
	map_done(&g.known);
}

void
app_dnsbl_forget_targets(struct app_dnsbl *d)
{
	free(d->targets);
	free(d->asked);
	free(d->shown);
	d->targets = d->asked = NULL;
	d->shown = NULL;
	d->n_targets = 0;
	arena_done(&d->arena);
	arena_init(&d->arena);
}

size_t
app_dnsbl_targets(struct app_dnsbl *d, const struct app_dnsbl_target **out)
{
	app_dnsbl_make(d);
	*out = d->shown;
	return d->n_targets;
}

static bool
is_listed(const struct app_dnsbl *d, const struct ip *ip)
{
	const struct settings *s = d->app->settings;
	const struct dnsbl *one;
	struct listing known;
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	ip_format(&t, ip);
	for (size_t i = 0; (one = dnsbls_at(s->dnsbls, i)); i++) {
		if (!one->is_info &&
		    dnsbl_is_wanted(&s->reputation, s->dnsbls, one) &&
		    listings_find(&d->listings, buf, one->name, &known) &&
		    known.is_listed)
			return true;
	}
	return false;
}

bool
app_dnsbl_is_listed(struct app_dnsbl *d, const struct pool_ip *ip)
{
	return (!ip_is_none(&ip->v4) && is_listed(d, &ip->v4)) ||
	       (!ip_is_none(&ip->v6) && is_listed(d, &ip->v6));
}
