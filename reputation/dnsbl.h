/* dnsbl - lists of bad senders, asked by DNS (RFC 5782), and what they answer
 *
 * Data of etc/dnsbl.conf. A listing is only what the list's own codes say it
 * is: an answer by which it refuses, one that no list would give (a resolver or
 * a parked zone that lies), and one whose meaning isn't known are none. Pure.
 */
#ifndef REPUTATION_DNSBL_H
#define REPUTATION_DNSBL_H

#include "base/dns_answer.h"
#include "base/error.h"
#include "base/setting.h"

struct dnsbl_spec {
#define SETTING SETTING_FIELD
#include "reputation/dnsbl_fields.def"
#undef SETTING
};

extern const struct setting_table dnsbl_fields; /* of dnsbl_spec */

enum dnsbl_kind { DNSBL_IP4 = 1, DNSBL_IP6 = 2, DNSBL_DOMAIN = 4 };
enum { DNSBL_NAME = 32, DNSBLS_MAX = 200 };

struct dnsbl_code;

/* Texts are never NULL; they live as long as the dnsbls. */
struct dnsbl {
	const char *name, *zone, *removal, *expires, *terms, *instead;
	const char *listed, *unlisted;
	unsigned kinds;
	bool is_usual, is_info, has_key, is_of_clients;
	struct dnsbl_code *codes;
	size_t n_codes;
};

struct dnsbls;

struct dnsbls *dnsbls_new(void);
void dnsbls_free(struct dnsbls **l);
/* The error names what is wrong. */
int dnsbls_add(
    struct dnsbls *l, const struct dnsbl_spec *spec, struct error *err);
/* In the order in which they were added; NULL beyond the last. */
const struct dnsbl *dnsbls_at(const struct dnsbls *l, size_t i);
const struct dnsbl *dnsbls_find(const struct dnsbls *l, struct str name);

/* Who may be listed. */
struct dnsbl_target {
	struct ip ip;	    /* none: a domain */
	const char *domain; /* dns_name's; NULL: nobody is meant */
};
enum dnsbl_kind dnsbl_target_kind(const struct dnsbl_target *t);
/* The name to ask for, key "" where it has none. false: it doesn't fit. */
bool dnsbl_question(const struct dnsbl *l, const struct dnsbl_target *t,
    const char *key, char out[DNS_NAME]);

/* Three questions by which a list shows that it works, for what it lists of
 * that kind. salt: any number, another one each time, so that nobody has the
 * answer of before. */
enum dnsbl_test { DNSBL_TEST_LISTED, DNSBL_TEST_UNLISTED, DNSBL_TEST_ANY };
enum { DNSBL_TESTS = 3, DNSBL_TEXT = 160 };
bool dnsbl_test_question(const struct dnsbl *l, enum dnsbl_kind kind,
    enum dnsbl_test test, uint32_t salt, const char *key, char out[DNS_NAME]);

enum dnsbl_says {
	DNSBL_CLEAN,
	DNSBL_UNCLEAR, /* codes that aren't among the list's */
	DNSBL_LISTED,
	DNSBL_REFUSES, /* who we ask through is not answered */
	DNSBL_LIES,    /* no answer of a list */
	DNSBL_SILENT,  /* no answer */
};
const char *dnsbl_says_text(enum dnsbl_says s);

struct dnsbl_answer {
	enum dnsbl_says says;
	/* Of what is listed: what the codes mean; else what is wrong; empty:
	 * DNSBL_CLEAN. */
	char words[DNSBL_TEXT];
};
/* What the A records say. */
void dnsbl_read(const struct dnsbl *l, const struct dns_answer *a,
    struct dnsbl_answer *out);

#endif
