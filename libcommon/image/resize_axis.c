#include "image/resize_axis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The filter's radius in source pixels, before it is widened by the scale. */
static double radius_of(enum resize_filter filter)
{
	return filter == RESIZE_BICUBIC ? 2.0 : filter == RESIZE_BILINEAR ? 1.0 : 0.5;
}

/* Keys' cubic convolution with a = -1/2, with terms in Pillow's order for the same rounding. */
static double bicubic(double x)
{
	const double a = -0.5;

	x = fabs(x);
	if (x < 1.0)
		return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
	if (x < 2.0)
		return (((x - 5) * x + 8) * x - 4) * a;
	return 0.0;
}

static double weight_at(enum resize_filter filter, double x)
{
	if (filter == RESIZE_BICUBIC)
		return bicubic(x);
	if (filter == RESIZE_BILINEAR)
		return fabs(x) < 1.0 ? 1.0 - fabs(x) : 0.0;
	return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

struct reach {
	double scale, widening, radius;
};

/* Pillow stores the source's size as a float. */
static struct reach reach_of(const struct resize_geometry *geometry)
{
	double extent = geometry->extent > 0 ? geometry->extent : (double)geometry->in;
	double scale = (double)(float)extent / (double)geometry->out;
	double widening = scale < 1.0 ? 1.0 : scale;

	return (struct reach){ scale, widening, radius_of(geometry->filter) * widening };
}

/* The source pixels *from..*end-1 under the filter of a result, and the filter's centre. */
static double span_of_result(const struct resize_geometry *geometry, const struct reach *reach, size_t result, size_t *from, size_t *end)
{
	double centre = ((double)result + 0.5) * reach->scale;
	double low = centre - reach->radius + 0.5;
	double high = centre + reach->radius + 0.5;

	*from = low < 0 ? 0 : (size_t)low;
	*end = high > (double)geometry->in ? geometry->in : (size_t)high;
	return centre;
}

void resize_axis_needs(const struct resize_geometry *geometry, size_t *start, size_t *have)
{
	struct reach reach = reach_of(geometry);
	size_t end, unused;

	span_of_result(geometry, &reach, geometry->first, start, &unused);
	span_of_result(geometry, &reach, geometry->first + geometry->count - 1, &unused, &end);
	*have = end - *start;
}

/* The weights of one result, whose first pixel is `source`, normalised and rounded to fixed point.  exact: scratch. */
static void weigh(const struct resize_geometry *geometry, const struct reach *reach, double centre, size_t source, size_t used,
	double *exact, int32_t *weights)
{
	const double inverse = 1.0 / reach->widening;
	double sum = 0;

	for (size_t i = 0; i < used; i++) {
		exact[i] = weight_at(geometry->filter, ((double)(i + source) - centre + 0.5) * inverse);
		sum += exact[i];
	}
	for (size_t i = 0; i < used; i++) {
		double fixed = (sum != 0 ? exact[i] / sum : exact[i]) * (1 << RESIZE_BITS);
		weights[i] = (int32_t)(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
	}
}

/* Limit for the weights of one axis, in bytes.  Each thread keeps RESIZE_AXES axes. */
enum { LARGEST_WEIGHTS = 32 << 20 };

/* Allocates from, used, weights and packed as one block.  Returns scratch after them for one result's exact weights. */
static double *allocate(struct resize_axis *axis, size_t count, size_t taps, size_t in, struct err *err)
{
	if (taps > LARGEST_WEIGHTS / 8 / (count + 1)) {
		err_set(err, "a side of %zu pixels is too long to resize", in);
		return NULL;
	}
	size_t rows = (count + 1) / 2 * 2; /* keeps the doubles after them aligned */
	size_t bytes = rows * (2 + 2 * taps) * sizeof(uint32_t) + taps * sizeof(double);
	if (bytes > axis->capacity) {
		free(axis->from);
		axis->from = malloc(bytes);
		axis->capacity = axis->from ? bytes : 0;
		if (!axis->from) {
			err_memory(err);
			return NULL;
		}
	}
	axis->used = axis->from + rows;
	axis->weights = (int32_t *)(axis->used + rows);
	axis->packed = axis->used + rows + rows * taps;
	return (double *)(void *)(axis->packed + rows * taps);
}

static size_t taps_for(const struct resize_geometry *geometry, const struct reach *reach)
{
	size_t taps = RESIZE_FEWEST_TAPS;

	for (size_t i = 0; i < geometry->count; i++) {
		size_t from, end;
		span_of_result(geometry, reach, geometry->first + i, &from, &end);
		if (end - from > taps)
			taps = end - from;
	}
	return (taps + RESIZE_TAP_GROUP - 1) / RESIZE_TAP_GROUP * RESIZE_TAP_GROUP;
}

int resize_axis_set(struct resize_axis *axis, const struct resize_geometry *geometry, struct err *err)
{
	axis->geometry = (struct resize_geometry){ 0 };
	if (geometry->in == 0 || geometry->out == 0 || geometry->count == 0)
		return err_set(err, "cannot resize an image without pixels");
	const struct reach reach = reach_of(geometry);
	const size_t taps = taps_for(geometry, &reach);
	double *exact = allocate(axis, geometry->count, taps, geometry->in, err);
	if (!exact)
		return -1;
	axis->geometry = *geometry;
	axis->taps = taps;
	axis->padded = geometry->have >= taps;
	memset(axis->weights, 0, geometry->count * taps * sizeof *axis->weights);

	for (size_t i = 0; i < geometry->count; i++) {
		size_t source, end;
		double centre = span_of_result(geometry, &reach, geometry->first + i, &source, &end);
		size_t at = source - geometry->start; /* moved left if the taps would exceed the available pixels */
		size_t last = axis->padded ? geometry->have - taps : at;
		size_t moved = at > last ? at - last : 0;

		axis->from[i] = (uint32_t)(at - moved);
		axis->used[i] = (uint32_t)(end - source + moved);
		weigh(geometry, &reach, centre, source, end - source, exact, axis->weights + i * taps + moved);
	}
	return 0;
}

void resize_axis_free(struct resize_axis *axis)
{
	free(axis->from);
	*axis = (struct resize_axis){ 0 };
}

enum { STRIP = 96 };

static bool always_supported(void)
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

/* In strips, so that the inner loop becomes SIMD. */
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
	.is_supported = always_supported,
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

	while (!(*kernel)->is_supported())
		kernel++;
	return *kernel;
}
