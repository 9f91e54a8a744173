/* Weights are split into three signed bytes, weight = high * 2^16 + middle * 2^8 + low, because vpdpbusd multiplies four unsigned bytes by
 * four signed ones and adds them exactly.  The three sums are combined in 32 bits, so they equal those of the plain kernel bit for bit. */
#include "image/resize_axis.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vnni")))

static bool is_supported(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
}

static int32_t low_byte(int32_t number)
{
	return (int8_t)(uint8_t)number;
}

static uint32_t byte_of(int32_t number, unsigned place)
{
	return (uint32_t)(uint8_t)number << (8 * place);
}

/* For each four taps: their low, middle and high bytes; the fourth number is unused. */
static void pack(struct resize_axis *axis)
{
	for (size_t i = 0; i < axis->geometry.count * axis->taps; i += 4) {
		uint32_t *packed = axis->packed + i;

		memset(packed, 0, 4 * sizeof *packed);
		for (unsigned tap = 0; tap < 4; tap++) {
			int32_t weight = axis->weights[i + tap];
			int32_t rest = (weight - low_byte(weight)) >> 8;
			packed[0] |= byte_of(weight, tap);
			packed[1] |= byte_of(rest, tap);
			packed[2] |= byte_of((rest - low_byte(rest)) >> 8, tap);
		}
	}
}

struct sums {
	__m512i low, middle, high;
};

AVX512 static inline struct sums sums_start(void)
{
	return (struct sums){ _mm512_set1_epi32(1 << (RESIZE_BITS - 1)), _mm512_setzero_si512(), _mm512_setzero_si512() };
}

AVX512 static inline void sums_add(struct sums *sums, __m512i pixels, const uint32_t *packed)
{
	sums->low = _mm512_dpbusd_epi32(sums->low, pixels, _mm512_set1_epi32((int)packed[0]));
	sums->middle = _mm512_dpbusd_epi32(sums->middle, pixels, _mm512_set1_epi32((int)packed[1]));
	sums->high = _mm512_dpbusd_epi32(sums->high, pixels, _mm512_set1_epi32((int)packed[2]));
}

AVX512 static inline __m512i sums_join(struct sums sums)
{
	__m512i sum = _mm512_add_epi32(_mm512_slli_epi32(sums.high, 8), sums.middle);

	return _mm512_srai_epi32(_mm512_add_epi32(_mm512_slli_epi32(sum, 8), sums.low), RESIZE_BITS);
}

/* Four results are computed at a time, one in each quarter of a register, in bands of rows, so that weights are arranged once for each
 * band.  If the pixels of the four are close together, a group of taps of all four is one read of 64 bytes and one vpermb; otherwise
 * it is four reads of 16 bytes.  Nothing after a row is read. */
enum { RESULTS = 4, BAND = 32, WINDOW = 64, MOST_GROUPS = 32, GROUP_BYTES = 3 * RESIZE_TAP_GROUP };

struct block {
	size_t window;        /* the byte of a row at which the first group's window begins */
	size_t from[RESULTS]; /* the byte of a row at which each result's first pixel begins */
	__m512i order;        /* which bytes of the window are the pixels, in each quarter: rrrr gggg bbbb 0000 */
	__m512i weights[MOST_GROUPS][3];
};

/* Broadcasts each of four numbers to its quarter. */
AVX512 static inline __m512i to_quarters(const uint32_t four[RESULTS])
{
	const __m512i each = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);

	return _mm512_permutexvar_epi32(each, _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)four)));
}

AVX512 static inline __m512i in_quarters(__m128i bytes)
{
	return _mm512_broadcast_i32x4(bytes);
}

AVX512 static void block_set(struct block *block, const struct resize_axis *axis, size_t x, bool close)
{
	const size_t groups = axis->taps / RESIZE_TAP_GROUP;
	uint32_t four[RESULTS];

	for (size_t i = 0; i < RESULTS; i++)
		block->from[i] = 3 * (size_t)axis->from[x + i];
	block->window = block->from[0];
	block->order = _mm512_setzero_si512();
	if (close) {
		const size_t last_window = 3 * axis->geometry.have - WINDOW - GROUP_BYTES * (groups - 1);
		block->window = block->window < last_window ? block->window : last_window;
		for (size_t i = 0; i < RESULTS; i++)
			four[i] = 0x01010101u * (uint32_t)(block->from[i] - block->window);
		block->order =
			_mm512_add_epi8(to_quarters(four), in_quarters(_mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 0, 0, 0, 0)));
	}
	for (size_t group = 0; group < groups; group++)
		for (size_t part = 0; part < 3; part++) {
			for (size_t i = 0; i < RESULTS; i++)
				four[i] = axis->packed[(x + i) * axis->taps + RESIZE_TAP_GROUP * group + part];
			block->weights[group][part] = to_quarters(four);
		}
}

AVX512 static inline __m128i sixteen(const unsigned char *from)
{
	return _mm_loadu_si128((const __m128i *)(const void *)from);
}

/* The four taps of a group for all results.  Groups except the first are read 4 bytes earlier, so that
 * nothing after the last tap is read. */
AVX512 static inline __m512i separate_reads(const struct block *block, const unsigned char *row, size_t group)
{
	const __m512i first = in_quarters(_mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1));
	const __m512i later = in_quarters(_mm_setr_epi8(4, 7, 10, 13, 5, 8, 11, 14, 6, 9, 12, 15, -1, -1, -1, -1));
	const unsigned char *at = row + GROUP_BYTES * group - (group ? 4 : 0);
	__m512i pixels = _mm512_castsi128_si512(sixteen(at + block->from[0]));

	pixels = _mm512_inserti32x4(pixels, sixteen(at + block->from[1]), 1);
	pixels = _mm512_inserti32x4(pixels, sixteen(at + block->from[2]), 2);
	pixels = _mm512_inserti32x4(pixels, sixteen(at + block->from[3]), 3);
	return _mm512_shuffle_epi8(pixels, group ? later : first);
}

/* Four results of each row: the first 12 of 16 bytes. */
AVX512 static inline __m128i four_results(const struct block *block, const unsigned char *row, size_t groups, bool close)
{
	const __m128i close_up = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
	struct sums sums = sums_start();

	for (size_t group = 0; group < groups; group++) {
		__m512i pixels =
			close ? _mm512_permutexvar_epi8(block->order, _mm512_loadu_si512(row + block->window + GROUP_BYTES * group))
			      : separate_reads(block, row, group);
		sums.low = _mm512_dpbusd_epi32(sums.low, pixels, block->weights[group][0]);
		sums.middle = _mm512_dpbusd_epi32(sums.middle, pixels, block->weights[group][1]);
		sums.high = _mm512_dpbusd_epi32(sums.high, pixels, block->weights[group][2]);
	}
	__m128i results = _mm512_cvtusepi32_epi8(_mm512_max_epi32(sums_join(sums), _mm512_setzero_si512()));
	return _mm_shuffle_epi8(results, close_up);
}

AVX512 static inline __attribute__((always_inline)) void block_run(
	const struct block *block, struct resize_view from, unsigned char *to, size_t stride, size_t groups, bool close)
{
	for (size_t y = 0; y < from.height; y++, to += stride)
		_mm_mask_storeu_epi8(to, 0xFFF, four_results(block, from.pixels + y * from.stride, groups, close));
}

/* Whether 64 bytes contain a group of taps for each of the four results computed together. */
static bool results_are_close(const struct resize_axis *axis)
{
	if (3 * axis->geometry.have < WINDOW + GROUP_BYTES * (axis->taps / RESIZE_TAP_GROUP - 1))
		return false;
	for (size_t x = 0; x + RESULTS <= axis->geometry.count; x++)
		if (3 * (axis->from[x + RESULTS - 1] - axis->from[x]) + GROUP_BYTES > WINDOW)
			return false;
	return true;
}

AVX512 static void horizontal(const struct resize_axis *axis, struct resize_view from, unsigned char *to, size_t stride)
{
	const size_t count = axis->geometry.count, groups = axis->taps / RESIZE_TAP_GROUP;
	const bool close = results_are_close(axis);
	struct block block;

	if (count < RESULTS || groups > MOST_GROUPS) {
		resize_kernel_plain.horizontal(axis, from, to, stride);
		return;
	}
	for (size_t y = 0; y < from.height; y += BAND)
		for (size_t next = 0; next < count; next += RESULTS) {
			const size_t x = next + RESULTS <= count ? next : count - RESULTS; /* the last ones; some are computed twice */
			const struct resize_view band = { from.pixels + y * from.stride, from.stride, from.width,
				from.height - y < BAND ? from.height - y : BAND };
			unsigned char *out = to + y * stride + 3 * x;

			block_set(&block, axis, x, close);
			if (close && groups == 2)
				block_run(&block, band, out, stride, 2, true);
			else if (close && groups == 3)
				block_run(&block, band, out, stride, 3, true);
			else if (close)
				block_run(&block, band, out, stride, groups, true);
			else
				block_run(&block, band, out, stride, groups, false);
		}
}

/* 64 bytes of the result from `from` on. */
AVX512 static inline void vertical_64(const unsigned char *from, size_t stride, const uint32_t *packed, size_t taps, unsigned char *to)
{
	struct sums sums[4] = { sums_start(), sums_start(), sums_start(), sums_start() };

	for (size_t tap = 0; tap < taps; tap += 4, from += 4 * stride) {
		__m512i row0 = _mm512_loadu_si512(from), row1 = _mm512_loadu_si512(from + stride);
		__m512i row2 = _mm512_loadu_si512(from + 2 * stride), row3 = _mm512_loadu_si512(from + 3 * stride);
		__m512i low01 = _mm512_unpacklo_epi8(row0, row1), high01 = _mm512_unpackhi_epi8(row0, row1);
		__m512i low23 = _mm512_unpacklo_epi8(row2, row3), high23 = _mm512_unpackhi_epi8(row2, row3);

		sums_add(&sums[0], _mm512_unpacklo_epi16(low01, low23), packed + tap);
		sums_add(&sums[1], _mm512_unpackhi_epi16(low01, low23), packed + tap);
		sums_add(&sums[2], _mm512_unpacklo_epi16(high01, high23), packed + tap);
		sums_add(&sums[3], _mm512_unpackhi_epi16(high01, high23), packed + tap);
	}
	__m512i low = _mm512_packs_epi32(sums_join(sums[0]), sums_join(sums[1]));
	__m512i high = _mm512_packs_epi32(sums_join(sums[2]), sums_join(sums[3]));
	_mm512_storeu_si512(to, _mm512_packus_epi16(low, high));
}

AVX512 static void vertical(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to)
{
	const size_t bytes = 3 * from.width;
	const unsigned char *top = from.pixels + axis->from[result] * from.stride;
	const uint32_t *packed = axis->packed + result * axis->taps;

	for (size_t i = 0; i + 64 <= bytes; i += 64)
		vertical_64(top + i, from.stride, packed, axis->taps, to + i);
	if (bytes % 64) /* the last ones; some are computed twice */
		vertical_64(top + bytes - 64, from.stride, packed, axis->taps, to + bytes - 64);
}

const struct resize_kernel resize_kernel_avx512 = {
	.name = "avx512",
	.is_supported = is_supported,
	.pack = pack,
	.horizontal = horizontal,
	.vertical = vertical,
};
#endif
