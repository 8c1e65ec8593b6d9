/* text - text built into a bounded buffer */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

enum { FIRST_SIZE = 64 };

void
text_init(struct text *t, char *buf, size_t cap)
{
	*t = (struct text){.p = buf, .cap = cap};
	if (cap > 0)
		buf[0] = '\0';
}

void
text_grow(struct text *t, size_t max)
{
	/* max 0 would mean the caller's array; and the NUL must fit. */
	if (max == 0)
		max = 1;
	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4;
	*t = (struct text){.max = max};
}

void
text_done(struct text *t)
{
	if (t->max)
		free(t->p);
	*t = (struct text){.max = t->max};
}

void
text_clear(struct text *t)
{
	t->n = 0;
	t->is_cut = false;
	if (t->cap > 0)
		t->p[0] = '\0';
}

static void
enlarge(struct text *t, size_t want)
{
	size_t cap = t->cap ? t->cap : FIRST_SIZE;

	while (cap < want)
		cap *= 2;
	if (cap > t->max + 1)
		cap = t->max + 1;
	if (cap > t->cap) {
		t->p = xrealloc(t->p, cap, 1);
		t->cap = cap;
	}
}

/* How many of n > 0 more bytes fit, after growing if that is allowed. */
static size_t
room(struct text *t, size_t n)
{
	if (n < t->cap - t->n)
		return n;
	if (t->max) {
		if (n > t->max - t->n) {
			n = t->max - t->n;
			t->is_cut = true;
		}
		enlarge(t, t->n + n + 1);
		return n;
	}
	t->is_cut = true;
	return t->cap ? t->cap - t->n - 1 : 0;
}

void
text_bytes(struct text *t, const void *p, size_t n)
{
	if (n == 0)
		return;
	n = room(t, n);
	if (n == 0)
		return;
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

void
text_char(struct text *t, char c)
{
	text_bytes(t, &c, 1);
}

void
text_str(struct text *t, struct str s)
{
	text_bytes(t, s.p, s.n);
}

void
text_add(struct text *t, const char *z)
{
	text_bytes(t, z, strlen(z));
}

void
text_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	text_bytes(t, digits + i, sizeof(digits) - i);
}

void
text_i64(struct text *t, int64_t v)
{
	if (v < 0)
		text_char(t, '-');
	text_u64(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}

void
text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	char small[256];
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(small, sizeof(small), fmt, ap);

	if (n >= 0 && (size_t)n < sizeof(small)) {
		text_bytes(t, small, (size_t)n);
	} else if (n >= 0) {
		char *large = xalloc((size_t)n + 1, 1);

		vsnprintf(large, (size_t)n + 1, fmt, again);
		text_bytes(t, large, (size_t)n);
		free(large);
	}
	va_end(again);
}

void
text_hex(struct text *t, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++) {
		char pair[2] = {digits[b[i] >> 4], digits[b[i] & 15]};

		text_bytes(t, pair, 2);
	}
}

/* Control characters (C1 too: some terminals obey them), and what reorders or
 * breaks a line: the bidirectional controls, U+2028 and U+2029. */
static bool
is_harmless(uint32_t rune)
{
	if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0))
		return false;
	return !(rune >= 0x2028 && rune <= 0x202e) &&
	       !(rune >= 0x2066 && rune <= 0x2069) && rune != 0x200e &&
	       rune != 0x200f && rune != 0x61c && rune != 0xfeff;
}

void
text_printable(struct text *t, struct str s)
{
	while (s.n > 0) {
		size_t plain = 0;

		while (plain < s.n && s.p[plain] >= 0x20 && s.p[plain] < 0x7f)
			plain++;
		text_bytes(t, s.p, plain);
		s = str_skip(s, plain);
		if (s.n == 0)
			break;
		uint32_t rune = 0;
		size_t n = str_utf8(s, &rune);

		if (n > 0 && is_harmless(rune))
			text_bytes(t, s.p, n);
		else
			text_char(t, '?');
		s = str_skip(s, n ? n : 1);
	}
}

void
text_pad(struct text *t, char c, size_t n)
{
	if (n == 0)
		return;
	n = room(t, n);
	if (n == 0)
		return;
	memset(t->p + t->n, c, n);
	t->n += n;
	t->p[t->n] = '\0';
}

size_t
text_move_lines(struct text *from, size_t *done, size_t bytes, struct text *to)
{
	struct str left = str_skip(text_view(from), *done), line;

	if (left.n > bytes) {
		struct str rest = str_skip(left, bytes > 0 ? bytes - 1 : 0);

		if (str_cut(&rest, '\n', &line))
			left.n -= rest.n;
	}
	text_str(to, left);
	*done += left.n;
	if (*done == from->n) {
		text_clear(from);
		*done = 0;
	}
	return from->n - *done;
}
