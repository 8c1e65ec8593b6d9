/* top_draw - a frame of `outpost top` as lines of text
 *
 * Pure: what the daemon answered (desk_top.c) and the terminal's shape in, text
 * out. Names are made printable; nothing but our own escapes comes out, and
 * those only with is_live or is_colored.
 */
#ifndef CLI_TOP_DRAW_H
#define CLI_TOP_DRAW_H

#include "base/json.h"

struct top_shape {
	size_t width, height; /* height 0: as many lines as there are rows */
	bool is_utf8, is_colored;
	bool is_live;	     /* ends with a line of keys, clears each line */
	size_t skip;	     /* rows scrolled past */
	const char *filter;  /* shown; "" for none */
	bool is_typing;	     /* the filter is being typed */
	const char *trouble; /* shown in place of the keys; NULL */
};

/* How many rows have room. */
size_t top_rows(const struct top_shape *s);
/* frame NULL: nothing was answered yet. */
void top_draw(
    const struct json *frame, const struct top_shape *s, struct text *out);
/* Numbers as a line of `width` characters: the maximum of the numbers that
 * fall into each, as a share of max. */
void top_sparkline(const uint64_t *v, size_t n, uint64_t max, size_t width,
    bool is_utf8, struct text *out);

#endif
