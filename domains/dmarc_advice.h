/* dmarc_advice - which DMARC record a domain should have next
 *
 * A policy is raised by stages: none, quarantine, reject. None of them is
 * proposed while mail sent from here would fall under it. Pure.
 */
#ifndef DOMAINS_DMARC_ADVICE_H
#define DOMAINS_DMARC_ADVICE_H

#include "domains/dmarc.h"
#include "domains/health.h"

struct dmarc_wish {
	const char *reports_to; /* an address; "": as it is, else postmaster */
	bool has_others; /* somebody else sends in its name, unknown how */
	enum dmarc_policy policy; /* DMARC_ABSENT: the next that is safe */
	/* What reports say of the mail in its name: how much there was, what
	 * would fall under a policy, over how many days. 0 days: none came. */
	uint64_t seen, failed;
	int64_t days;
};

enum { DMARC_RECORD = 2048, DMARC_WHY = 600, DMARC_STAGE_DAYS = 14 };

struct dmarc_advice {
	enum dmarc_policy now, next; /* now: DMARC_ABSENT, there is none */
	bool is_early;		     /* more is wished for than is safe */
	char record[DMARC_RECORD];
	char why[DMARC_WHY]; /* in plain words */
};

/* h is its health, with the record as found. */
void dmarc_advise(const struct health *h, const struct dmarc_wish *w,
    struct dmarc_advice *out);

/* A record that somebody wrote: NULL, or what is wrong with it. More strictly
 * read than one that is found: for what isn't defined any more, too. */
const char *dmarc_check(struct str record);

#endif
