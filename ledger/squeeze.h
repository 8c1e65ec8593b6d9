/* squeeze - sorted numbers in hardly more bits than they tell
 *
 * Of n random numbers of 24 bits each is told by how far it is from the one
 * before it: Rice's code, whose parameter follows from n. A hundred take 2.4
 * bytes each, a thousand 1.9, instead of three.
 */
#ifndef LEDGER_SQUEEZE_H
#define LEDGER_SQUEEZE_H

#include <endian.h>

#include "base/text.h"

enum { SQUEEZE_NUMBER = 3 }; /* bytes, the high one first */

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

/* Each number is more than the one before it. */
void squeeze_pack(const uint8_t *v, size_t n, struct text *out);
/* n of them again; steps over what it took. False: damaged. */
bool squeeze_take(struct str *in, uint8_t *v, size_t n);

#endif
