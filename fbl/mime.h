/* mime - the parts of a mail (GMime)
 *
 * The only file that knows GMime. What it builds is bounded before it is asked:
 * it makes an object of every part and every field, however many an attacker
 * writes.
 */
#ifndef FBL_MIME_H
#define FBL_MIME_H

#include "base/arena.h"
#include "base/str.h"

struct mime_limits {
	size_t parts, depth;
};

struct mime_part {
	struct str type; /* "message/feedback-report", lower-case */
	struct str name; /* of the file, or empty */
	struct str body; /* decoded; of a message/rfc822 the message */
};

struct mime {
	struct str type; /* of the whole mail */
	struct str report_type;
	struct mime_part *v; /* leaves, in order; not what is in a message */
	size_t n;
	bool is_cut;
};

/* Everything is in the arena. Never fails: what is no MIME is one part
 * text/plain. */
void mime_read(struct str bytes, const struct mime_limits *limits,
    struct arena *a, struct mime *out);

#endif
