/* address - is an own address named as receivers want it? PTR, and back; HELO
 *
 * RFC 5321, 4.1.1.1 and 4.1.4; RFC 1912, 2.1 (forward-confirmed reverse DNS);
 * what the large receivers refuse. What the DNS would not tell is
 * ADDRESS_UNKNOWN, never held against the address.
 */
#ifndef REPUTATION_ADDRESS_H
#define REPUTATION_ADDRESS_H

#include "base/dns_answer.h"

struct dns;
struct loop;

enum address_level { ADDRESS_OK, ADDRESS_UNKNOWN, ADDRESS_WARN, ADDRESS_BAD };
const char *address_level_text(enum address_level l);

enum { ADDRESS_FINDINGS = 8, ADDRESS_TEXT = 320, ADDRESS_NAMES = 8 };

struct address_finding {
	enum address_level level;
	const char *id; /* PTR_NONE: for programs; a literal */
	char text[ADDRESS_TEXT], mend[ADDRESS_TEXT]; /* empty: nothing to do */
};

struct address_report {
	enum address_level worst;
	size_t n;
	struct address_finding v[ADDRESS_FINDINGS];
};

/* What was asked: of each name, does it lead back? */
enum address_leads { ADDRESS_NOT_TOLD, ADDRESS_LEADS, ADDRESS_ELSEWHERE };
struct address_names {
	struct ip ip;
	const char *helo; /* dns_name's; NULL: not known */
	enum address_leads helo_leads;
	bool is_failed; /* the PTR could not be asked for */
	size_t n;	/* names of PTR records; more are left out */
	char name[ADDRESS_NAMES][DNS_NAME];
	enum address_leads leads[ADDRESS_NAMES];
};

/* Pure. */
void address_judge(const struct address_names *n, struct address_report *out);

struct address_check;
/* r is valid until this returns; the check is gone then. */
typedef void address_fn(void *ctx, const struct address_report *r);
/* helo: NULL, or as configured. Answered once, never before this returns. */
struct address_check *address_check_start(struct dns *d, const struct ip *ip,
    const char *helo, address_fn *on_done, void *ctx);
/* No answer comes. NULL is fine. */
void address_check_cancel(struct address_check **c);

#endif
