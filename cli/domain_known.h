/* domain_known - what outpostd knows of a domain, for who asks the DNS himself
 */
#ifndef CLI_DOMAIN_KNOWN_H
#define CLI_DOMAIN_KNOWN_H

#include "cli/client.h"
#include "domains/domain_site.h"

struct settings;

/* Selectors that were learned, and what became of signatures. Nothing is said
 * when outpostd doesn't answer. */
void domain_known(const struct client_line *l, const struct settings *s,
    const char *domain, struct domain_site *site);

/* `domain test NAME --send ADDRESS`: EXIT_OK when it came back and the
 * signature held. */
enum exit_status domain_known_test(
    const struct client_line *l, const struct settings *s, const char *domain);

#endif
