/* header - header fields, read as leniently as reports need it
 *
 * Lines may end with LF, CRLF or a bare CR. "From " and ">From " lines, leading
 * empty lines and a few lines that are no field are stepped over; blanks may
 * stand before the colon. Folded lines are joined by one blank.
 */
#ifndef FBL_HEADER_H
#define FBL_HEADER_H

#include "base/arena.h"

enum {
	HEADER_FIELDS = 300,	/* of one block; the rest is cut */
	HEADER_VALUE = 8192,	/* bytes of one value */
	HEADER_BLOCK = 1 << 17, /* bytes of a block */
};

struct header {
	struct str name, value; /* trimmed */
};

struct headers {
	struct header *v;
	size_t n;
	bool is_cut;
};

/* Reads the block at the beginning of *rest and steps over it and the empty
 * line behind it. Views into *rest, folded values in the arena. */
void header_read(struct str *rest, struct arena *a, struct headers *out);

/* The block of a message. One whose fields go on after an empty line, before
 * Subject and Message-ID were seen, is read on. */
void header_read_message(
    struct str *rest, struct arena *a, struct headers *out);

/* The first one's value; n is 0 and p NULL when there is none. Names without
 * regard to case. */
struct str header_get(const struct headers *h, struct str name);

/* Walks those of a name: *i starts at 0. NULL at the end. */
const struct header *header_next(
    const struct headers *h, struct str name, size_t *i);

/* The address of "Name <a@b>", "<a@b>", "a@b (comment)": what stands in the
 * last <>, else the first word with an "@", else all. "<>" is empty. */
struct str header_address(struct str value);

/* The part after the "@", empty without one. */
struct str header_domain(struct str address);

/* The next line of *rest, without its end. false at the end. */
bool header_line(struct str *rest, struct str *line);

#endif
