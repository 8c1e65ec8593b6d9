/* casepage_fields - what stands on a page; only casepage*.c include this */
#ifndef NOTIFY_CASEPAGE_FIELDS_H
#define NOTIFY_CASEPAGE_FIELDS_H

#include "notify/casepage.h"
#include "notify/words.h"

extern const struct template_field casepage_fields[];
extern const char *const casepage_words[]; /* without "page."; ends with NULL */

/* Fills what is said of the case's evidence: chart, messages, networks. */
void casepage_evidence(
    const struct words *w, const struct case_file *f, struct template_data *d);

struct casepage_domain;
/* casepage_domain.c: what the page of a domain says. */
void casepage_domain_fill(const struct words *w,
    const struct casepage_domain *p, struct template_data *d);

/* The word page.NAME, for words_fill. */
struct str casepage_word(const struct words *w, const char *name);
/* A date as a value for it; lives in buf. */
enum { CASEPAGE_DATE = 96 };
struct str casepage_date(
    const struct words *w, int64_t at, char buf[CASEPAGE_DATE]);

#endif
