/* regex_needs - what every match of a regular expression (PCRE2) holds
 *
 * A look at its text, not a parser: where it isn't sure, nothing is needed.
 */
#ifndef REPUTATION_REGEX_NEEDS_H
#define REPUTATION_REGEX_NEEDS_H

#include "base/str.h"

enum { REGEX_LITERAL = 64 };

struct regex_literal {
	size_t n;      /* 0: none is known */
	bool is_whole; /* the expression is nothing else */
	char p[REGEX_LITERAL];
};

/* The longest run of bytes that every match has; of an alternative, so without
 * "|" at its top. */
void regex_needs_literal(struct str regex, struct regex_literal *out);

/* The next group "(a|b)" at the top that every match goes through, from *at
 * on; *inside is what stands in it. false: there is none. */
bool regex_needs_group(struct str regex, size_t *at, struct str *inside);

/* The alternative at the beginning of *rest, which is stepped over. false: it
 * was the last. */
bool regex_needs_next(struct str *rest, struct str *alternative);

#endif
