#include "nn/microkernel.h"
#include "core/parallel.h"

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

static size_t panel_floats(const struct microkernel *kernels, size_t k, size_t columns)
{
	return pieces_count(columns, kernels->lanes) * kernels->lanes * k;
}

size_t packed_floats(const struct microkernel *kernels, size_t k, size_t columns)
{
	return panel_floats(kernels, k, columns) + MICROKERNEL_PIXELS * MICROKERNEL_WIDTH;
}

struct packed packed_make(const struct microkernel *kernels, size_t k, size_t columns, size_t given, const float *b, size_t row,
	size_t column, float factor, float *memory)
{
	float *to = memory;

	for (size_t i = 0; i < microkernel_panel_count(kernels, columns); i++) {
		struct microkernel_panel panel = microkernel_panel_at(kernels, columns, i);
		size_t width = panel.vectors * kernels->lanes, left = given > panel.first ? given - panel.first : 0;
		size_t filled = left < width ? left : width;
		for (size_t r = 0; r < k; r++, to += width) {
			for (size_t j = 0; j < filled; j++)
				to[j] = factor * b[r * row + (panel.first + j) * column];
			for (size_t j = filled; j < width; j++)
				to[j] = 0;
		}
	}
	return (struct packed){ kernels, k, columns, memory };
}

/* Up to `pixels` rows times one panel. */
static void packed_tile(const struct packed *b, const struct microkernel_panel *panel, size_t rows, const float *a, size_t a_row, bool add,
	float *c, size_t c_row)
{
	static const ptrdiff_t offset = 0;
	static const unsigned char inside = 0;
	struct microkernel_reads reads = { .offsets = &offset, .outside = &inside };
	size_t width = panel->vectors * b->kernels->lanes, left = b->columns - panel->first;
	float *rest = b->panels + panel_floats(b->kernels, b->k, b->columns), *out[MICROKERNEL_PIXELS];
	bool whole = left >= width;

	for (size_t p = 0; p < b->kernels->pixels; p++) {
		reads.source[p] = (uintptr_t)(a + (p < rows ? p : 0) * a_row);
		out[p] = whole && p < rows ? c + p * c_row + panel->first : rest + p * MICROKERNEL_WIDTH;
	}
	b->kernels->gather(panel->vectors, 1, b->k, &reads, b->panels + panel->first * b->k, whole && add, out);
	for (size_t p = 0; p < rows && !whole; p++)
		for (size_t j = 0; j < left; j++)
			c[p * c_row + panel->first + j] = out[p][j] + (add ? c[p * c_row + panel->first + j] : 0);
}

void packed_multiply(const struct packed *b, size_t rows, const float *a, size_t a_row, bool add, float *c, size_t c_row)
{
	for (size_t i = 0; i < microkernel_panel_count(b->kernels, b->columns); i++) {
		struct microkernel_panel panel = microkernel_panel_at(b->kernels, b->columns, i);
		for (size_t r = 0; r < rows; r += b->kernels->pixels) {
			size_t left = rows - r, count = left < b->kernels->pixels ? left : b->kernels->pixels;
			packed_tile(b, &panel, count, a + r * a_row, a_row, add, c + r * c_row, c_row);
		}
	}
}
