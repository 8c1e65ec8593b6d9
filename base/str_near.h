/* str_near - the first of a byte that mostly is near */
#ifndef BASE_STR_NEAR_H
#define BASE_STR_NEAR_H

#include <endian.h>

#include "base/str.h"

/* The first c among the eight bytes at p; NULL when absent. */
static inline const char *
str_near8(const char *p, char c)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	memcpy(&w, p, 8);
	w = le64toh(w) ^ ones * (unsigned char)c;
	/* The lowest bit that is set is a byte of zero. */
	w = (w - ones) & ~w & 0x80 * ones;
	return w ? p + (__builtin_ctzll(w) >> 3) : NULL;
}

/* The first c in [p, end), which mostly is among the next bytes: a call of
 * memchr costs more than a look at eight of them. NULL when absent. */
static inline const char *
str_near(const char *p, const char *end, char c)
{
	for (int i = 0; i < 3 && end - p >= 8; i++, p += 8) {
		const char *at = str_near8(p, c);

		if (at)
			return at;
	}
	return p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
}

#endif
