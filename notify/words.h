/* words - dates, countries and reasons in the owner's language
 *
 * By the files `words` of the templates, so that an operator's language needs
 * no code. For letters and the page. Pure.
 */
#ifndef NOTIFY_WORDS_H
#define NOTIFY_WORDS_H

#include "notify/template_set.h"

struct words {
	const struct template_set *set;
	struct str language;
};

/* "21 November 2025 at 22:40", in the local zone. */
void words_date(const struct words *w, int64_t at, struct text *out);
/* In how long: "10 minutes", the largest unit that is exact. */
void words_window(const struct words *w, int64_t seconds, struct text *out);
/* "Germany" for "DE"; `otherwise` when it has no name here. */
void words_country(const struct words *w, struct str code, struct str otherwise,
    struct text *out);

/* A line of `words` with a value for each %letter in it; of what has none the
 * letter stays. */
struct words_filler {
	char letter;
	struct str value;
};
void words_fill(struct str pattern, const struct words_filler *v, size_t n,
    struct text *out);

/* A reason as the evidence of a SANCTION event has it. */
struct words_reason {
	struct str count; /* "recipients" */
	int64_t window, value, bound;
	enum {
		WORDS_LIMIT,
		WORDS_OWN,
		WORDS_NONE, /* usually */
		WORDS_USUAL,
		WORDS_OF,    /* so many recipients */
		WORDS_SHARE, /* of what was delivered */
		WORDS_BARE,  /* its count says all */
	} is;
	struct str otherwise; /* in English, when it isn't understood */
};
void words_reason(
    const struct words *w, const struct words_reason *r, struct text *out);

#endif
