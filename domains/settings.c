/* settings - what domains/ can be told */
#include "domains/settings.h"

#include "base/dns_answer.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT domains_settings

static const struct setting settings[] = {
#include "domains/settings.def"
};

const struct setting_table domains_settings_table = {
    "domains", settings, sizeof(settings) / sizeof(settings[0])};

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
