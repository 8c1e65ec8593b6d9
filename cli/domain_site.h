/* domain_site - what a domain's health is judged by: settings and options */
#ifndef CLI_DOMAIN_SITE_H
#define CLI_DOMAIN_SITE_H

#include "base/arena.h"
#include "cli/client.h"
#include "domains/health.h"
#include "domains/settings.h"

enum { DOMAIN_SITE_MAX = 200 };

struct domain_site {
	struct arena arena;
	struct health_site site;
	struct health_address addresses[DOMAIN_SITE_MAX];
	struct health_selector selectors[DOMAIN_SITE_MAX];
};

/* The options --ip and --selector in place of the settings; the domain's own
 * keys from their files. domain_site_done in any case. */
int domain_site_read(struct domain_site *s, const struct client_line *l,
    const struct domains_settings *set, const char *domain, struct error *err);
void domain_site_done(struct domain_site *s);

#endif
