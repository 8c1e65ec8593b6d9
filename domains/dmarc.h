/* dmarc - DMARC records and where they are found (RFC 9989; RFC 7489's tags
 * are tolerated)
 *
 * Pure, over the answers like all of this room.
 */
#ifndef DOMAINS_DMARC_H
#define DOMAINS_DMARC_H

#include "domains/answers.h"

enum dmarc_policy {
	DMARC_ABSENT, /* not said */
	DMARC_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT,
};

enum { DMARC_URIS = 20 };

struct dmarc {
	enum dmarc_policy p, sp, np;
	bool is_p_bad;	 /* there is a p= that is no policy */
	bool is_testing; /* t=y */
	bool is_strict_dkim, is_strict_spf; /* adkim=s, aspf=s */
	char psd;			    /* y, n or u */
	int pct;			    /* -1: not said */
	bool has_old, has_size; /* pct, rf, ri; a !10m at an address */
	struct str rua[DMARC_URIS], ruf[DMARC_URIS]; /* URIs, views */
	size_t n_rua, n_ruf;
	bool has_more_uris;
	bool has_bad_uri; /* one without mailto: (or https:) */
};

const char *dmarc_policy_word(enum dmarc_policy p);

/* Does it begin as one: v=DMARC1? */
bool dmarc_is_record(struct str txt);
/* NULL, or what makes it void: a literal. Without a good p=, but with a rua, it
 * counts as p=none. */
const char *dmarc_read(struct str txt, struct dmarc *out);

/* The record of what was read, without what is old or wrong: without reports
 * they go to rua, "": to postmaster of `where`. */
void dmarc_print(const struct dmarc *d, const char *where, const char *rua,
    struct text *out);

enum dmarc_status {
	DMARC_FOUND,
	DMARC_NOTHING,
	DMARC_SEVERAL, /* at the domain itself: none counts */
	DMARC_UNKNOWN, /* the DNS failed: why */
	DMARC_WAITING,
};

struct dmarc_found {
	enum dmarc_status status;
	char where[DNS_NAME]; /* whose record it is: _dmarc.WHERE */
	char organisation[DNS_NAME];
	struct str record; /* a view into the answers */
	bool is_secure;
	const char *why;
};

/* By the walk up the tree (at most 8 questions). */
void dmarc_find(struct answers *a, const char *domain, struct dmarc_found *out);

/* May this address (mailto:) get reports of a domain of this organisation?
 * DMARC_FOUND: yes; DMARC_NOTHING: its domain doesn't say so, which is asked
 * for at `name`; DMARC_UNKNOWN; DMARC_WAITING. */
enum dmarc_status dmarc_may_report(struct answers *a,
    const struct dmarc_found *policy, struct str uri, char name[DNS_NAME]);
/* The domain of mailto:LOCAL@DOMAIN!SIZE; false: it is none. */
bool dmarc_uri_domain(struct str uri, struct str *domain);

#endif
