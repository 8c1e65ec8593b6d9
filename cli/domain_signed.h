/* domain_signed - `outpost domain test NAME [FILE]`: is what left really
 * signed?
 */
#ifndef CLI_DOMAIN_SIGNED_H
#define CLI_DOMAIN_SIGNED_H

#include "cli/client.h"

struct settings;

/* A message that left in the domain's name and came back (a mail to oneself):
 * each signature is verified with the key in the DNS. EXIT_OK: one of the
 * domain's own holds. */
enum exit_status domain_signed(
    const struct client_line *l, const struct settings *s, const char *domain);

#endif
