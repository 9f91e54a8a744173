/* Random numbers as a function of (seed, key, epoch, purpose): Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3") with key and counter from an XXH3-128 of the four.  They do not depend on the order of records, threads or
 * shards. */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include "core/buf.h"

#include <stdint.h>

struct rng {
	uint32_t key[2];
	uint32_t counter[4];
	uint32_t block[4]; /* generated numbers, of which `left` are unused */
	unsigned left;
};

/* purpose: what the numbers are for ("autoaugment"), so that different uses get different numbers. */
struct rng rng_for(uint64_t seed, struct span key, uint64_t epoch, const char *purpose);

uint32_t rng_u32(struct rng *rng);
uint64_t rng_u64(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t n); /* 0..n-1, unbiased; n >= 1 */
float rng_uniform(struct rng *rng);              /* [0, 1), 24 bits */
/* The same numbers as `count` calls of rng_uniform, in less than half the time. */
void rng_uniforms(struct rng *rng, float *out, size_t count);
float rng_normal(struct rng *rng);               /* N(0, 1), Box-Muller */

#endif
