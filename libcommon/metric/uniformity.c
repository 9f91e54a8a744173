#include "metric/uniformity.h"

#include "metric/vectors.h"
#include "nn/gemm.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 256, COLUMNS = 512 }; /* of a block of products */

struct all {
	const float *x, *squares; /* squares: [n], |x|^2 */
	size_t n, width;
	float *products;          /* [threads, ROWS, COLUMNS] */
	double *sums;             /* [pieces]: of the pairs whose first point is in the piece */
};

/* Pairs (i, j) of a block with i < j. */
static double sum_block(const struct all *all, size_t row, size_t rows, size_t column, size_t columns, const float *products)
{
	double sum = 0;

	for (size_t i = row; i < row + rows; i++, products += COLUMNS)
		for (size_t j = column > i ? column : i + 1; j < column + columns; j++) {
			const double square = (double)all->squares[i] + (double)all->squares[j] - 2 * (double)products[j - column];
			sum += exp(-2 * fmax(square, 0));
		}
	return sum;
}

static void sum_piece(void *context, size_t piece, size_t thread)
{
	const struct all *all = context;
	const size_t width = all->width, row = piece * ROWS, rows = all->n - row < ROWS ? all->n - row : ROWS;
	float *products = all->products + thread * ROWS * COLUMNS;
	double sum = 0;

	for (size_t column = row / COLUMNS * COLUMNS; column < all->n; column += COLUMNS) {
		const size_t columns = all->n - column < COLUMNS ? all->n - column : COLUMNS;
		gemm(rows, columns, width, (struct matrix){ all->x + row * width, width, 1 },
			(struct matrix){ all->x + column * width, 1, width }, false, products, COLUMNS);
		sum += sum_block(all, row, rows, column, columns, products);
	}
	all->sums[piece] = sum;
}

int uniformity(const float *x, size_t n, size_t width, struct pool *pool, double *value, struct err *err)
{
	const size_t pieces = (n + ROWS - 1) / ROWS;
	float *squares = malloc((n + 1) * sizeof *squares);
	struct all all = { x, squares, n, width, malloc(pool_threads(pool) * ROWS * COLUMNS * sizeof(float)), calloc(pieces + 1, sizeof(double)) };
	int status = squares && all.products && all.sums ? 0 : err_memory(err);
	double sum = 0;

	for (size_t i = 0; status == 0 && i < n; i++)
		squares[i] = dot(x + i * width, x + i * width, width);
	if (status == 0) {
		gemm_init();
		pool_run(pool, pieces, sum_piece, &all);
		for (size_t i = 0; i < pieces; i++)
			sum += all.sums[i];
		status = sum > 0 ? 0 : err_set(err, "all points are so far apart that exp(-2 d^2) is 0: uniformity needs normalised embeddings");
		*value = log(sum / ((double)n * (double)(n - 1) / 2));
	}
	free(squares);
	free(all.products);
	free(all.sums);
	return status;
}
