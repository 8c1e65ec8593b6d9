/* bytes - numbers of so many bytes, the most significant first */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* The lowest n bytes of v; n at most 8. */
static inline void
bytes_put(void *to, size_t n, uint64_t v)
{
	uint8_t *p = to;

	while (n > 0) {
		p[--n] = (uint8_t)v;
		v >>= 8;
	}
}

static inline uint64_t
bytes_get(const void *from, size_t n)
{
	const uint8_t *p = from;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

#endif
