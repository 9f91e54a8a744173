#include "nn/microkernel.h"

#include "nn/pieces.h"

const struct microkernel *microkernel_at(size_t index)
{
	const struct microkernel *runs[4] = { &microkernel_plain };
	size_t count = 1;

#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		runs[count++] = &microkernel_avx2;
	if (__builtin_cpu_supports("avx512f"))
		runs[count++] = &microkernel_avx512;
#elif defined(__aarch64__)
	runs[count++] = &microkernel_neon;
#endif
	return index < count ? runs[index] : NULL;
}

const struct microkernel *microkernel_best(void)
{
	const struct microkernel *best = microkernel_at(0);

	for (size_t i = 1; microkernel_at(i); i++)
		best = microkernel_at(i);
	return best;
}

size_t microkernel_panel_count(const struct microkernel *kernels, size_t channels)
{
	return pieces_count(pieces_count(channels, kernels->lanes), MICROKERNEL_VECTORS);
}

struct microkernel_panel microkernel_panel_at(const struct microkernel *kernels, size_t channels, size_t index)
{
	size_t count = microkernel_panel_count(kernels, channels), vectors = pieces_count(channels, kernels->lanes);
	size_t each = vectors / count, wider = vectors % count, before = index * each + (index < wider ? index : wider);

	return (struct microkernel_panel){ before * kernels->lanes, each + (index < wider) };
}
