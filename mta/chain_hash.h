/* chain_hash - keyed 64-bit hashes that stay the same over restarts
 *
 * Recipients are kept as hashes only; who could make two of them collide could
 * hide one behind the other. So the seed comes from the installation's secret.
 */
#ifndef MTA_CHAIN_HASH_H
#define MTA_CHAIN_HASH_H

#include "base/str.h"

static inline uint64_t
chain_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Never 0. No factor is known to outsiders. */
STR_INLINE uint64_t
chain_hash_of(uint64_t seed, struct str s, bool is_folded)
{
	uint64_t other = (seed ^ 0xe7037ed1a0b428dbu) * 0x9e3779b97f4a7c15u;
	uint64_t h = seed ^ (s.n + 1) * 0x9e3779b97f4a7c15u;
	uint64_t w;
	size_t i = 0;

	for (; i + 8 < s.n; i += 8) {
		memcpy(&w, s.p + i, 8);
		h = chain_mix((is_folded ? str_fold8(w) : w) ^ other, h);
	}
	w = 0;
	if (s.n >= 8)
		memcpy(&w, s.p + s.n - 8, 8);
	else
		for (size_t k = 0; k < s.n; k++)
			w |= (uint64_t)(unsigned char)s.p[k] << 8 * k;
	w = is_folded ? str_fold8(w) : w;
	h = chain_mix(w ^ other, h ^ 0x8ebc6af09c88c6e3u);
	h = chain_mix(h ^ other, seed ^ 0x589965cc75374cc3u);
	return h ? h : 1;
}

/* ASCII case makes no difference. */
static inline uint64_t
chain_hash(uint64_t seed, struct str s)
{
	return chain_hash_of(seed, s, true);
}

/* Of a queue id, of which it does. */
static inline uint64_t
chain_hash_exact(uint64_t seed, struct str s)
{
	return chain_hash_of(seed, s, false);
}

#endif
