/* outcome - why a receiver refused a recipient for good
 *
 * Whoever reads replies is asked by callback: their words count more than
 * their numbers, which are all that is known here.
 */
#ifndef MTA_OUTCOME_H
#define MTA_OUTCOME_H

#include "base/str.h"

enum outcome {
	OUTCOME_OTHER,	      /* mailbox full, too large, our own trouble ... */
	OUTCOME_UNKNOWN_USER, /* no such user or domain: a bad list */
	OUTCOME_REFUSED,      /* taken for spam, or the sender isn't wanted */
};

/* Of a bounced (or soft-bounced) delivery: host is who was asked (may be
 * empty), dsn Postfix's dsn= ("5.1.1", may be empty), text what stands between
 * the brackets. */
typedef void outcome_fn(void *ctx, struct str host, struct str dsn,
    struct str text, enum outcome *out);

/* By the enhanced status alone (RFC 3463): where nobody reads replies. */
enum outcome outcome_of_status(struct str dsn);

#endif
