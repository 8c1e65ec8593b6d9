/* str - a borrowed view of bytes
 *
 * A view is valid until the callback that handed it out returns. It is never
 * stored beyond that; who wants to keep it copies it (str_dup, arena_str).
 * The bytes are not NUL-terminated and may hold NUL.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* The same for the initializer of a static table, where STR is no constant. */
#define STR_INIT(literal)                       \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

/* Arguments for printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str
str_make(const char *p, size_t n)
{
	return (struct str){p, n};
}

/* NULL gives the empty view. */
static inline struct str
str_from(const char *z)
{
	return (struct str){z ? z : "", z ? strlen(z) : 0};
}

/* As str_same, where the compiler doesn't know n. */
static inline bool
str_same_any(const char *a, const char *b, size_t n)
{
	uint64_t v, w;
	uint32_t x, y, x_end, y_end;

	if (n < 4 || n > 64)
		return n == 0 || memcmp(a, b, n) == 0;
	if (n < 8) {
		memcpy(&x, a, 4);
		memcpy(&y, b, 4);
		memcpy(&x_end, a + n - 4, 4);
		memcpy(&y_end, b + n - 4, 4);
		return x == y && x_end == y_end;
	}
	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&v, a + i, 8);
		memcpy(&w, b + i, 8);
		if (v != w)
			return false;
	}
	memcpy(&v, a + n - 8, 8);
	memcpy(&w, b + n - 8, 8);
	return v == w;
}

/* What is done with a literal: few instructions once its length is known. */
#define STR_INLINE static inline __attribute__((always_inline))

/* The same n bytes. What is compared is mostly short: a call of memcmp costs
 * more than the comparison. */
STR_INLINE bool
str_same(const char *a, const char *b, size_t n)
{
	if (__builtin_constant_p(n))
		return n == 0 || memcmp(a, b, n) == 0;
	return str_same_any(a, b, n);
}

/* Of names and queue ids, which mostly have 4 to 16 bytes: two words that may
 * overlap, without a call. */
STR_INLINE bool
str_same_short(const char *a, const char *b, size_t n)
{
	uint64_t v, w, v_end, w_end;
	uint32_t x, y, x_end, y_end;

	if (n >= 8 && n <= 16) {
		memcpy(&v, a, 8);
		memcpy(&w, b, 8);
		memcpy(&v_end, a + n - 8, 8);
		memcpy(&w_end, b + n - 8, 8);
		return ((v ^ w) | (v_end ^ w_end)) == 0;
	}
	if (n >= 4 && n < 8) {
		memcpy(&x, a, 4);
		memcpy(&y, b, 4);
		memcpy(&x_end, a + n - 4, 4);
		memcpy(&y_end, b + n - 4, 4);
		return ((x ^ y) | (x_end ^ y_end)) == 0;
	}
	return str_same_any(a, b, n);
}

STR_INLINE bool
str_is(struct str a, struct str b)
{
	return a.n == b.n && str_same(a.p, b.p, a.n);
}

STR_INLINE bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_same(s.p, prefix.p, prefix.n);
}

STR_INLINE bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       str_same(s.p + s.n - suffix.n, suffix.p, suffix.n);
}

/* The view without its first n bytes; empty when it has fewer. */
static inline struct str
str_skip(struct str s, size_t n)
{
	return n < s.n ? (struct str){s.p + n, s.n - n}
		       : (struct str){s.p + s.n, 0};
}

static inline struct str
str_head(struct str s, size_t n)
{
	return (struct str){s.p, n < s.n ? n : s.n};
}

/* ASCII upper-case letters become lower-case, eight bytes at once. */
static inline uint64_t
str_fold8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t seven = w & 0x7f * ones;
	uint64_t above_z = seven + (0x7f - 'Z') * ones;
	uint64_t from_a = seven + (0x80 - 'A') * ones;
	uint64_t is_upper = (from_a ^ above_z) & ~w & 0x80 * ones;

	return w | is_upper >> 2;
}

/* ASCII case is ignored; other bytes must be equal. */
bool str_is_nocase(struct str a, struct str b);

/* Offset of the first byte c, or of the first/last needle; -1 when absent. */
ptrdiff_t str_find_char(struct str s, char c);
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_last(struct str s, struct str needle);
ptrdiff_t str_find_nocase(struct str s, struct str needle);

/* If s starts with prefix, step over it and return true. */
bool str_take(struct str *s, struct str prefix);

/* Cut s at the first sep: *head is what stands before, *s what follows it.
 * Without a sep: false, nothing changed. */
bool str_cut(struct str *s, char sep, struct str *head);

/* Without blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/* The whole view as a decimal number; false, and *out unchanged, when it is
 * empty, has another byte, or doesn't fit. No sign for the unsigned one. */
bool str_to_u64(struct str s, uint64_t *out);
bool str_to_i64(struct str s, int64_t *out);

/* A fresh NUL-terminated copy, the caller frees it; never NULL (no memory is
 * fatal). */
char *str_dup(struct str s);

/* <0, 0, >0 by bytes, the shorter first. */
int str_compare(struct str a, struct str b);

/* Number of single-character edits (Damerau) between two words, at most max+1;
 * for "did you mean". */
unsigned str_distance(struct str a, struct str b, unsigned max);

/* The UTF-8 character at the beginning (RFC 3629): its length in bytes; 0, and
 * *rune unchanged, when s is empty or begins with no valid one. */
size_t str_utf8(struct str s, uint32_t *rune);

#endif
