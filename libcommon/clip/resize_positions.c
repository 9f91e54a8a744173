#include "clip/transformer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys' cubic with a = -1/2, as in Pillow's resize and PyTorch's antialiased one. */
static double cubic(double x)
{
	const double a = -.5;

	x = fabs(x);
	if (x < 1)
		return ((a + 2) * x - (a + 3)) * x * x + 1;
	return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/* One axis: `count` positions, `from_step` floats apart, become `to_count`, each a weighted sum of vectors of `width` numbers. */
struct axis {
	const float *from;
	size_t count, from_step;
	float *to;
	size_t to_count, to_step, width;
};

static void resize_position(const struct axis *axis, size_t i)
{
	const double scale = (double)axis->count / (double)axis->to_count, stretch = scale > 1 ? scale : 1;
	const double center = scale * ((double)i + .5), support = 2 * stretch;
	const size_t first = center - support + .5 > 0 ? (size_t)(center - support + .5) : 0;
	const size_t end = center + support + .5 < (double)axis->count ? (size_t)(center + support + .5) : axis->count;
	float *to = axis->to + i * axis->to_step;
	double total = 0;

	for (size_t k = first; k < end; k++)
		total += cubic(((double)k - center + .5) / stretch);
	for (size_t x = 0; x < axis->width; x++) {
		double sum = 0;
		for (size_t k = first; k < end; k++)
			sum += cubic(((double)k - center + .5) / stretch) * (double)axis->from[k * axis->from_step + x];
		to[x] = (float)(sum / total);
	}
}

static void resize_axis_of(const struct axis *axis)
{
	for (size_t i = 0; i < axis->to_count; i++)
		resize_position(axis, i);
}

/* The side of a square of that many positions; 0: not a square. */
static size_t side_of(size_t positions)
{
	const size_t side = (size_t)lround(sqrt((double)positions));

	return side * side == positions ? side : 0;
}

int resize_grid_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width)
{
	const size_t side = rows ? side_of(rows - 1) : 0, to_side = to_rows ? side_of(to_rows - 1) : 0;
	float *narrow = side && to_side ? malloc(side * to_side * width * sizeof *narrow) : NULL;

	if (!narrow)
		return -1;
	memcpy(to, from, width * sizeof *to);
	for (size_t row = 0; row < side; row++)
		resize_axis_of(&(struct axis){
			from + (1 + row * side) * width, side, width, narrow + row * to_side * width, to_side, width, width });
	resize_axis_of(&(struct axis){ narrow, side, to_side * width, to + width, to_side, to_side * width, to_side * width });
	free(narrow);
	return 0;
}

void resize_line_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width)
{
	for (size_t i = 0; i < to_rows; i++) {
		const double at = fmax(0, (double)rows / (double)to_rows * ((double)i + .5) - .5);
		const size_t first = (size_t)at, second = first + 1 < rows ? first + 1 : rows - 1;
		const double share = at - (double)first;
		for (size_t x = 0; x < width; x++)
			to[i * width + x] =
				(float)((1 - share) * (double)from[first * width + x] + share * (double)from[second * width + x]);
	}
}
