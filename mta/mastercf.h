/* mastercf - which services a Postfix has: its master.cf, and what it logs
 * where one is missing
 *
 * Mail for a transport that master.cf doesn't have waits, and goes back to its
 * senders after days: nothing may name one that isn't seen. What was tried on
 * Postfix 3.7.11:
 *
 *   - qmgr says so once a transport can't be reached, "warning: connect to
 *     transport private/NAME: No such file or directory"; its mail is put off
 *     ("mail transport unavailable") and is looked up anew at the next try.
 *   - after master.cf was changed the old services go on until master says
 *     "reload -- version" or "daemon started -- version".
 *
 * Pure.
 */
#ifndef MTA_MASTERCF_H
#define MTA_MASTERCF_H

#include "base/str.h"

/* Does master.cf (master(5)) have this unix service? Not one that is commented
 * out. */
bool mastercf_has(struct str text, struct str service);

/* A line of qmgr: which transport can't be reached. */
bool mastercf_is_missing(
    struct str program, struct str text, struct str *transport);
/* A line of master: it has read master.cf. */
bool mastercf_is_read(struct str program, struct str text);

#endif
