/* ledger_draw - chance for the ledger's tests, the same in every run */
#ifndef LEDGER_LEDGER_DRAW_H
#define LEDGER_LEDGER_DRAW_H

#include <stdint.h>

/* 0 to below - 1; xorshift. */
static inline uint64_t
draw(uint64_t below)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

#endif
