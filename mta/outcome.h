/* outcome - why a receiver refused a recipient for good */
#ifndef MTA_OUTCOME_H
#define MTA_OUTCOME_H

#include "base/str.h"

enum outcome {
	OUTCOME_OTHER,	      /* mailbox full, too large, our own trouble ... */
	OUTCOME_UNKNOWN_USER, /* no such user or domain: a bad list */
	OUTCOME_REFUSED,      /* spam, policy or reputation */
};

/* Of a bounced (or soft-bounced) delivery: dsn is Postfix's dsn= ("5.1.1", may
 * be empty), text what stands between the brackets. The words of the reply
 * count more than its number where the two are known to differ. */
enum outcome outcome_of_bounce(struct str dsn, struct str text);

#endif
