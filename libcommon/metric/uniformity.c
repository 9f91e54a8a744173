#include "metric/uniformity.h"

#include "metric/dot.h"

#include <math.h>
#include <stdlib.h>

struct all {
	const float *x;
	size_t n, width;
	double *sums; /* [n]: over those behind it */
};

static void row(void *context, size_t i, size_t thread)
{
	const struct all *all = context;
	double sum = 0;

	(void)thread;
	for (size_t j = i + 1; j < all->n; j++)
		sum += exp(-2 * (double)square_distance(all->x + i * all->width, all->x + j * all->width, all->width));
	all->sums[i] = sum;
}

int uniformity(const float *x, size_t n, size_t width, struct pool *pool, double *value, struct err *err)
{
	struct all all = { x, n, width, calloc(n, sizeof *all.sums) };
	double sum = 0;

	if (!all.sums)
		return err_memory(err);
	pool_run(pool, n, row, &all);
	for (size_t i = 0; i < n; i++)
		sum += all.sums[i];
	free(all.sums);
	if (!(sum > 0))
		return err_set(err, "all points are so far apart that exp(-2 d^2) is 0: uniformity is one of normalised embeddings");
	*value = log(sum / ((double)n * (double)(n - 1) / 2));
	return 0;
}
