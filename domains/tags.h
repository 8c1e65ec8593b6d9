/* tags - lists of NAME=VALUE; ... in TXT records (RFC 6376, section 3.2) */
#ifndef DOMAINS_TAGS_H
#define DOMAINS_TAGS_H

#include "base/str.h"

struct tag {
	struct str name, value; /* without blanks around them */
};

/* 0: no more; 1; -1: something that is no tag, *tag is its text as a name. */
int tags_next(struct str *rest, struct tag *out);

/* Cut at sep, both without blanks around them; false: nothing is left. Empty
 * parts come as such. */
bool tags_part(struct str *rest, char sep, struct str *part);

#endif
