/* settings_lists - the lists whose elements are only kept: webhooks, hooks,
 * mailboxes, owners, pools, own IPs, zones */
#include "base/dns.h"
#include "base/imap_wire.h"
#include "config/settings_entry.h"
#include "domains/domain_site.h"

int
settings_add_webhook(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct webhook_settings *all =
	    arena_alloc(&s->arena, (s->n_webhooks + 1) * sizeof(*all));
	struct webhook_settings *w = &all[s->n_webhooks];

	if (s->n_webhooks > 0)
		memcpy(all, s->webhooks, s->n_webhooks * sizeof(*all));
	if (settings_put_item(s, &webhook_settings_table, v, n, w, err) < 0)
		return -1;
	if (webhook_settings_check(w, err) < 0)
		return settings_place(v, err);
	if (s->n_webhooks == SETTINGS_WEBHOOKS) {
		error_set(err, "more than %d webhooks", SETTINGS_WEBHOOKS);
		return settings_place(v, err);
	}
	for (size_t i = 0; i < s->n_webhooks; i++) {
		if (strcmp(all[i].name, w->name) == 0) {
			error_set(err, "two webhooks named \"%s\"", w->name);
			return settings_place(v, err);
		}
	}
	s->webhooks = all;
	s->n_webhooks++;
	return 0;
}

int
settings_add_hook(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct hook_settings *all =
	    arena_alloc(&s->arena, (s->n_hooks + 1) * sizeof(*all));
	struct hook_settings *h = &all[s->n_hooks];

	if (s->n_hooks > 0)
		memcpy(all, s->hooks, s->n_hooks * sizeof(*all));
	if (settings_put_item(s, &hook_settings_table, v, n, h, err) < 0)
		return -1;
	if (hook_settings_check(h, err) < 0)
		return settings_place(v, err);
	if (s->n_hooks == SETTINGS_HOOKS) {
		error_set(err, "more than %d hooks", SETTINGS_HOOKS);
		return settings_place(v, err);
	}
	for (size_t i = 0; i < s->n_hooks; i++) {
		if (strcmp(all[i].name, h->name) == 0) {
			error_set(err, "two hooks named \"%s\"", h->name);
			return settings_place(v, err);
		}
	}
	s->hooks = all;
	s->n_hooks++;
	return 0;
}

int
settings_add_imap(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct fbl_imap_settings *all =
	    arena_alloc(&s->arena, (s->n_imap + 1) * sizeof(*all));
	struct fbl_imap_settings *m = &all[s->n_imap];

	if (s->n_imap > 0)
		memcpy(all, s->imap, s->n_imap * sizeof(*all));
	if (settings_put_item(s, &fbl_imap_table, v, n, m, err) < 0)
		return -1;
	if (fbl_imap_check(m, err) < 0)
		return settings_place(v, err);
	if (imap_wire_check(m->url, err) < 0) {
		error_prefix(err, "url");
		return settings_place(v, err);
	}
	if (s->n_imap == SETTINGS_IMAP) {
		error_set(err, "more than %d mailboxes", SETTINGS_IMAP);
		return settings_place(v, err);
	}
	s->imap = all;
	s->n_imap++;
	return 0;
}

int
settings_add_owner(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct notify_settings *to = &s->notify;
	struct owner_settings *all =
	    arena_alloc(&s->arena, (to->n_owners + 1) * sizeof(*all));
	struct owner_settings *o = &all[to->n_owners];

	if (to->n_owners > 0)
		memcpy(all, to->owners, to->n_owners * sizeof(*all));
	if (settings_put_item(s, &owner_settings_table, v, n, o, err) < 0)
		return -1;
	if (owner_settings_check(o, err) < 0)
		return settings_place(v, err);
	if (to->n_owners == SETTINGS_OWNERS) {
		error_set(err, "more than %d owners", SETTINGS_OWNERS);
		return settings_place(v, err);
	}
	to->owners = all;
	to->n_owners++;
	return 0;
}

int
settings_add_pool(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct pool_spec spec;

	if (settings_put_item(s, &pool_fields, v, n, &spec, err) < 0)
		return -1;
	if (pools_add(s->pools, &spec, err) < 0)
		return settings_place(v, err);
	return 0;
}

static bool
is_sending(const struct setting_list *l, const struct ip *ip)
{
	for (size_t i = 0; i < l->n; i++) {
		struct str helo;
		struct ip one;

		if (domains_address(str_from(l->v[i]), &one, &helo) &&
		    ip_is(&one, ip))
			return true;
	}
	return false;
}

/* Mail leaves from own IPs: they needn't be named twice. */
static void
add_sending(struct settings *s, const struct ip *ip, const char *helo)
{
	struct setting_list *l = &s->domains.sending_addresses;
	char entry[DNS_NAME + 64], folded[DNS_NAME];
	const char **v;
	struct text t;

	if (ip_is_none(ip) || l->n >= DOMAIN_SITE_MAX || is_sending(l, ip))
		return;
	v = arena_alloc(&s->arena, (l->n + 1) * sizeof(*v));
	for (size_t i = 0; i < l->n; i++)
		v[i] = l->v[i];
	text_init(&t, entry, sizeof(entry));
	ip_format(&t, ip);
	if (*helo && dns_name(str_from(helo), folded))
		text_printf(&t, "=%s", helo);
	v[l->n] = arena_dup(&s->arena, text_view(&t));
	*l = (struct setting_list){v, l->n + 1};
}

int
settings_add_own_ip(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct pool_ip_spec spec;

	if (settings_put_item(s, &pool_ip_fields, v, n, &spec, err) < 0)
		return -1;
	if (pools_add_ip(s->pools, &spec, err) < 0)
		return settings_place(v, err);
	const struct pool_ip *ip =
	    pools_ip_at(s->pools, pools_ip_count(s->pools) - 1);

	add_sending(s, &ip->v4, ip->helo);
	add_sending(s, &ip->v6, ip->helo);
	return 0;
}

/* There may be many: they grow by doubling. */
int
settings_add_zone(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	if (s->n_zones == s->cap_zones) {
		size_t cap = s->cap_zones ? 2 * s->cap_zones : 8;
		struct domains_zone_settings *all =
		    arena_alloc(&s->arena, cap * sizeof(*all));

		if (s->n_zones > 0)
			memcpy(all, s->zones, s->n_zones * sizeof(*all));
		s->zones = all;
		s->cap_zones = cap;
	}
	struct domains_zone_settings *z = &s->zones[s->n_zones];
	const struct setting_list servers = {&z->server, 1};

	if (settings_put_item(s, &domains_zone_table, v, n, z, err) < 0)
		return -1;
	if (domains_zone_check(z, err) < 0)
		return settings_place(v, err);
	if (dns_check(&servers, err) < 0) {
		error_set(err, "server: \"%s\" is no ADDRESS or ADDRESS:PORT",
		    z->server);
		return settings_place(v, err);
	}
	if (s->n_zones == SETTINGS_ZONES) {
		error_set(err, "more than %d zones", SETTINGS_ZONES);
		return settings_place(v, err);
	}
	s->n_zones++;
	return 0;
}
