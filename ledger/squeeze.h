/* squeeze - sorted numbers in hardly more bits than they tell
 *
 * Of n random numbers of so many bits each is told by how far it is from the
 * one before it: Rice's code, whose parameter follows from n. A hundred of 18
 * bits take 12.9 bits each, a thousand 9.6; that many numbers tell 12.8 and
 * 9.5.
 */
#ifndef LEDGER_SQUEEZE_H
#define LEDGER_SQUEEZE_H

#include <endian.h>

#include "ledger/bits.h"

enum {
	SQUEEZE_NUMBER = 3, /* bytes, the high one first */
	/* The bits of a number that are told, the upper ones: of whom an
	 * account knows, and of what format 5 of the books had of him. */
	SQUEEZE_BITS = 18,
	SQUEEZE_BITS_5 = 24,
};

static inline uint32_t
squeeze_get(const uint8_t *v, size_t i)
{
	v += i * SQUEEZE_NUMBER;
	return (uint32_t)v[0] << 16 | (uint32_t)v[1] << 8 | v[2];
}

/* The same in one load, where there is a byte before v. */
static inline uint32_t
squeeze_read(const uint8_t *v, size_t i)
{
	uint32_t w;

	memcpy(&w, v + i * SQUEEZE_NUMBER - 1, sizeof(w));
	return be32toh(w) & 0xffffff;
}

static inline void
squeeze_put(uint8_t *v, size_t i, uint32_t number)
{
	v += i * SQUEEZE_NUMBER;
	v[0] = (uint8_t)(number >> 16);
	v[1] = (uint8_t)(number >> 8);
	v[2] = (uint8_t)number;
}

/* Each number is more than the one before it, and its lower bits, which aren't
 * told, are 0. */
void squeeze_pack(const uint8_t *v, size_t n, struct bits_out *out);
/* n of them again. False: damaged. */
bool squeeze_take(struct bits_in *in, uint8_t *v, size_t n);
/* The same of what format 5 wrote, to the end of a byte; all bits are told. */
bool squeeze_take_5(struct str *in, uint8_t *v, size_t n);

#endif
