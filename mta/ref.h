/* ref - the reference header: whose message this is, for us alone
 *
 *   X-Outpost-Ref: <104 characters of base64url>
 *
 * The policy service prepends it; the next host's log and, much later, a
 * complaint bring it back. Sealed with AES-256-GCM under a key derived from
 * the installation's secret; all have the same length, so they tell nothing.
 *
 * 120 characters hold 78 bytes: 1 for the key's id, 12 of random nonce, 16 of
 * tag, 49 for the rest: account's length, time (5), node (4), account (39).
 * A longer account goes as its keyed hash, to be looked for in the books. A
 * shorter tag or a nonce made from the content (SIV) would give 12 bytes more
 * of account; nearly all logins fit as it is, and plain GCM is what every
 * libcrypto has. Random nonces are safe for 2^32 messages under one secret
 * (NIST SP 800-38D, 8.3), a thousand a second for 50 days; a bigger sender
 * rotates sooner: who finds two references with one nonce could forge others.
 */
#ifndef MTA_REF_H
#define MTA_REF_H

#include "base/crypto.h"

#define REF_NAME "X-Outpost-Ref"

enum {
	REF_SECRETS = 4,
	REF_ACCOUNT = 39, /* a longer one is hashed */
	REF_HASH = 16,
	REF_VALUE = 104,	     /* characters */
	REF_HEADER = 15 + REF_VALUE, /* with name, colon and blank */
};

struct ref_key {
	uint8_t id;
	struct crypto_key seal, hash;
};

/* Zeroed at first. */
struct ref_keys {
	struct ref_key v[REF_SECRETS];
	size_t n;
};

/* The first one added seals; all open. To rotate, the new secret is added
 * before the old ones. false: REF_SECRETS are there already. */
bool ref_keys_add(struct ref_keys *keys, const struct crypto_key *secret);

/* Print "X-Outpost-Ref: ...", without an end of line. keys has one. */
void ref_print(const struct ref_keys *keys, struct str account, int64_t at,
    uint32_t node, struct text *out);

struct ref {
	int64_t at;
	uint32_t node;
	bool is_hashed;
	size_t n; /* bytes of account */
	char account[REF_ACCOUNT];
	uint8_t hash[REF_HASH];
	size_t key; /* of keys, which opened it */
};

/* From what stands after the colon. false: forged, cut, foreign, or sealed
 * with a secret that was given up. */
bool ref_open(const struct ref_keys *keys, struct str value, struct ref *out);

/* Is it this account's? Also for a hashed one (only accounts longer than
 * REF_ACCOUNT can be). */
bool ref_is_of(
    const struct ref_keys *keys, const struct ref *ref, struct str account);

/* What stands in the references that are written now for an account longer
 * than REF_ACCOUNT. keys has one. */
void ref_hash(
    const struct ref_keys *keys, struct str account, uint8_t out[REF_HASH]);

/* The node of a reference: the first 8 of the 16 hex digits of a node's id; 0
 * when they are none. */
uint32_t ref_node(struct str node_id);

#endif
