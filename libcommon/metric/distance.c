#include "metric/distance.h"
#include "metric/neighbours.h"
#include "metric/vectors.h"

#include <math.h>
#include <stdlib.h>

double distance_add(struct distance *distance, const float *a, const float *b, size_t width)
{
	double square = 0, aa = 0, bb = 0, ab = 0;

	for (size_t i = 0; i < width; i++) {
		double x = a[i], y = b[i];
		square += (x - y) * (x - y);
		aa += x * x;
		bb += y * y;
		ab += x * y;
	}
	distance->n++;
	distance->sum += sqrt(square);
	distance->squares += square;
	distance->cosines += aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
	return sqrt(square);
}

double distance_mean(const struct distance *distance)
{
	return distance->sum / (double)distance->n;
}

double distance_spread(const struct distance *distance)
{
	const double n = (double)distance->n;
	const double variance = n > 1 ? (distance->squares - distance->sum * distance->sum / n) / (n - 1) : 0;

	return variance > 0 ? sqrt(variance) : 0;
}

double distance_margin(const struct distance *distance)
{
	return 1.959963984540054 * distance_spread(distance) / sqrt((double)distance->n);
}

struct all {
	const float *squares; /* [n], |x|^2 */
	double *sums;         /* for each row of blocks */
};

/* Pairs (i, j) of a block with i < j. */
static void sum_block(void *context, const struct products_block *block)
{
	const struct all *all = context;
	const float *products = block->data;
	const size_t end = block->column + block->columns;
	double sum = 0;

	for (size_t i = block->row; i < block->row + block->rows; i++, products += PRODUCTS_COLUMNS)
		for (size_t j = block->column > i ? block->column : i + 1; j < end; j++) {
			const double square = (double)all->squares[i] + (double)all->squares[j] - 2 * (double)products[j - block->column];
			sum += exp(-2 * fmax(square, 0));
		}
	all->sums[block->row / PRODUCTS_ROWS] += sum;
}

int uniformity(const float *x, size_t n, size_t width, struct pool *pool, double *value, struct err *err)
{
	const size_t pieces = (n + PRODUCTS_ROWS - 1) / PRODUCTS_ROWS;
	float *squares = malloc((n + 1) * sizeof *squares);
	struct all all = { squares, calloc(pieces + 1, sizeof(double)) };
	int status = squares && all.sums ? 0 : err_memory(err);
	double sum = 0;

	for (size_t i = 0; status == 0 && i < n; i++)
		squares[i] = dot(x + i * width, x + i * width, width);
	if (status == 0)
		status = products_each(x, n, x, n, width, true, pool, sum_block, &all, err);
	if (status == 0) {
		for (size_t i = 0; i < pieces; i++)
			sum += all.sums[i];
		status =
			sum > 0 ? 0
				: err_set(err,
					  "exp(-2 d^2) is 0 for all pairs, so distances are too large; uniformity needs normalised embeddings");
		*value = log(sum / ((double)n * (double)(n - 1) / 2));
	}
	free(squares);
	free(all.sums);
	return status;
}
