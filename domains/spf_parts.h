/* spf_parts - shared by spf.c and spf_match.c */
#ifndef DOMAINS_SPF_PARTS_H
#define DOMAINS_SPF_PARTS_H

#include "domains/spf.h"
#include "domains/spf_macro.h"
#include "domains/spf_term.h"

/* Of a name with its macros replaced, before it is made to fit. */
enum { SPF_NAME = 1024 };

/* One evaluation, through all includes. */
struct spf_run {
	struct answers *answers;
	const struct spf_query *q;
	struct spf_verdict *out;
	unsigned includes; /* how deep in them */
	char sender[512];
};

/* What a term says. SPF_STOP: out->result is the end of it all. */
enum spf_step { SPF_NO_MATCH, SPF_MATCH, SPF_STOP };

enum spf_step spf_stop(struct spf_run *r, enum spf_result result,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* One more term that asks the DNS. false: one too many, stopped. */
bool spf_count(struct spf_run *r);
/* The name that a term is about; what is too long loses labels in front.
 * false: stopped. */
bool spf_target(
    struct spf_run *r, struct str domain, struct str spec, struct text *out);
void spf_fill_macro(struct spf_run *r, struct str domain, struct spf_macro *m);

enum spf_step spf_match_a(
    struct spf_run *r, struct str name, const struct spf_term *t);
enum spf_step spf_match_mx(
    struct spf_run *r, struct str name, const struct spf_term *t);
enum spf_step spf_match_exists(struct spf_run *r, struct str name);
/* The names of our address that lead back to it: the first 10. Errors count as
 * none. The best in *out for %{p}: the domain itself, one below it, any; empty:
 * none. SPF_MATCH: it is the domain or below it. */
enum spf_step spf_validate(
    struct spf_run *r, struct str domain, struct str *out);

#endif
