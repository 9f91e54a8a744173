#include "image/resize_kernel.h"

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

static void vertical_plain(const struct resize_axis *axis, size_t result, struct resize_view from, unsigned char *to)
{
	const size_t bytes = 3 * from.width;
	const unsigned char *top = from.pixels + axis->from[result] * from.stride;
	const int32_t *weights = axis->weights + result * axis->taps;

	for (size_t i = 0; i < bytes; i++) {
		int32_t sum = 0;
		for (size_t tap = 0; tap < axis->used[result]; tap++)
			sum += top[tap * from.stride + i] * weights[tap];
		to[i] = rounded(sum);
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
