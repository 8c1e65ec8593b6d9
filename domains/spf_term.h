/* spf_term - the words of an SPF record (RFC 7208, sections 4.6.1, 5, 6, 12) */
#ifndef DOMAINS_SPF_TERM_H
#define DOMAINS_SPF_TERM_H

#include "base/ip.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_EXP,
	SPF_OTHER, /* a modifier that isn't known: ignored */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;	 /* + - ~ ?; of mechanisms */
	struct str text; /* the whole word */
	struct str spec; /* domain-spec; empty: none */
	uint8_t cidr4, cidr6;
	struct ip_net net; /* ip4, ip6 */
};

/* Does a TXT record call itself SPF: "v=spf1", then a blank or the end? */
bool spf_is_record(struct str txt);

/* The next word of what follows v=spf1. 0: there is none; 1; -1: it is wrong,
 * out->text is the word and *why says what is wrong with it (a literal). */
int spf_term_next(struct str *rest, struct spf_term *out, const char **why);

/* What stands behind "v=spf1". */
struct str spf_terms(struct str record);

#endif
