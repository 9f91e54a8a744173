/* Weights are split into 16-bit halves, weight = high * 2^16 + low, because vpmaddwd multiplies and adds pairs of 16-bit numbers exactly.
 * The halves are combined in 32 bits, so the sums equal those of the plain kernel bit for bit. */
#include "image/resize_axis.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

static bool is_supported(void)
{
	return __builtin_cpu_supports("avx2");
}

static uint32_t pair(int32_t first, int32_t second)
{
	return (uint32_t)(uint16_t)first | (uint32_t)(uint16_t)second << 16;
}

static int32_t low_half(int32_t weight)
{
	return (int16_t)(uint16_t)weight;
}

static int32_t high_half(int32_t weight)
{
	return (weight - low_half(weight)) >> 16;
}

/* For each two taps: the pair of low halves, the pair of high halves. */
static void pack(struct resize_axis *axis)
{
	for (size_t i = 0; i < axis->geometry.count * axis->taps; i += 2) {
		const int32_t *two = axis->weights + i;
		axis->packed[i] = pair(low_half(two[0]), low_half(two[1]));
		axis->packed[i + 1] = pair(high_half(two[0]), high_half(two[1]));
	}
}

/* Sums of products with the low and with the high halves. */
struct sums {
	__m256i low, high;
};

AVX2 static inline struct sums sums_start(void)
{
	return (struct sums){ _mm256_set1_epi32(1 << (RESIZE_BITS - 1)), _mm256_setzero_si256() };
}

AVX2 static inline __m256i broadcast(uint32_t pair_of_halves)
{
	return _mm256_set1_epi32((int)pair_of_halves);
}

AVX2 static inline void sums_add(struct sums *sums, __m256i pixels, __m256i low, __m256i high)
{
	sums->low = _mm256_add_epi32(sums->low, _mm256_madd_epi16(pixels, low));
	sums->high = _mm256_add_epi32(sums->high, _mm256_madd_epi16(pixels, high));
}

AVX2 static inline __m256i sums_join(struct sums sums)
{
	return _mm256_srai_epi32(_mm256_add_epi32(sums.low, _mm256_slli_epi32(sums.high, 16)), RESIZE_BITS);
}

/* Four rows are processed at a time, two in each register: one in the lower half, one in the upper. */
struct four_rows {
	const unsigned char *row[4];
};

AVX2 static inline __m256i two_rows(const unsigned char *lower, const unsigned char *upper)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)lower)),
		_mm_loadu_si128((const __m128i *)(const void *)upper), 1);
}

/* Four taps of four rows: 12 bytes each, `skip` bytes after `at`; 16 bytes are read. */
AVX2 static inline void add_four_taps(struct sums sums[2], const struct four_rows *rows, size_t at, int skip, const uint32_t *packed)
{
	/* Converts bytes rgbrgbrgbrgb to 16-bit numbers rr gg bb of taps 0 and 1, and of taps 2 and 3. */
	const __m256i shift = _mm256_set1_epi16((short)skip);
	const __m256i first = _mm256_add_epi8(shift, _mm256_setr_epi8(0, -64, 3, -64, 1, -64, 4, -64, 2, -64, 5, -64, -64, -64, -64, -64, 0,
							     -64, 3, -64, 1, -64, 4, -64, 2, -64, 5, -64, -64, -64, -64, -64));
	const __m256i second = _mm256_add_epi8(first, _mm256_set1_epi16(6));
	const __m256i low01 = broadcast(packed[0]), high01 = broadcast(packed[1]);
	const __m256i low23 = broadcast(packed[2]), high23 = broadcast(packed[3]);

	for (int i = 0; i < 2; i++) {
		__m256i pixels = two_rows(rows->row[2 * i] + at, rows->row[2 * i + 1] + at);
		sums_add(&sums[i], _mm256_shuffle_epi8(pixels, first), low01, high01);
		sums_add(&sums[i], _mm256_shuffle_epi8(pixels, second), low23, high23);
	}
}

/* One result of four rows, in the first four bytes of each quarter of half a register: rows 0, 2 | 1, 3.
 * All groups of taps except the first are read 4 bytes earlier, so that
 * nothing after the last tap is read. */
AVX2 static inline __m256i four_results(const struct four_rows *rows, size_t at, const uint32_t *packed, size_t taps)
{
	struct sums sums[2] = { sums_start(), sums_start() };

	add_four_taps(sums, rows, at, 0, packed);
	for (size_t tap = 4; tap < taps; tap += 4)
		add_four_taps(sums, rows, at + 3 * tap - 4, 4, packed + tap);
	__m256i words = _mm256_packs_epi32(sums_join(sums[0]), sums_join(sums[1]));
	return _mm256_packus_epi16(words, words);
}

AVX2 static inline void store_four(unsigned char *const to[4], size_t at, __m256i results, size_t bytes)
{
	const uint64_t even = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(results));
	const uint64_t odd = (uint64_t)_mm_cvtsi128_si64(_mm256_extracti128_si256(results, 1));
	const uint32_t pixels[4] = { (uint32_t)even, (uint32_t)odd, (uint32_t)(even >> 32), (uint32_t)(odd >> 32) };

	for (int i = 0; i < 4; i++)
		memcpy(to[i] + at, &pixels[i], bytes);
}

AVX2 static void horizontal(const struct resize_axis *axis, struct resize_view from, unsigned char *to, size_t stride)
{
	const size_t last = axis->geometry.count - 1, taps = axis->taps;
	const uint32_t *const start = axis->from, *const packed = axis->packed;

	for (size_t y = 0; y < from.height; y += 4) {
		struct four_rows rows;
		unsigned char *out[4];

		for (size_t i = 0; i < 4; i++) { /* repeat the last row if there are too few */
			size_t row = y + i < from.height ? y + i : from.height - 1;
			rows.row[i] = from.pixels + row * from.stride;
			out[i] = to + row * stride;
		}
		for (size_t x = 0; x < last; x++) /* the fourth byte is overwritten by the next pixel */
			store_four(out, 3 * x, four_results(&rows, 3 * (size_t)start[x], packed + x * taps, taps), 4);
		store_four(out, 3 * last, four_results(&rows, 3 * (size_t)start[last], packed + last * taps, taps), 3);
	}
}

/* 32 bytes of the result from `from` on. */
AVX2 static inline void vertical_32(const unsigned char *from, size_t stride, const uint32_t *packed, size_t taps, unsigned char *to)
{
	const __m256i zero = _mm256_setzero_si256();
	struct sums sums[4] = { sums_start(), sums_start(), sums_start(), sums_start() };

	for (size_t tap = 0; tap < taps; tap += 2, from += 2 * stride) {
		__m256i upper = _mm256_loadu_si256((const __m256i *)(const void *)from);
		__m256i lower = _mm256_loadu_si256((const __m256i *)(const void *)(from + stride));
		__m256i a = _mm256_unpacklo_epi8(upper, lower), b = _mm256_unpackhi_epi8(upper, lower);
		__m256i low = broadcast(packed[tap]), high = broadcast(packed[tap + 1]);

		sums_add(&sums[0], _mm256_unpacklo_epi8(a, zero), low, high);
		sums_add(&sums[1], _mm256_unpackhi_epi8(a, zero), low, high);
		sums_add(&sums[2], _mm256_unpacklo_epi8(b, zero), low, high);
		sums_add(&sums[3], _mm256_unpackhi_epi8(b, zero), low, high);
	}
	__m256i a = _mm256_packs_epi32(sums_join(sums[0]), sums_join(sums[1]));
	__m256i b = _mm256_packs_epi32(sums_join(sums[2]), sums_join(sums[3]));
	_mm256_storeu_si256((__m256i *)(void *)to, _mm256_packus_epi16(a, b));
}

AVX2 static void vertical(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to)
{
	const size_t bytes = 3 * from.width;
	const unsigned char *top = from.pixels + axis->from[result] * from.stride;
	const uint32_t *packed = axis->packed + result * axis->taps;

	for (size_t i = 0; i + 32 <= bytes; i += 32)
		vertical_32(top + i, from.stride, packed, axis->taps, to + i);
	if (bytes % 32) /* the last ones; some are computed twice */
		vertical_32(top + bytes - 32, from.stride, packed, axis->taps, to + bytes - 32);
}

const struct resize_kernel resize_kernel_avx2 = {
	.name = "avx2",
	.is_supported = is_supported,
	.pack = pack,
	.horizontal = horizontal,
	.vertical = vertical,
};
#endif
