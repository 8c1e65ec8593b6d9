/* settings - what domains/ can be told */
#include "domains/settings.h"

#include "base/dns_answer.h"
#include "domains/tsig.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT domains_settings

static const struct setting settings[] = {
#include "domains/settings.def"
};

const struct setting_table domains_settings_table = {
    "domains", settings, sizeof(settings) / sizeof(settings[0])};

#undef SETTING_STRUCT
#define SETTING_STRUCT domains_zone_settings
static const struct setting zone_fields[] = {
#include "domains/zone_fields.def"
};

const struct setting_table domains_zone_table = {
    "dns_zones", zone_fields, sizeof(zone_fields) / sizeof(zone_fields[0])};

enum { SELECTOR_MAX = 63 };

bool
domains_address(struct str entry, struct ip *ip, struct str *helo)
{
	char folded[DNS_NAME];
	struct str address = entry;

	*helo = str_make(entry.p + entry.n, 0);
	if (str_cut(&entry, '=', &address)) {
		*helo = entry;
		if (helo->n == 0 || !dns_name(*helo, folded))
			return false;
	}
	return ip_parse(address, ip);
}

/* Others could be asked for, but nobody's mail is from them; an umlaut must be
 * written as xn--. */
static bool
is_plain(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
	       strlen(name);
}

bool
domains_is_domain(struct str s, char out[DNS_NAME])
{
	return dns_name(s, out) && strchr(out, '.') && is_plain(out);
}

bool
domains_is_selector(struct str s)
{
	char folded[DNS_NAME];

	return s.n > 0 && s.n <= SELECTOR_MAX && dns_name(s, folded) &&
	       is_plain(folded);
}

static int
check_names(const struct domains_settings *s, struct error *err)
{
	char folded[DNS_NAME];
	struct str to = str_from(s->dmarc_reports_to);

	if (!dns_name(str_from(s->spf_include), folded))
		return error_set(err, "spf_include: \"%s\" is no domain name",
		    s->spf_include);
	for (size_t i = 0; i < s->sending_domains.n; i++) {
		const char *name = s->sending_domains.v[i];

		if (!domains_is_domain(str_from(name), folded))
			return error_set(err,
			    "sending_domains: \"%s\" is no full domain name",
			    name);
	}
	for (size_t i = 0; i < s->dkim_selectors.n; i++) {
		if (!domains_is_selector(str_from(s->dkim_selectors.v[i])))
			return error_set(err,
			    "dkim_selectors: \"%s\" is no selector",
			    s->dkim_selectors.v[i]);
	}
	if (to.n > 0 && (str_find_char(to, '@') <= 0 ||
			    strpbrk(s->dmarc_reports_to, " ,;!\"<>")))
		return error_set(err,
		    "dmarc_reports_to must be an address, not \"%s\"",
		    s->dmarc_reports_to);
	return 0;
}

int
domains_settings_check(const struct domains_settings *s, struct error *err)
{
	for (size_t i = 0; i < s->sending_addresses.n; i++) {
		const char *entry = s->sending_addresses.v[i];
		struct str helo;
		struct ip ip;

		if (!domains_address(str_from(entry), &ip, &helo))
			return error_set(err,
			    "sending_addresses: \"%s\" is no ADDRESS or "
			    "ADDRESS=NAME",
			    entry);
	}
	return check_names(s, err);
}

int
domains_zone_check(const struct domains_zone_settings *z, struct error *err)
{
	char folded[DNS_NAME];

	if (!*z->zone || !*z->server || !*z->key_file)
		return error_set(err,
		    "%s: a zone has zone, server and key_file",
		    !*z->zone	  ? "zone"
		    : !*z->server ? "server"
				  : "key_file");
	if (!dns_name(str_from(z->zone), folded) || !is_plain(folded) ||
	    !*folded)
		return error_set(
		    err, "zone: \"%s\" is no domain name", z->zone);
	if (*z->key && !dns_name(str_from(z->key), folded))
		return error_set(
		    err, "key: \"%s\" can't be a key's name", z->key);
	if (*z->algorithm && !tsig_algorithm(str_from(z->algorithm)))
		return error_set(err,
		    "algorithm must be hmac-sha256, hmac-sha384, hmac-sha512, "
		    "hmac-sha224 or hmac-sha1, not \"%s\"",
		    z->algorithm);
	return 0;
}

const struct domains_zone_settings *
domains_zone_of(
    const struct domains_zone_settings *v, size_t n, const char *domain)
{
	const struct domains_zone_settings *best = NULL;
	struct str name = str_from(domain);
	char folded[DNS_NAME];
	size_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		dns_name(str_from(v[i].zone), folded);
		struct str zone = str_from(folded);

		if (zone.n > longest && str_ends(name, zone) &&
		    (name.n == zone.n || name.p[name.n - zone.n - 1] == '.')) {
			best = &v[i];
			longest = zone.n;
		}
	}
	return best;
}
