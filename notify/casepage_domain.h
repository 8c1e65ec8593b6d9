/* casepage_domain - what the owner of a domain sees of its health: a page
 *
 * Of the same templates and words as the pages of cases. All of it is public:
 * it stands in the DNS. A finding is told by the word page.f_ID of the page's
 * language; one that has none, in English as it was found. Pure.
 */
#ifndef NOTIFY_CASEPAGE_DOMAIN_H
#define NOTIFY_CASEPAGE_DOMAIN_H

#include "notify/template_set.h"

enum { CASEPAGE_FINDINGS = 40, CASEPAGE_RECORDS = 20 };

struct casepage_domain {
	struct str name, language, provider, help; /* may be empty */
	const char *colour; /* green, amber, red, unknown */
	struct casepage_part {
		const char *name, *colour; /* "info" as well */
		struct {
			const char *id, *text, *colour;
		} findings[CASEPAGE_FINDINGS];
		size_t n_findings;
		struct {
			const char *name;
			struct str text;
			bool is_right;
		} records[CASEPAGE_RECORDS];
		size_t n_records;
	} parts[10];
	size_t n_parts;
};

void casepage_domain_write(const struct template_set *set,
    const struct casepage_domain *p, struct text *out);

#endif
