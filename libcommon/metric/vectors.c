#include "metric/vectors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

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

struct hashed {
	uint64_t hash;
	size_t row;
};

static int compare(const void *a, const void *b)
{
	const struct hashed *one = a, *other = b;

	if (one->hash != other->hash)
		return one->hash < other->hash ? -1 : 1;
	return one->row < other->row ? -1 : one->row > other->row;
}

int vectors_repeats(const float *rows, size_t n, size_t width, struct repeats *repeats, struct err *err)
{
	const size_t bytes = width * sizeof *rows;
	struct hashed *hashed = calloc(n + 1, sizeof *hashed);

	*repeats = (struct repeats){ 0 };
	if (!hashed)
		return err_memory(err);
	for (size_t i = 0; i < n; i++)
		hashed[i] = (struct hashed){ XXH3_64bits(rows + i * width, bytes), i };
	qsort(hashed, n, sizeof *hashed, compare);
	for (size_t i = 1; i < n; i++) {
		const size_t row = hashed[i].row, earlier = hashed[i - 1].row;
		if (hashed[i].hash != hashed[i - 1].hash || memcmp(rows + row * width, rows + earlier * width, bytes) != 0)
			continue;
		if (repeats->count++ == 0 || row < repeats->row)
			*repeats = (struct repeats){ repeats->count, row, earlier };
	}
	free(hashed);
	return 0;
}
