/* rng - chance that is the same in every run: splitmix64 and a few shapes */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *r);
/* A stream of its own, from a seed and what it is for. */
struct rng rng_for(uint64_t seed, uint64_t purpose);
/* A 64-bit mixer, for what must depend on a number alone. */
uint64_t rng_mix(uint64_t h);

double rng_unit(struct rng *r);		       /* [0, 1) */
unsigned rng_below(struct rng *r, unsigned n); /* 0 .. n-1; n > 0 */
double rng_between(struct rng *r, double low, double high);
bool rng_chance(struct rng *r, double p);
double rng_exp(struct rng *r, double mean);
/* Median m, spread s (the deviation of its logarithm). */
double rng_lognormal(struct rng *r, double m, double s);
unsigned rng_poisson(struct rng *r, double mean);

#endif
