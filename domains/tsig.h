/* tsig - DNS messages signed with a shared key (RFC 8945)
 *
 * Pure. The key's bytes stand nowhere else than in struct tsig_key.
 */
#ifndef DOMAINS_TSIG_H
#define DOMAINS_TSIG_H

#include "base/dns_answer.h"
#include "base/error.h"

enum { TSIG_SECRET = 256, TSIG_MAC = 64, TSIG_FUDGE = 300 };

struct tsig_key {
	char name[DNS_NAME];   /* dns_name's */
	const char *algorithm; /* "hmac-sha256": a literal */
	uint8_t secret[TSIG_SECRET];
	size_t n;
};

struct tsig_mac {
	uint8_t b[TSIG_MAC];
	size_t n;
};

/* hmac-sha1, -sha224, -sha256, -sha384, -sha512; NULL: none of them. */
const char *tsig_algorithm(struct str name);

/* A key's file: as tsig-keygen writes it (key "name" { algorithm ...; secret
 * "..."; };), or the secret alone in base64. name and algorithm are what the
 * settings say, empty: nothing; what both say must be the same. The error never
 * has a byte of the file. */
int tsig_read_key(struct str file, struct str name, struct str algorithm,
    struct tsig_key *out, struct error *err);

/* Appends the signature to a whole message; request: NULL, or the mac of what
 * it answers. */
void tsig_sign(struct text *message, const struct tsig_key *key, int64_t now,
    const struct tsig_mac *request, struct tsig_mac *mac);

/* Is the packet the answer of one who has the key, to what was signed with this
 * mac? -1 with what isn't right, and what to do about it. The packet's views
 * stay as they are; the signature is its last record. */
int tsig_verify(struct str packet, const struct tsig_key *key,
    const struct tsig_mac *request, int64_t now, struct error *err);

#endif
