/* test_draw - chance for unit tests, the same in every run */
#ifndef BASE_TEST_DRAW_H
#define BASE_TEST_DRAW_H

#include <stdint.h>

/* 0 to below - 1. Knuth's MMIX generator, of which the upper bits are good. */
static inline uint32_t
draw(uint32_t below)
{
	static uint64_t state = 3;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 33) % below);
}

#endif
