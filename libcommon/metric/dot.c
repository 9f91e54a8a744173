#include "metric/dot.h"

enum { LANES = 16 };

/* 2 flops for 8 bytes from the cache.  Contraction is off, so that wider registers change the speed and not the sum. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

WIDE float dot(const float *a, const float *b, size_t n)
{
	float sums[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += a[i + lane] * b[i + lane];
	for (size_t lane = 0; i + lane < n; lane++)
		sums[lane] += a[i + lane] * b[i + lane];
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

WIDE float square_distance(const float *a, const float *b, size_t n)
{
	float sums[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += (a[i + lane] - b[i + lane]) * (a[i + lane] - b[i + lane]);
	for (size_t lane = 0; i + lane < n; lane++)
		sums[lane] += (a[i + lane] - b[i + lane]) * (a[i + lane] - b[i + lane]);
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}
