#include "nn/conv_kernels.h"

#include "nn/pieces.h"

const struct conv_kernels *conv_kernels_at(size_t index)
{
	const struct conv_kernels *runs[4] = { &conv_kernels_plain };
	size_t count = 1;

#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		runs[count++] = &conv_kernels_avx2;
	if (__builtin_cpu_supports("avx512f"))
		runs[count++] = &conv_kernels_avx512;
#elif defined(__aarch64__)
	runs[count++] = &conv_kernels_neon;
#endif
	return index < count ? runs[index] : NULL;
}

const struct conv_kernels *conv_kernels_best(void)
{
	const struct conv_kernels *best = conv_kernels_at(0);

	for (size_t i = 1; conv_kernels_at(i); i++)
		best = conv_kernels_at(i);
	return best;
}

size_t conv_panel_count(const struct conv_kernels *kernels, size_t channels)
{
	return pieces_count(pieces_count(channels, kernels->lanes), CONV_VECTORS);
}

struct conv_panel conv_panel_at(const struct conv_kernels *kernels, size_t channels, size_t index)
{
	size_t count = conv_panel_count(kernels, channels), vectors = pieces_count(channels, kernels->lanes);
	size_t each = vectors / count, wider = vectors % count, before = index * each + (index < wider ? index : wider);

	return (struct conv_panel){ before * kernels->lanes, each + (index < wider) };
}
