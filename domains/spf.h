/* spf - may this address send for this domain? (RFC 7208's check_host)
 *
 * Pure: the DNS is what stands in the answers; what is missing is noted there,
 * and the verdict is SPF_WAITING until it has come. All limits are the RFC's:
 * 10 terms that ask, 10 hosts of an MX or PTR, 2 void answers;
 * and a record has SPF_LONGEST bytes at most, so that none takes long.
 */
#ifndef DOMAINS_SPF_H
#define DOMAINS_SPF_H

#include "domains/answers.h"

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_WAITING,
};

enum { SPF_LOOKUPS = 10, SPF_VOIDS = 2, SPF_WHY = 512, SPF_LONGEST = 16384 };

struct spf_query {
	struct ip ip;
	struct str sender; /* MAIL FROM; without @, or empty: postmaster@ */
	struct str helo;
	struct str receiver; /* for explanations; may be empty */
	int64_t now;
};

struct spf_verdict {
	enum spf_result result;
	unsigned lookups, voids;
	char where[DNS_NAME];  /* whose record decided */
	char term[256];	       /* the word that matched; empty: none did */
	char why[SPF_WHY];     /* temperror, permerror: a sentence */
	char explanation[256]; /* fail: what the domain says to it (exp=) */
};

/* The word for it in headers: "pass". */
const char *spf_result_word(enum spf_result r);

void spf_check(struct answers *a, const struct spf_query *q, struct str domain,
    struct spf_verdict *out);

/* A domain's one record. SPF_PASS: *record is it, a view into the answers;
 * else SPF_NONE, SPF_PERMERROR (several), SPF_TEMPERROR, SPF_WAITING, and why
 * (SPF_WHY). */
enum spf_result spf_find(
    struct answers *a, struct str domain, struct str *record, char *why);

#endif
