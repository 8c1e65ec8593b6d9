/* spf_macro - names with macros in SPF records (RFC 7208, section 7) */
#ifndef DOMAINS_SPF_MACRO_H
#define DOMAINS_SPF_MACRO_H

#include "base/ip.h"

struct spf_macro {
	struct ip ip;
	struct str sender; /* local@domain */
	struct str helo;
	struct str domain;    /* %{d}: whose record it is */
	struct str validated; /* %{p}; "unknown" where there is none */
	struct str receiver;  /* %{r}; in explanations */
	int64_t now;	      /* %{t}; in explanations */
};

/* NULL: a domain-spec as it should be; else what is wrong (a literal). */
const char *spf_spec_check(struct str spec);
/* NULL: macros and characters are fine. */
const char *spf_string_check(struct str s, bool is_explanation);
/* Does it have %{p}? That one costs questions. */
bool spf_needs_validated(struct str s);
/* Macros replaced; s was checked. */
void spf_expand(struct text *out, struct str s, const struct spf_macro *m);

#endif
