/* squeeze - sorted numbers in hardly more bits than they tell
 *
 * A number is its distance to the next that could have been there: the upper
 * bits as so many zeros and a one, then the lower ones. Bits fill bytes from
 * the low end.
 */
#include "ledger/squeeze.h"

enum { BITS = 24 };

struct bits {
	uint64_t v;
	unsigned n;
};

/* How many of a distance's bits are written as they are: so that the others,
 * of n numbers spread evenly, are mostly 0. */
static unsigned
low_bits(size_t n)
{
	unsigned used = 0;

	while (n >> used > 1 && used < BITS - 1)
		used++;
	return BITS - 1 - used;
}

/* At most 24 at once. */
static void
put_bits(struct bits *b, uint32_t v, unsigned n, struct text *out)
{
	b->v |= (uint64_t)v << b->n;
	for (b->n += n; b->n >= 8; b->n -= 8, b->v >>= 8)
		text_char(out, (char)b->v);
}

void
squeeze_pack(const uint8_t *v, size_t n, struct text *out)
{
	const unsigned low = low_bits(n);
	struct bits b = {0};
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t number = squeeze_get(v, i), far = number - next;

		for (uint32_t zeros = far >> low; zeros > 0;) {
			uint32_t some = zeros > BITS ? BITS : zeros;

			put_bits(&b, 0, some, out);
			zeros -= some;
		}
		put_bits(&b, 1, 1, out);
		put_bits(&b, far & ((1u << low) - 1), low, out);
		next = number + 1;
	}
	if (b.n > 0)
		text_char(out, (char)b.v);
}

static void
fill(struct bits *b, struct str *in)
{
	for (; b->n <= 56 && in->n > 0; *in = str_skip(*in, 1)) {
		b->v |= (uint64_t)(uint8_t)*in->p << b->n;
		b->n += 8;
	}
}

static bool
take_zeros(struct bits *b, struct str *in, uint32_t max, uint32_t *zeros)
{
	*zeros = 0;
	for (;;) {
		fill(b, in);
		unsigned run = b->v ? (unsigned)__builtin_ctzll(b->v) : b->n;

		*zeros += run;
		if (*zeros > max || b->n == 0)
			return false;
		b->n -= run;
		b->v = run < 64 ? b->v >> run : 0;
		if (b->v == 0)
			continue;
		b->v >>= 1;
		b->n--;
		return true;
	}
}

bool
squeeze_take(struct str *in, uint8_t *v, size_t n)
{
	const unsigned low = low_bits(n);
	struct bits b = {0};
	struct str left = *in;
	uint32_t next = 0, zeros;

	for (size_t i = 0; i < n; i++) {
		if (!take_zeros(&b, &left, 1u << (BITS - low), &zeros))
			return false;
		fill(&b, &left);
		if (b.n < low)
			return false;
		uint64_t number =
		    next + ((uint64_t)zeros << low) + (b.v & ((1u << low) - 1));

		if (number >> BITS)
			return false;
		b.v >>= low;
		b.n -= low;
		squeeze_put(v, i, (uint32_t)number);
		next = (uint32_t)number + 1;
	}
	/* Whole bytes beyond the last bit were read ahead. */
	*in = str_make(left.p - b.n / 8, left.n + b.n / 8);
	return true;
}
