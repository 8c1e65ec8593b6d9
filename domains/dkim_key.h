/* dkim_key - a DKIM key's record (RFC 6376, 8301, 8463) */
#ifndef DOMAINS_DKIM_KEY_H
#define DOMAINS_DKIM_KEY_H

#include "base/str.h"

enum dkim_kind { DKIM_RSA, DKIM_ED25519, DKIM_OTHER };

enum { DKIM_KEY_BYTES = 2100, DKIM_BITS_MIN = 1024, DKIM_BITS_GOOD = 2048 };

struct dkim_key {
	enum dkim_kind kind;
	unsigned bits;		     /* of RSA's modulus; 256 of Ed25519 */
	bool is_revoked;	     /* p= is empty */
	bool is_testing;	     /* t=y */
	bool is_strict;		     /* t=s: no i= of a sub-domain */
	bool is_without_sha256;	     /* h= leaves it out */
	bool is_not_for_mail;	     /* s= leaves it out */
	uint8_t key[DKIM_KEY_BYTES]; /* p=, decoded */
	size_t key_n;
};

/* Does a TXT record look like one: v=DKIM1 first, or a p=? */
bool dkim_key_is_record(struct str txt);
/* NULL, or what is wrong with it: a literal. */
const char *dkim_key_read(struct str txt, struct dkim_key *out);

#endif
