#include "core/rng.h"

#define XXH_INLINE_ALL
#include <math.h>
#include <string.h>
#include <xxhash.h>

static void philox_round(uint32_t counter[4], const uint32_t key[2])
{
	uint64_t a = (uint64_t)0xD2511F53u * counter[0];
	uint64_t b = (uint64_t)0xCD9E8D57u * counter[2];
	uint32_t next[4] = { (uint32_t)(b >> 32) ^ counter[1] ^ key[0], (uint32_t)b,
		(uint32_t)(a >> 32) ^ counter[3] ^ key[1], (uint32_t)a };

	memcpy(counter, next, sizeof next);
}

static void philox(struct rng *rng)
{
	uint32_t key[2] = { rng->key[0], rng->key[1] };

	memcpy(rng->block, rng->counter, sizeof rng->block);
	for (int round = 0; round < 10; round++) {
		philox_round(rng->block, key);
		key[0] += 0x9E3779B9u;
		key[1] += 0xBB67AE85u;
	}
	rng->left = 4;
	for (int i = 0; i < 4 && ++rng->counter[i] == 0; i++)
		;
}

static uint64_t hash_of(const char *purpose)
{
	return XXH3_64bits(purpose, strlen(purpose));
}

struct rng rng_for(uint64_t seed, struct span key, uint64_t epoch, const char *purpose)
{
	const uint64_t words[3] = { seed, epoch, hash_of(purpose) };
	XXH128_hash_t hash = XXH3_128bits_withSeed(key.size ? key.data : (const unsigned char *)"", key.size,
		XXH3_64bits(words, sizeof words));
	struct rng rng = { 0 };

	memcpy(rng.key, &hash.low64, sizeof rng.key);
	memcpy(rng.counter + 2, &hash.high64, sizeof hash.high64);
	return rng;
}

uint32_t rng_u32(struct rng *rng)
{
	if (rng->left == 0)
		philox(rng);
	return rng->block[--rng->left];
}

uint64_t rng_u64(struct rng *rng)
{
	uint64_t high = rng_u32(rng);

	return high << 32 | rng_u32(rng);
}

/* Lemire 2019: the high half of a product is uniform once the few low halves that wrap unevenly are thrown away. */
uint32_t rng_below(struct rng *rng, uint32_t n)
{
	uint64_t product = (uint64_t)rng_u32(rng) * n;

	if ((uint32_t)product < n) {
		uint32_t uneven = (uint32_t)-n % n;
		while ((uint32_t)product < uneven)
			product = (uint64_t)rng_u32(rng) * n;
	}
	return (uint32_t)(product >> 32);
}

float rng_uniform(struct rng *rng)
{
	return (float)(rng_u32(rng) >> 8) * 0x1p-24f;
}

float rng_normal(struct rng *rng)
{
	float radius = sqrtf(-2 * logf(1 - rng_uniform(rng))); /* 1 - u is in (0, 1] */

	return radius * cosf(6.28318530718f * rng_uniform(rng));
}
