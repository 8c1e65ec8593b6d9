/* domain_options - by what a domain is judged, as the command line says */
#ifndef CLI_DOMAIN_OPTIONS_H
#define CLI_DOMAIN_OPTIONS_H

#include "cli/client.h"
#include "domains/domain_site.h"

/* The options --ip and --selector in place of the settings; the domain's own
 * keys from their files. NULL: what is wrong. */
struct domain_site *domain_options_site(const struct client_line *l,
    const struct domains_settings *set, const char *domain, struct error *err);

#endif
