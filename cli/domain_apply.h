/* domain_apply - `outpost domain fix NAME --apply` and `--undo` */
#ifndef CLI_DOMAIN_APPLY_H
#define CLI_DOMAIN_APPLY_H

#include "cli/domain.h"
#include "domains/domain_site.h"

/* The domain is dns_name's. */
enum exit_status domain_apply(const struct client_line *l,
    const struct settings *s, const char *domain,
    const struct domain_site *site);
enum exit_status domain_undo(
    const struct client_line *l, const struct settings *s, const char *domain);

#endif
