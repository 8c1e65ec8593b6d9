/* domain_options - by what a domain is judged, as the command line says */
#include "cli/domain_options.h"

/* The next of an option's values; they are joined by commas. */
static bool
next_value(struct str *rest, struct str *value)
{
	if (rest->n == 0)
		return false;
	if (!str_cut(rest, ',', value)) {
		*value = *rest;
		rest->n = 0;
	}
	*value = str_trim(*value);
	return true;
}

static int
fill(struct domain_site *s, const struct client_line *l,
    const struct domains_settings *set, const char *domain, struct error *err)
{
	struct str ips = str_from(client_option(l, "ip")), one;
	struct str names = str_from(client_option(l, "selector"));

	if (ips.n == 0 && domain_site_add_addresses(s, set, err) < 0)
		return -1;
	if (names.n == 0 && domain_site_add_selectors(s, set, domain, err) < 0)
		return -1;
	while (next_value(&ips, &one)) {
		if (domain_site_add_address(s, one, err) < 0)
			return -1;
	}
	while (next_value(&names, &one)) {
		if (domain_site_add_selector(
			s, one, set->dkim_key_file, domain, err) < 0)
			return -1;
	}
	return 0;
}

struct domain_site *
domain_options_site(const struct client_line *l,
    const struct domains_settings *set, const char *domain, struct error *err)
{
	struct domain_site *s = domain_site_new(set);

	if (fill(s, l, set, domain, err) < 0)
		domain_site_free(&s);
	return s;
}
