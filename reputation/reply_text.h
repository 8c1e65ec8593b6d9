/* reply_text - what a receiver said, in the form that is looked at */
#ifndef REPUTATION_REPLY_TEXT_H
#define REPUTATION_REPLY_TEXT_H

#include "base/str.h"

enum { REPLY_TEXT_MAX = 1024 };

struct reply_text {
	struct str host; /* who said it, if the text tells; a view into it */
	unsigned code;	 /* 0: it has none (Postfix itself speaks) */
	size_t n;
	char plain[REPLY_TEXT_MAX];
};

/* text is what stands behind status=..., or a reply alone. Without "host
 * NAME[IP] said: " and "(in reply to ...)"; of a reply of several lines the
 * codes of the first line; lower case, single blanks; "<>" for what stands in
 * such brackets and "@" for any other address: their owners choose them. dsn
 * (may be empty) is put in front when the text has no code. */
void reply_text_read(struct reply_text *out, struct str dsn, struct str text);

#endif
