/* domain_print - a domain's health, for people and as JSON */
#ifndef CLI_DOMAIN_PRINT_H
#define CLI_DOMAIN_PRINT_H

#include "domains/health.h"

struct domain_effort;

/* width 0: lines are as long as they are. Records are never broken. */
void domain_print(const struct health *h, size_t width, struct text *out);
void domain_print_json(const struct health *h,
    const struct domain_effort *effort, struct text *out);
/* domain_fix.c: what to change, as lines of a zone (- goes, + comes; ; is for
 * people); how many things. Nothing that somebody else put there goes, but for
 * what takes its place. */
size_t domain_print_fix(const struct health *h, struct text *out);
size_t domain_print_fix_json(const struct health *h, struct text *out);
/* Is it a record that is to be set? Does that one go when `right` comes? */
bool domain_fix_is_change(const struct health_record *r);
bool domain_fix_goes_for(
    const struct health_record *found, const struct health_record *right);
/* What is left for a person, a line each; how many. */
size_t domain_print_left(const struct health *h, struct text *out);
/* As in a zone file: strings of at most 255 bytes in quotation marks. */
void domain_print_txt(struct text *out, struct str txt);

#endif
