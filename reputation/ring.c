/* ring - which of several a key goes to, always the same one */
#include "reputation/ring.h"

#include <math.h>

/* The finalizer of splitmix64: every bit depends on every bit. */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* FNV-1a, mixed: its upper bits are poor for short keys. */
uint64_t
ring_hash(struct str key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (uint8_t)key.p[i]) * 0x100000001b3u;
	return mix(h);
}

/* -weight / log(u), u in (0, 1): the greatest of these is member i's with a
 * probability proportional to its weight. */
static double
score(const struct ring_member *m, uint64_t key)
{
	uint64_t h = mix(m->id ^ mix(key));
	double u = ((double)(h >> 11) + 0.5) / 9007199254740992.0;

	return -m->weight / log(u);
}

size_t
ring_choose(const struct ring_member *v, size_t n, uint64_t key)
{
	size_t best = SIZE_MAX;
	double most = 0;

	for (size_t i = 0; i < n; i++) {
		double s = v[i].weight > 0 ? score(&v[i], key) : 0;

		if (s > most) {
			most = s;
			best = i;
		}
	}
	return best;
}
