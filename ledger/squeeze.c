/* squeeze - sorted numbers in hardly more bits than they tell
 *
 * A number is its distance to the next that could have been there: the upper
 * bits as so many zeros and a one, then the lower ones.
 */
#include "ledger/squeeze.h"

enum { WHOLE = 8 * SQUEEZE_NUMBER };

/* How many of a distance's bits are written as they are: the most that are not
 * more than ln 2 times the mean distance takes, for which Rice's code is best.
 */
static unsigned
low_bits(size_t n)
{
	uint64_t most = (uint64_t)(0.6931 * (1 << SQUEEZE_BITS)) / (n ? n : 1);

	return most > 1 ? 63 - (unsigned)__builtin_clzll(most) : 0;
}

/* Half a bit less than that was written. */
static unsigned
low_bits_5(size_t n)
{
	unsigned used = 0;

	while (n >> used > 1 && used < SQUEEZE_BITS_5 - 1)
		used++;
	return SQUEEZE_BITS_5 - 1 - used;
}

void
squeeze_pack(const uint8_t *v, size_t n, struct bits_out *out)
{
	const unsigned low = low_bits(n), shift = WHOLE - SQUEEZE_BITS;
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t number = squeeze_get(v, i) >> shift;
		uint32_t far = number - next;

		bits_put_zeros(out, far >> low);
		bits_put(out, far & ((1u << low) - 1), low);
		next = number + 1;
	}
}

static bool
take(struct bits_in *in, uint8_t *v, size_t n, unsigned bits, unsigned low)
{
	uint64_t next = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t zeros = bits_take_zeros(in, 1u << (bits - low));
		uint64_t number =
		    next + ((uint64_t)zeros << low) + bits_take(in, low);

		if (in->is_damaged || number >> bits)
			return false;
		squeeze_put(v, i, (uint32_t)number << (WHOLE - bits));
		next = number + 1;
	}
	return true;
}

bool
squeeze_take(struct bits_in *in, uint8_t *v, size_t n)
{
	return take(in, v, n, SQUEEZE_BITS, low_bits(n));
}

bool
squeeze_take_5(struct str *in, uint8_t *v, size_t n)
{
	struct bits_in bits = {.left = *in};

	if (!take(&bits, v, n, SQUEEZE_BITS_5, low_bits_5(n)))
		return false;
	*in = bits_rest(&bits);
	return !bits.is_damaged;
}
