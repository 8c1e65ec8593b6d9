/* health - is a sending domain's authentication right? Findings in plain words
 *
 * Pure: called again and again over the answers until it no longer waits. What
 * the DNS would not tell is HEALTH_UNKNOWN, never red.
 */
#ifndef DOMAINS_HEALTH_H
#define DOMAINS_HEALTH_H

#include "base/arena.h"
#include "domains/answers.h"

/* In order of how bad they are. INFO: nothing to judge. */
enum health_colour {
	HEALTH_INFO,
	HEALTH_GREEN,
	HEALTH_UNKNOWN,
	HEALTH_AMBER,
	HEALTH_RED,
};

enum health_part {
	HEALTH_SPF,
	HEALTH_DKIM,
	HEALTH_DMARC,
	HEALTH_JUDGED, /* the rest is information */
	HEALTH_MX = HEALTH_JUDGED,
	HEALTH_PTR, /* and HELO, of our own addresses */
	HEALTH_MTA_STS,
	HEALTH_TLS_RPT,
	HEALTH_BIMI,
	HEALTH_PARTS
};

/* One of our addresses that mail leaves from. */
struct health_address {
	struct ip ip;
	const char *helo; /* what it says in HELO; NULL: not known */
};

struct health_selector {
	const char *name;
	const char *own; /* the record of the key we sign with, or NULL */
};

/* What somebody who got its mail found of its signatures. */
enum health_signed {
	HEALTH_SIGNED_UNTOLD,
	HEALTH_SIGNED_GOOD,
	HEALTH_SIGNED_BAD, /* there is one, it doesn't hold */
	HEALTH_SIGNED_NOT,
};
enum { HEALTH_BY = 80 };
#define HEALTH_TEST "test_message"
struct health_told {
	enum health_signed what;
	int64_t at;
	char by[HEALTH_BY]; /* whose report it stood in, or HEALTH_TEST; no
			       blanks */
};
enum health_signed health_signed_parse(struct str word);
const char *health_signed_word(enum health_signed s);

/* What is known of the installation; all lives as long as the health. */
struct health_site {
	const struct health_address *addresses;
	size_t n_addresses;
	const struct health_selector *selectors;
	size_t n_selectors;
	const char *spf_include; /* what customers include; "": none */
	const char *dmarc_rua;	 /* for records that we propose; "": none */
	struct health_told told;
};

struct health_finding {
	enum health_part part;
	enum health_colour colour;
	/* SPF_NONE: for programs. ..._UNKNOWN: the DNS failed. */
	const char *id;
	const char *text;
};

/* A record as found, or (is_right) as it would be right. */
struct health_record {
	enum health_part part;
	bool is_right, is_secure;
	bool is_example; /* something must be filled in */
	const char *name;
	struct str text;
};

enum { HEALTH_FINDINGS = 200, HEALTH_RECORDS = 100 };

struct health {
	struct arena arena;
	const char *domain; /* dns_name's */
	enum health_colour colours[HEALTH_PARTS];
	struct health_finding findings[HEALTH_FINDINGS];
	size_t n_findings;
	struct health_record records[HEALTH_RECORDS];
	size_t n_records;
	/* For what depends on two parts. */
	bool spf_passes;   /* all of our addresses (and there is one) */
	bool spf_fails;	   /* the same: "fail" or "softfail" */
	bool dns_failed;   /* something judged could not be told for that */
	bool dkim_is_good; /* one key at least */
};

const char *health_colour_word(enum health_colour c);
const char *health_part_word(enum health_part p);

/* NULL: answers are wanted first. The name is dns_name's. health_free. */
struct health *health_check(
    struct answers *a, const char *domain, const struct health_site *site);
void health_free(struct health **h);
/* The worst of what is judged. */
enum health_colour health_worst(const struct health *h);
/* The first of the worst findings of a part (HEALTH_PARTS: of all that are
 * judged), no better than `least`; NULL: there is none. */
const struct health_finding *health_worst_finding(
    const struct health *h, enum health_part part, enum health_colour least);
/* For sorting, the worst first: more is worse, 0 is all green. */
unsigned health_badness(const enum health_colour colours[HEALTH_JUDGED]);

/* For the parts: */
void health_say(struct health *h, enum health_part part,
    enum health_colour colour, const char *id, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void health_record(struct health *h, enum health_part part, bool is_right,
    const char *name, struct str text, bool is_secure);
/* false: answers are wanted. */
bool health_spf(
    struct health *h, struct answers *a, const struct health_site *site);
bool health_dkim(
    struct health *h, struct answers *a, const struct health_site *site);
bool health_dmarc(
    struct health *h, struct answers *a, const struct health_site *site);
bool health_mx(struct health *h, struct answers *a);
bool health_addresses(
    struct health *h, struct answers *a, const struct health_site *site);
bool health_texts(struct health *h, struct answers *a);

#endif
