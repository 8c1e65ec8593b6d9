/* dmarc_sum - what the DMARC reports about a domain say, all together
 *
 * Pure: rows of reports in, sums out. What a stricter policy would cost stands
 * in `lost`: messages that pass by neither DKIM nor SPF, and that the receivers
 * took none the less.
 */
#ifndef DOMAINS_DMARC_SUM_H
#define DOMAINS_DMARC_SUM_H

#include "base/map.h"
#include "domains/dmarc_report.h"

enum {
	DMARC_SOURCES = 100,	   /* that are told, those with most messages */
	DMARC_SOURCES_MAX = 20000, /* that are told apart while summing */
	DMARC_REPORTERS = 50,
	DMARC_SUM_DAYS = 400,
};

struct dmarc_counts {
	uint64_t messages;
	uint64_t dkim, spf; /* passed by it, aligned */
	uint64_t passed;    /* by one of them */
	uint64_t lost;	    /* by neither, and delivered */
	uint64_t excused;   /* of the lost: forwarded, a mailing list ... */
	uint64_t quarantined, rejected;
};

/* One address that sends in the domain's name. */
struct dmarc_source {
	struct ip ip; /* zeros: all others */
	struct dmarc_counts of;
	uint64_t most; /* messages of the row that the texts are from */
	/* Of what doesn't pass, if anything doesn't. */
	const char *header_from, *envelope_from, *dkim_domain, *dkim_selector,
	    *spf_domain;
};

struct dmarc_reporter {
	const char *name;
	uint64_t reports, messages;
	bool is_vouched; /* our own MTA says that the reports are its */
};

struct dmarc_day {
	uint64_t messages, passed;
};

struct dmarc_sum {
	struct arena arena;
	char domain[DNS_NAME];
	int64_t first_day; /* days since 1970; v[0] of days */
	struct dmarc_day days[DMARC_SUM_DAYS];
	size_t n_days;
	uint64_t reports, vouched; /* of them, those that are vouched for */
	int64_t begin, end;	   /* what they tell of; 0: nothing */
	enum dmarc_policy policy;  /* of the newest */
	struct dmarc_counts all, of_vouched;
	struct dmarc_reporter reporters[DMARC_REPORTERS];
	size_t n_reporters;
	struct dmarc_source sources[DMARC_SOURCES + 1];
	size_t n_sources, n_all_sources;
	/* While it is summed. */
	struct map map;
	struct dmarc_source **v;
	size_t n_v, cap_v;
	bool is_vouched; /* the report whose rows come */
	size_t reporter; /* whose it is */
	int64_t newest;
};

struct dmarc_sum *dmarc_sum_new(
    const char *domain, int64_t first_day, size_t n_days);
void dmarc_sum_free(struct dmarc_sum **s);

/* A report, then its rows; day: under which it counts. */
void dmarc_sum_report(struct dmarc_sum *s, struct str reporter, bool is_vouched,
    int64_t begin, int64_t end, enum dmarc_policy policy);
void dmarc_sum_row(
    struct dmarc_sum *s, int64_t day, const struct dmarc_row *row);
void dmarc_sum_end(struct dmarc_sum *s);

#endif
