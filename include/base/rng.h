/*
 * Random numbers from a seed: the same seed gives the same plan on every machine and
 * in every version (xoshiro256**, seeded by splitmix64; Blackman and Vigna,
 * https://prng.di.unimi.it/).  Not for secrets.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t bound); /* 0 ≤ x < bound, unbiased */
double rng_between(struct rng *rng, double low, double high);

/* From the system's entropy, for choosing a seed when none was given. */
uint64_t rng_fresh_seed(void);

#endif
