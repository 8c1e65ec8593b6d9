/* dkim_verify - does a message's DKIM signature hold? (RFC 6376, 8301, 8463)
 *
 * Pure: the message is bytes with CRLF at the end of each line
 * (dkim_message_read makes it so), the key is that of the DNS.
 */
#ifndef DOMAINS_DKIM_VERIFY_H
#define DOMAINS_DKIM_VERIFY_H

#include "base/arena.h"
#include "base/dns_answer.h"
#include "domains/dkim_key.h"

enum { DKIM_FIELDS = 500, DKIM_SIGNATURES = 20, DKIM_MESSAGE = 64 << 20 };

struct dkim_message {
	/* Each with its name, its folded lines and the last CRLF. */
	struct str fields[DKIM_FIELDS];
	size_t n_fields;
	struct str body;
	char from[DNS_NAME]; /* the domain in From; empty: it can't be told */
};

struct dkim_signature {
	struct str field; /* the whole one */
	enum dkim_kind kind;
	bool is_relaxed_header, is_relaxed_body;
	struct str headers, hash, signature; /* h=, bh=, b= as written */
	char domain[DNS_NAME], selector[DNS_NAME];
	int64_t length;	 /* l=; -1: not said */
	const char *why; /* NULL, or what is wrong with it: a literal */
};

/* Views into text, which lives as long. false: it has too many fields. */
bool dkim_message_read(
    struct arena *a, struct str text, struct dkim_message *out);
/* Those that there are, up to DKIM_SIGNATURES. */
size_t dkim_signatures(
    const struct dkim_message *m, struct dkim_signature out[DKIM_SIGNATURES]);
/* NULL: it holds; else why not, a literal. */
const char *dkim_verify(const struct dkim_message *m,
    const struct dkim_signature *s, const struct dkim_key *key);

#endif
