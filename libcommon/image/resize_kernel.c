#include "image/resize_kernel.h"

enum { STRIP = 96 };

static bool everywhere(void)
{
	return true;
}

static void nothing_to_pack(struct resize_axis *axis)
{
	(void)axis;
}

static unsigned char rounded(int32_t sum)
{
	sum = (sum + (1 << (RESIZE_BITS - 1))) >> RESIZE_BITS;
	return (unsigned char)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void horizontal_plain(const struct resize_axis *axis, struct resize_view from, unsigned char *to, size_t stride)
{
	for (size_t y = 0; y < from.height; y++, to += stride)
		for (size_t x = 0; x < axis->geometry.count; x++) {
			const unsigned char *pixel = from.pixels + y * from.stride + 3 * (size_t)axis->from[x];
			const int32_t *weights = axis->weights + x * axis->taps;
			int32_t red = 0, green = 0, blue = 0;

			for (size_t i = 0; i < axis->used[x]; i++, pixel += 3) {
				red += pixel[0] * weights[i];
				green += pixel[1] * weights[i];
				blue += pixel[2] * weights[i];
			}
			to[3 * x] = rounded(red);
			to[3 * x + 1] = rounded(green);
			to[3 * x + 2] = rounded(blue);
		}
}

/* In strips, so that the loop over a row of them becomes vector code. */
static void vertical_plain(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to)
{
	const unsigned char *top = from.pixels + axis->from[result] * from.stride;
	const int32_t *weights = axis->weights + result * axis->taps;
	const size_t bytes = 3 * from.width, used = axis->used[result];

	for (size_t start = 0; start < bytes; start += STRIP) {
		const size_t count = bytes - start < STRIP ? bytes - start : STRIP;
		int32_t sums[STRIP] = { 0 };

		for (size_t tap = 0; tap < used; tap++) {
			const unsigned char *row = top + tap * from.stride + start;
			for (size_t i = 0; i < count; i++)
				sums[i] += row[i] * weights[tap];
		}
		for (size_t i = 0; i < count; i++)
			to[start + i] = rounded(sums[i]);
	}
}

const struct resize_kernel resize_kernel_plain = {
	.name = "plain",
	.runs_here = everywhere,
	.pack = nothing_to_pack,
	.horizontal = horizontal_plain,
	.vertical = vertical_plain,
};

#ifdef __x86_64__
extern const struct resize_kernel resize_kernel_avx2, resize_kernel_avx512;
#endif

const struct resize_kernel *const resize_kernels[] = {
#ifdef __x86_64__
	&resize_kernel_avx512,
	&resize_kernel_avx2,
#endif
	&resize_kernel_plain,
	NULL,
};

const struct resize_kernel *resize_kernel_best(void)
{
	const struct resize_kernel *const *kernel = resize_kernels;

	while (!(*kernel)->runs_here())
		kernel++;
	return *kernel;
}
