/* outcomes - what a reply says of the account that sent the message */
#ifndef DAEMON_OUTCOMES_H
#define DAEMON_OUTCOMES_H

#include "config/settings.h"
#include "mta/outcome.h"

/* By the rules of providers.conf; see outcome_fn. What is about this host (its
 * address, its DNS, its connections), a domain's SPF or one receiver's own
 * rules says nothing of the account: the reply isn't a refusal of its mail. */
enum outcome outcome_of_reply(
    const struct settings *s, struct str host, struct str dsn, struct str text);
/* The same of one that was read. */
struct reply;
enum outcome outcome_of_read(const struct reply *r);

#endif
