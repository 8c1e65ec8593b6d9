/* bits - numbers in as many bits as they take, packed
 *
 * Bits fill bytes from the low end. Past the end the reader takes zeros, and
 * knows that it did.
 */
#ifndef LEDGER_BITS_H
#define LEDGER_BITS_H

#include "base/text.h"

/* {.text = t} begins after what is in t; bits_end before t is looked at. */
struct bits_out {
	struct text *text;
	uint64_t v;
	unsigned n;
};

/* {.left = packed}; what is_damaged has taken means nothing. */
struct bits_in {
	struct str left;
	uint64_t v;
	unsigned n;
	bool is_damaged;
};

enum {
	BITS_LENGTH = 5, /* of a number's length; the greatest says 32 bits */
	BITS_LONG = (1 << BITS_LENGTH) - 1,
};

/* The lower n bits, at most 32; the others are 0. */
static inline void
bits_put(struct bits_out *b, uint32_t v, unsigned n)
{
	b->v |= (uint64_t)v << b->n;
	for (b->n += n; b->n >= 8; b->n -= 8, b->v >>= 8)
		text_char(b->text, (char)b->v);
}

/* A number that may be small: its length, then what follows its leading 1. */
static inline void
bits_put_number(struct bits_out *b, uint32_t v)
{
	unsigned n = v ? 32 - (unsigned)__builtin_clz(v) : 0;

	bits_put(b, n < BITS_LONG ? n : BITS_LONG, BITS_LENGTH);
	if (n >= BITS_LONG)
		bits_put(b, v, 32);
	else if (n > 1)
		bits_put(b, v & ((1u << (n - 1)) - 1), n - 1);
}

/* So many zeros, and a one. */
static inline void
bits_put_zeros(struct bits_out *b, uint32_t zeros)
{
	for (; zeros >= 32; zeros -= 32)
		bits_put(b, 0, 32);
	bits_put(b, 0, zeros);
	bits_put(b, 1, 1);
}

/* The last byte is filled with zeros. */
static inline void
bits_end(struct bits_out *b)
{
	if (b->n > 0)
		bits_put(b, 0, 8 - b->n);
}

static inline void
bits_fill(struct bits_in *b)
{
	for (; b->n <= 56 && b->left.n > 0; b->left = str_skip(b->left, 1)) {
		b->v |= (uint64_t)(uint8_t)*b->left.p << b->n;
		b->n += 8;
	}
}

static inline uint32_t
bits_take(struct bits_in *b, unsigned n)
{
	if (b->n < n)
		bits_fill(b);
	if (b->n < n) {
		b->is_damaged = true;
		b->v = 0;
		b->n = 0;
		return 0;
	}
	uint32_t v = (uint32_t)(b->v & ((1ull << n) - 1));

	b->v >>= n;
	b->n -= n;
	return v;
}

static inline uint32_t
bits_take_number(struct bits_in *b)
{
	unsigned n = bits_take(b, BITS_LENGTH);

	if (n == BITS_LONG)
		return bits_take(b, 32);
	return n == 0 ? 0 : 1u << (n - 1) | bits_take(b, n - 1);
}

/* Of at most max; more is damage. */
static inline uint32_t
bits_take_zeros(struct bits_in *b, uint32_t max)
{
	uint32_t zeros = 0;

	for (bits_fill(b); b->v == 0 && b->n > 0 && zeros <= max;
	     bits_fill(b)) {
		zeros += b->n;
		b->n = 0;
	}
	unsigned run = b->v ? (unsigned)__builtin_ctzll(b->v) : 0;

	zeros += run;
	b->is_damaged |= b->v == 0 || zeros > max;
	b->n -= b->v ? run + 1 : 0;
	b->v = b->v >> run >> 1;
	return zeros;
}

/* What follows the last byte that bits were taken of; what fills that must be
 * zeros. */
static inline struct str
bits_rest(struct bits_in *b)
{
	unsigned ahead = b->n / 8;

	if (b->v & ((1u << b->n % 8) - 1))
		b->is_damaged = true;
	return str_make(b->left.p - ahead, b->left.n + ahead);
}

#endif
