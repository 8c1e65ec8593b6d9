/* keys - every key that Outpost has in Redis
 *
 * The ledger owns them all; base/redis.c knows none.
 */
#ifndef LEDGER_KEYS_H
#define LEDGER_KEYS_H

#define KEYS_PREFIX "outpost:"
/* hash: a node's pages of some subjects; fields as board_page.h says. */
#define KEYS_PAGES KEYS_PREFIX "b:" /* + bucket in hex + ":" + node */
/* hash: the same as nodes of format 3 kept it, which still are read: of one
 * subject, a field per node (record), and NODE:s (its sketches). */
#define KEYS_COUNTS KEYS_PREFIX "c:" /* + kind's letter + ":" + key */
/* stream: all events; member "e" is the event's JSON. */
#define KEYS_EVENTS KEYS_PREFIX "events"
/* string with an expiry: a node has put back what holds. */
#define KEYS_RENEWED KEYS_PREFIX "renewed"
/* string, random: written once (SET NX); another value means another Redis. */
#define KEYS_EPOCH KEYS_PREFIX "epoch"
/* string with an expiry: a node lives; its value is the process's token. */
#define KEYS_NODE KEYS_PREFIX "node:" /* + node */
/* hash: a field per node, what it says of itself (nodes.h); ID:copy of a
 * process that found its id taken. */
#define KEYS_NODES KEYS_PREFIX "nodes"
/* strings with an expiry: somebody sends this cause to a target just now; it
 * was sent. */
#define KEYS_LEASE KEYS_PREFIX "lease:" /* + target + ":" + cause */
#define KEYS_SENT KEYS_PREFIX "sent:"	/* + target + ":" + cause */
/* string with an expiry: the account of a reference that has only its hash. */
#define KEYS_REF KEYS_PREFIX "ref:" /* + the hash in hex */
/* string with an expiry: Message-IDs of a day, and whose they are; hash with an
 * expiry: the names of some such numbers, told in some days; as it was until
 * that, a string for each (fbl/msgids.h). */
#define KEYS_MSGIDS KEYS_PREFIX "m:"	      /* + DAY:BUCKET */
#define KEYS_QUEUE_IDS KEYS_PREFIX "q:"	      /* the same of queue ids */
#define KEYS_MSGIDS_NAMES KEYS_PREFIX "mn:"   /* + ERA:BUCKET */
#define KEYS_MSGIDS_ACCOUNT KEYS_PREFIX "ma:" /* + number in hex */
/* streams: what each node added to a list that all of them have (app_spread.h):
 * members k, t, v. */
#define KEYS_SUPPRESSED KEYS_PREFIX "suppressed"
#define KEYS_COMPLAINTS KEYS_PREFIX "complaints"
#define KEYS_PLANS KEYS_PREFIX "plans"
#define KEYS_DOMAINS KEYS_PREFIX "domains"
#define KEYS_SHARES KEYS_PREFIX "shares"
/* stream: DMARC reports that came to a node, member r (domains/dmarc_pack.h).
 */
#define KEYS_DMARC KEYS_PREFIX "dmarc"
/* string with an expiry: the node that counted this complaint, or this person's
 * about an account (fbl/complaint.h). */
#define KEYS_COUNTED KEYS_PREFIX "counted:" /* + key in hex */
/* hash: a field per node, how much it may send from own IPs to each provider,
 * and did (app_pools_share.c). */
#define KEYS_LANES KEYS_PREFIX "lanes"

#endif
