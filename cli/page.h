/* page - labelled parts that fit one screen
 *
 *   head                                               standing
 *
 *   label     a line
 *             another
 *
 * Each part says how many of its lines there must be; those that have more get
 * the room that is left, in turn, and what had no room is counted in its last
 * line. Pure. Lines are foreign bytes: made printable, and cut to the width.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/text.h"

struct page_shape {
	size_t width;  /* 0: lines are as long as they are */
	size_t height; /* 0: so are pages; else one line is left for a prompt */
	bool is_utf8, is_colored;
};

enum page_color { PAGE_PLAIN, PAGE_BOLD, PAGE_RED, PAGE_YELLOW, PAGE_GREEN };
enum { PAGE_LABEL = 10 }; /* columns before a part's lines */

struct page;
struct page *page_new(const struct page_shape *s);
void page_free(struct page **p);

/* The first line: a name at the left, what it is at the right. */
void page_head(
    struct page *p, struct str left, struct str right, enum page_color color);
/* A new part; its label is a literal. With is_apart an empty line goes before
 * it, as long as there is room. */
void page_part(struct page *p, const char *label, size_t least, bool is_apart);
void page_line(struct page *p, struct str line);
void page_format(struct page *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, as many lines as it takes; broken at blanks. */
void page_wrap(struct page *p, struct str words);
/* Columns that a part's line has; SIZE_MAX without a width. */
size_t page_room(const struct page *p);

void page_print(struct page *p, struct text *out);

#endif
