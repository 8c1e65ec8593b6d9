/* domain_dmarc - `outpost domain dmarc NAME`: an assistant for its record */
#ifndef CLI_DOMAIN_DMARC_H
#define CLI_DOMAIN_DMARC_H

#include "cli/client.h"

struct settings;

/* Simple: three questions, asked on a terminal unless the options answer them.
 * Expert (--record): any record, checked. Nothing is changed. */
enum exit_status domain_dmarc(
    const struct client_line *l, const struct settings *s, const char *domain);

#endif
