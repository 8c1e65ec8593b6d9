/* spf_survey - all that an SPF record asks for, whoever sends
 *
 * Goes through the whole tree, while an evaluation stops at the first term that
 * matches: what it costs at worst, and what is wrong anywhere in it.
 */
#ifndef DOMAINS_SPF_SURVEY_H
#define DOMAINS_SPF_SURVEY_H

#include "domains/spf.h"

enum { SPF_SURVEY_LOOKUPS = 40, SPF_SURVEY_WORDS = 300 };

struct spf_survey {
	enum spf_result result; /* SPF_PASS: all could be read */
	unsigned lookups;	/* at most SPF_SURVEY_LOOKUPS are followed */
	unsigned voids;
	char all; /* the qualifier of what is left over; 0: none is given */
	bool has_ptr, has_all_and_redirect;
	char open[DNS_NAME];	  /* whose +all lets everybody; empty: none */
	char broad[64];		  /* a term of a huge network */
	char no_record[DNS_NAME]; /* an include's name without a record */
	char void_names[SPF_SURVEY_WORDS];
	char why[SPF_WHY]; /* of permerror, temperror */
};

void spf_survey(struct answers *a, struct str domain, struct spf_survey *out);

/* Puts the records together to one that lets the terms `ours` send: nothing
 * that is right is lost; words that are wrong, names that lead nowhere (void:
 * of the survey, separated by blanks) and a second "all" are. */
void spf_propose(struct text *out, const struct str *records, size_t n,
    struct str ours, const struct spf_survey *s);

#endif
