/* domain - `outpost domain check NAME`: asks the DNS itself, needs no daemon */
#ifndef CLI_DOMAIN_H
#define CLI_DOMAIN_H

#include "cli/client.h"

struct settings;

/* EXIT_OK: nothing is red; EXIT_WARNED: something is red or amber, or could
 * not be told. */
enum exit_status domain_run(
    const struct client_line *l, const struct settings *s);

/* cli/domains.c: `outpost domains`, a line for each of many, worst first; the
 * same status. */
enum exit_status domains_run(
    const struct client_line *l, const struct settings *s);

#endif
