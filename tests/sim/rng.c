/* rng - chance that is the same in every run: splitmix64 and a few shapes */
#include "tests/sim/rng.h"

#include <math.h>

uint64_t
rng_mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

uint64_t
rng_next(struct rng *r)
{
	r->state += UINT64_C(0x9e3779b97f4a7c15);
	return rng_mix(r->state);
}

struct rng
rng_for(uint64_t seed, uint64_t purpose)
{
	return (struct rng){rng_mix(
	    seed * UINT64_C(0xd1342543de82ef95) + rng_mix(purpose + 1))};
}

double
rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) / 9007199254740992.0;
}

unsigned
rng_below(struct rng *r, unsigned n)
{
	return (unsigned)(rng_next(r) % n);
}

double
rng_between(struct rng *r, double low, double high)
{
	return low + rng_unit(r) * (high - low);
}

bool
rng_chance(struct rng *r, double p)
{
	return rng_unit(r) < p;
}

double
rng_exp(struct rng *r, double mean)
{
	return -mean * log(1.0 - rng_unit(r));
}

double
rng_lognormal(struct rng *r, double m, double s)
{
	double u = 1.0 - rng_unit(r), v = rng_unit(r);

	return m * exp(s * sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v));
}

unsigned
rng_poisson(struct rng *r, double mean)
{
	double sum = 0;
	unsigned n = 0;

	while ((sum += rng_exp(r, 1.0)) < mean)
		n++;
	return n;
}
