/* domain_site - what a domain's health is judged by: settings, learned names
 *
 * Reads the signer's own keys from their files (dkim_key_file).
 */
#ifndef DOMAINS_DOMAIN_SITE_H
#define DOMAINS_DOMAIN_SITE_H

#include "domains/health.h"
#include "domains/settings.h"

enum { DOMAIN_SITE_MAX = 200 };

struct domain_site {
	struct arena arena;
	struct health_site site;
	struct health_address addresses[DOMAIN_SITE_MAX];
	struct health_selector selectors[DOMAIN_SITE_MAX];
};

/* With no address and no selector. The settings' texts are copied. */
struct domain_site *domain_site_new(const struct domains_settings *set);
void domain_site_free(struct domain_site **s);
/* ADDRESS or ADDRESS=HELO; a selector, once: of domain, whose key is looked
 * for in the signer's files. -1: no such thing, or too many. */
int domain_site_add_address(
    struct domain_site *s, struct str entry, struct error *err);
int domain_site_add_selector(struct domain_site *s, struct str name,
    const char *key_file, const char *domain, struct error *err);
/* All of the settings'. */
int domain_site_add_addresses(struct domain_site *s,
    const struct domains_settings *set, struct error *err);
int domain_site_add_selectors(struct domain_site *s,
    const struct domains_settings *set, const char *domain, struct error *err);

#endif
