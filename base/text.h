/* text - text built into a bounded buffer
 *
 * Either over the caller's array (text_init: overflow cuts and is remembered)
 * or on the heap, growing up to a stated maximum (text_grow). Whatever doesn't
 * fit is dropped and text_is_cut says so: no caller needs to check each call.
 * The buffer is always NUL-terminated.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include "base/str.h"

struct text {
	char *p;
	size_t n;
	size_t cap; /* bytes at p, the final NUL included */
	size_t max; /* a growing text's limit; 0: p is the caller's array */
	bool is_cut;
};

void text_init(struct text *t, char *buf, size_t cap);

/* Nothing is allocated before the first byte. text_done frees. */
void text_grow(struct text *t, size_t max);
void text_done(struct text *t);

/* Empty it, keep the memory. */
void text_clear(struct text *t);

void text_char(struct text *t, char c);
void text_str(struct text *t, struct str s);
void text_add(struct text *t, const char *z);
void text_bytes(struct text *t, const void *p, size_t n);
void text_u64(struct text *t, uint64_t v);
void text_i64(struct text *t, int64_t v);
void text_printf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Bytes as lower-case hex. */
void text_hex(struct text *t, const void *p, size_t n);

/* What a terminal or a log can show harmlessly: control characters, DEL and
 * invalid UTF-8 become '?'. */
void text_printable(struct text *t, struct str s);

/* Add n copies of c. */
void text_pad(struct text *t, char c, size_t n);

/* Takes whole lines that stand in `from` behind *done to `to`, at least one and
 * until they are `bytes`; when all were taken `from` is emptied. The last line
 * has its newline. How many bytes are left. */
size_t text_move_lines(
    struct text *from, size_t *done, size_t bytes, struct text *to);

static inline struct str
text_view(const struct text *t)
{
	return (struct str){t->p ? t->p : "", t->n};
}

#endif
