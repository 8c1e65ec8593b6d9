/* case_report - what the cases of a period say, as numbers
 *
 * Of cases that opened in the period; those that went over into another count
 * as that one. Times are the median and the 95th percentile. Pure.
 */
#ifndef NOTIFY_CASE_REPORT_H
#define NOTIFY_CASE_REPORT_H

#include "base/json.h"
#include "notify/case.h"

struct case_report;

struct case_spread {
	size_t n;
	int64_t median, most, sum; /* most: 95 of a hundred are below */
};

struct case_sums {
	const char *name; /* "all", or the rule's or class's */
	uint64_t cases, suspended, held, complaints, by_operators, overturned,
	    approved, denied, waiting;
	struct case_spread detected; /* seconds from its first message */
	struct case_spread leaked;   /* recipients until it was stopped */
	struct case_spread decided;  /* seconds until decided or lifted */
};

struct case_report *case_report_new(int64_t since, int64_t until);
void case_report_free(struct case_report **r);
void case_report_add(struct case_report *r, const struct case_head *c);
/* Once all were added: the sum, then each rule's, each class's; the most cases
 * first. Bounded: what is left over is "others". */
void case_report_end(struct case_report *r);
const struct case_sums *case_report_all(const struct case_report *r);
size_t case_report_rules(
    const struct case_report *r, const struct case_sums **v);
size_t case_report_classes(
    const struct case_report *r, const struct case_sums **v);

void case_report_json(const struct case_report *r, struct json_out *j);
/* A few lines for people. */
void case_report_print(const struct case_report *r, struct text *out);

#endif
