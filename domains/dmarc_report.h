/* dmarc_report - DMARC aggregate reports (RFC 9990; RFC 7489, appendix C)
 *
 * XML by expat, in pieces as they come. The report is anybody's: a document
 * type (and with it every entity) is refused, depth, texts and rows are
 * bounded, and nothing in it is true because it stands there. Pure.
 */
#ifndef DOMAINS_DMARC_REPORT_H
#define DOMAINS_DMARC_REPORT_H

#include "base/arena.h"
#include "base/dns_answer.h"
#include "base/error.h"
#include "base/ip.h"
#include "domains/dmarc.h"

enum {
	DMARC_ROWS = 5000, /* of a report; the rest is one row more */
	DMARC_TEXT = 255,  /* of any text */
	DMARC_COUNT_MAX = 1000000000,
};

struct dmarc_row {
	struct ip source; /* zeros: the rest, of many */
	uint64_t count;
	enum dmarc_policy did; /* what became of it: none, quarantine, reject */
	bool dkim_passes, spf_passes; /* aligned, as DMARC wants it */
	bool is_excused; /* the receiver has a reason not to obey the policy */
	const char *header_from, *envelope_from;
	/* What was found, aligned or not; empty: not told. */
	const char *dkim_domain, *dkim_selector, *dkim_result;
	const char *spf_domain, *spf_result;
};

struct dmarc_report {
	const char *organisation, *email, *id; /* who reports */
	int64_t begin, end;
	char domain[DNS_NAME]; /* of the policy, dns_name's */
	enum dmarc_policy policy;
	struct dmarc_row *v; /* none has a count of 0 */
	size_t n;
	bool is_cut; /* the last row is the rest */
};

struct dmarc_reader;
/* What is read is in the arena. */
struct dmarc_reader *dmarc_reader_new(struct arena *a);
/* false: it is no such report, no more is wanted. */
bool dmarc_reader_feed(struct dmarc_reader *r, struct str bytes);
/* Frees the reader. -1: what isn't right. */
int dmarc_reader_end(
    struct dmarc_reader **r, struct dmarc_report *out, struct error *err);

#endif
