/* chain_bounce - what kind of failure a final reply tells of */
#ifndef MTA_CHAIN_BOUNCE_H
#define MTA_CHAIN_BOUNCE_H

#include "ledger/fact.h"

/* UNKNOWN_USER (no such mailbox or domain), REFUSED (spam, policy,
 * reputation) or BOUNCED. By the enhanced status code (RFC 3463) where servers
 * use it right, else by the words they use; the reply is the remote server's,
 * so that is all it can decide. */
enum fact_kind chain_bounce_kind(struct str dsn, struct str text);

#endif
