/* msgids - the index of Message-IDs and queue ids: whose message a bare one is
 *
 * For reports of which nothing else is left. In Redis, for some weeks, as few
 * bytes as can be: a string per day and bucket, to which each message appends
 * MSGIDS_ENTRY bytes: a part of its Message-ID's keyed hash, and the account's.
 * Nothing is ever rewritten, so nodes need no agreement; an entry that stands
 * twice (a log that is read again) does no harm. The accounts' names are in
 * hashes that some share, told once a day; each MSGIDS_ERA days have their own,
 * so that who sends no more is forgotten in time. A name that Redis answers is
 * believed only if its hash is the one that was asked for.
 *
 * The bucket is 12 bits and the tag 48: among ten million messages a
 * Message-ID that was never sent is taken for another's once in 10^11 times.
 *
 * A queue id is in an index of the same form, under the hour of its message,
 * since Postfix uses the same again; the last byte of its tag is of the host. A
 * host may write another name into Received than syslog has: then the account
 * is told if all messages that have this queue id in this hour are the same
 * account's, with the host's byte if all that have it are.
 *
 * What is counted is the memory of a string that grows by appending: Redis
 * gives it up to twice its length. Measured by tests/bench/msgids_main.c. Pure.
 */
#ifndef FBL_MSGIDS_H
#define FBL_MSGIDS_H

#include "base/crypto.h"

enum {
	MSGIDS_BUCKETS = 4096, /* of a day */
	MSGIDS_TAG = 6,
	MSGIDS_ACCOUNT = 6,
	MSGIDS_ENTRY = MSGIDS_TAG + MSGIDS_ACCOUNT,
	MSGIDS_KEY = 48, /* room for a key's text */
	MSGIDS_DAY = 86400,
	MSGIDS_ERA = 32,  /* days */
	MSGIDS_HOURS = 2, /* to look at for one queue id */
};

struct msgids {
	struct crypto_key message, account, queue;
};

/* Keys of its own from the installation's secret. */
void msgids_init(struct msgids *m, const struct crypto_key *secret);

struct msgids_place {
	unsigned bucket;
	uint8_t tag[MSGIDS_TAG];
	bool is_queue;
};

/* Of a Message-ID with or without <>, blanks at its ends; false: an empty one,
 * which is nobody's. */
bool msgids_place(
    const struct msgids *m, struct str message_id, struct msgids_place *out);

/* Of a queue id in the hour of `at`. host: as syslog has it, or Received: what
 * stands before the first dot counts. false: there is none. */
bool msgids_place_queue(const struct msgids *m, struct str host,
    struct str queue_id, int64_t at, struct msgids_place *out);
/* The i-th time whose hour is to be looked at, when Received says `at`: the log
 * tells of a message when it is complete. false: no more. */
bool msgids_hour(int64_t at, size_t i, int64_t *hour);

/* The account's number. */
void msgids_account(
    const struct msgids *m, struct str account, uint8_t out[MSGIDS_ACCOUNT]);

/* What is appended. */
void msgids_entry(const struct msgids_place *place,
    const uint8_t account[MSGIDS_ACCOUNT], uint8_t out[MSGIDS_ENTRY]);

/* The latest of the block's entries with this tag: whose it is; of a queue id
 * see above. A last entry that was cut is not looked at. */
bool msgids_find(struct str block, const struct msgids_place *place,
    uint8_t account[MSGIDS_ACCOUNT]);

/* Appends what stands behind the prefix of the key: DAY:BUCKET; of the hash
 * that has the account's name, if it was told on this day, under its number;
 * and the account's number in hex. day: days since 1970. */
void msgids_key(struct text *t, int64_t day, unsigned bucket);
void msgids_names_key(
    struct text *t, int64_t day, const uint8_t account[MSGIDS_ACCOUNT]);
void msgids_account_key(struct text *t, const uint8_t account[MSGIDS_ACCOUNT]);

/* The i-th day to look at for a message of about this time (TIME_NEVER: not
 * told), of `days` until now: the nearest first. false: no more. */
bool msgids_day(int64_t at, int64_t now, int64_t days, size_t i, int64_t *day);

#endif
