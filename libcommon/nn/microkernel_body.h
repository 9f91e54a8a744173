/* The two kernels for one instruction set.  The including file defines NAME, KERNELS, TARGET, LANES, PIXELS, the type `vec` of
 * LANES floats, and its load, store, broadcast and multiply_add. */
#define TILE   static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("GCC unroll 8")

TILE void microkernel_gather_tile(
	const size_t vectors, size_t taps, size_t c, const struct microkernel_reads *reads, const float *panel, bool add, float *const *out)
{
	vec sum[PIXELS][MICROKERNEL_VECTORS], w[MICROKERNEL_VECTORS];

	UNROLL for (size_t p = 0; p < PIXELS; p++) UNROLL for (size_t v = 0; v < vectors; v++) sum[p][v] = broadcast(0);
	for (size_t t = 0; t < taps; t++) {
		uintptr_t at[PIXELS];
		UNROLL for (size_t p = 0; p < PIXELS; p++) at[p] = reads->source[p] + (uintptr_t)reads->offsets[t];
		if (reads->outside[t])
			UNROLL for (size_t p = 0; p < PIXELS; p++) at[p] = reads->outside[t] >> p & 1 ? (uintptr_t)reads->zeros : at[p];
		for (size_t k = 0; k < c; k++, panel += vectors * LANES) {
			UNROLL for (size_t v = 0; v < vectors; v++) w[v] = load(panel + v * LANES);
			UNROLL for (size_t p = 0; p < PIXELS; p++)
			{
				vec x = broadcast(((const float *)at[p])[k]);
				UNROLL for (size_t v = 0; v < vectors; v++) sum[p][v] = multiply_add(x, w[v], sum[p][v]);
			}
		}
	}
	UNROLL for (size_t p = 0; p < PIXELS; p++) UNROLL for (size_t v = 0; v < vectors; v++)
	{
		float *y = out[p] + v * LANES;
		if (add)
			sum[p][v] += load(y);
		store(y, sum[p][v]);
	}
}

TARGET static void microkernel_gather(
	size_t vectors, size_t taps, size_t c, const struct microkernel_reads *reads, const float *panel, bool add, float *const *out)
{
	if (vectors == 1)
		microkernel_gather_tile(1, taps, c, reads, panel, add, out);
	else if (vectors == 2)
		microkernel_gather_tile(2, taps, c, reads, panel, add, out);
	else
		microkernel_gather_tile(3, taps, c, reads, panel, add, out);
}

TILE void microkernel_outer_tile(const size_t vectors, const size_t channels, const struct microkernel_walk *walk, const float *x,
	const float *dy, float *total, size_t total_row)
{
	vec sum[PIXELS][MICROKERNEL_VECTORS], g[MICROKERNEL_VECTORS];

	UNROLL for (size_t k = 0; k < channels; k++) UNROLL for (size_t v = 0; v < vectors; v++) sum[k][v] = broadcast(0);
	for (size_t line = 0, row = 0; line < walk->images * walk->rows; line++) {
		const float *a = x + row * walk->x_row, *b = dy + row * walk->y_row;
		if (++row == walk->rows) {
			row = 0;
			x += walk->x_image;
			dy += walk->y_image;
		}
		for (size_t i = 0; i < walk->columns; i++, a += walk->x_column, b += walk->y_column) {
			UNROLL for (size_t v = 0; v < vectors; v++) g[v] = load(b + v * LANES);
			UNROLL for (size_t k = 0; k < channels; k++)
			{
				vec factor = broadcast(a[k]);
				UNROLL for (size_t v = 0; v < vectors; v++) sum[k][v] = multiply_add(factor, g[v], sum[k][v]);
			}
		}
	}
	UNROLL for (size_t k = 0; k < channels; k++) UNROLL for (size_t v = 0; v < vectors; v++)
	{
		float *at = total + k * total_row + v * LANES;
		store(at, load(at) + sum[k][v]);
	}
}

#define OUTER_CASE(channels)                                                                                                               \
	case channels:                                                                                                                     \
		if (vectors == 1)                                                                                                          \
			microkernel_outer_tile(1, channels, walk, x, dy, sum, sum_row);                                                    \
		else if (vectors == 2)                                                                                                     \
			microkernel_outer_tile(2, channels, walk, x, dy, sum, sum_row);                                                    \
		else                                                                                                                       \
			microkernel_outer_tile(3, channels, walk, x, dy, sum, sum_row);                                                    \
		break;

TARGET static void microkernel_outer(
	size_t vectors, size_t channels, const struct microkernel_walk *walk, const float *x, const float *dy, float *sum, size_t sum_row)
{
	switch (channels) {
		OUTER_CASE(1)
		OUTER_CASE(2)
		OUTER_CASE(3)
		OUTER_CASE(4)
#if PIXELS > 4
		OUTER_CASE(5)
		OUTER_CASE(6)
		OUTER_CASE(7)
		OUTER_CASE(8)
#endif
	}
}

const struct microkernel KERNELS = {
	.name = NAME, .lanes = LANES, .pixels = PIXELS, .gather = microkernel_gather, .outer = microkernel_outer
};
