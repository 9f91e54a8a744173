/* t-SNE against its definition, and whether it preserves neighbours. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "metric/tsne.h"
#include "metric/distance.h"

enum { POINTS = 240, WIDTH = 12, CLUSTERS = 6 };

static struct pool *pool, *wide_pool;
static float points[POINTS * WIDTH];
static double place[2 * POINTS];
static struct tsne_graph graph;

/* Six clusters on a sphere, and unrelated positions in the plane. */
static int start(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < POINTS; i++) {
		struct rng centre = rng_for(1, span_string("centre"), i % CLUSTERS, "test"),
			   rng = rng_for(2, span_string("point"), i, "test");
		float square = 0;
		for (size_t k = 0; k < WIDTH; k++) {
			points[i * WIDTH + k] = rng_normal(&centre) + .5f * rng_normal(&rng);
			square += points[i * WIDTH + k] * points[i * WIDTH + k];
		}
		for (size_t k = 0; k < WIDTH; k++)
			points[i * WIDTH + k] /= sqrtf(square);
		place[2 * i] = (double)rng_normal(&rng);
		place[2 * i + 1] = 3 * (double)rng_normal(&rng);
	}
	pool = pool_new(1, &err);
	wide_pool = pool_new(3, &err);
	return pool && wide_pool && tsne_graph(&graph, points, POINTS, WIDTH, 10, pool, &err) == 0 ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	tsne_graph_free(&graph);
	pool_free(pool);
	pool_free(wide_pool);
	return 0;
}

static double distance(const float *a, const float *b)
{
	double sum = 0;

	for (size_t k = 0; k < WIDTH; k++)
		sum += ((double)a[k] - (double)b[k]) * ((double)a[k] - (double)b[k]);
	return sum;
}

static double dense[POINTS][POINTS];

/* By the definition: p(j|i) over the 30 nearest, with the width for which the entropy is log 10, found by search. */
static void define_dense(void)
{
	static double p[POINTS][POINTS];

	for (size_t i = 0; i < POINTS; i++) {
		size_t nearer;
		double low = 1e-3, high = 1e5, sum, entropy;
		for (int step = 0; step < 200; step++) {
			const double beta = sqrt(low * high);
			sum = entropy = 0;
			for (size_t j = 0; j < POINTS; j++) {
				const double own = distance(&points[i * WIDTH], &points[j * WIDTH]);
				nearer = 0;
				for (size_t k = 0; k < POINTS && step == 0; k++)
					nearer += k != i && k != j && distance(&points[i * WIDTH], &points[k * WIDTH]) < own;
				if (step == 0)
					dense[i][j] = j != i && nearer < 30; /* used temporarily for neighbours */
				p[i][j] = dense[i][j] > 0 ? exp(-beta * own) : 0;
				sum += p[i][j];
			}
			for (size_t j = 0; j < POINTS; j++)
				entropy -= p[i][j] > 0 ? p[i][j] / sum * log(p[i][j] / sum) : 0;
			*(entropy > log(10) ? &low : &high) = beta;
		}
		for (size_t j = 0; j < POINTS; j++)
			p[i][j] /= sum;
	}
	for (size_t i = 0; i < POINTS; i++)
		for (size_t j = 0; j < POINTS; j++)
			dense[i][j] = (p[i][j] + p[j][i]) / (2 * POINTS);
}

static void neighbours_are_those_of_the_definition(void **state)
{
	double sum = 0, apart = 0;

	(void)state;
	define_dense();
	for (size_t i = 0; i < POINTS; i++) {
		double row[POINTS] = { 0 };
		for (size_t k = graph.begin[i]; k < graph.begin[i + 1]; k++) {
			row[graph.column[k]] = graph.p[k];
			sum += graph.p[k];
		}
		for (size_t j = 0; j < POINTS; j++)
			apart = fmax(apart, fabs(row[j] - dense[i][j]));
	}
	assert_true(fabs(sum - 1) < 1e-12);
	if (!(apart < 1e-6 / POINTS))
		fail_msg("by %g", apart);
}

static double q_of(const double *y, size_t i, size_t j)
{
	return 1 / (1 + (y[2 * i] - y[2 * j]) * (y[2 * i] - y[2 * j]) + (y[2 * i + 1] - y[2 * j + 1]) * (y[2 * i + 1] - y[2 * j + 1]));
}

/* 4 sum over j of (p - q / Z) q (y_i - y_j), and sum of p log(p Z / q). */
static double define_gradient(const double *y, double *gradient)
{
	double z = 0, divergence = 0;

	for (size_t i = 0; i < POINTS; i++)
		for (size_t j = 0; j < POINTS; j++)
			z += i == j ? 0 : q_of(y, i, j);
	memset(gradient, 0, 2 * POINTS * sizeof *gradient);
	for (size_t i = 0; i < POINTS; i++)
		for (size_t j = 0; j < POINTS; j++) {
			const double q = q_of(y, i, j);
			if (dense[i][j] > 0)
				divergence += dense[i][j] * log(dense[i][j] * z / q);
			for (size_t k = 0; k < 2; k++)
				gradient[2 * i + k] += 4 * (dense[i][j] - (i == j ? 0 : q / z)) * q * (y[2 * i + k] - y[2 * j + k]);
		}
	return divergence;
}

static double apart(const double *a, const double *b)
{
	double difference = 0, size = 0;

	for (size_t i = 0; i < 2 * POINTS; i++) {
		difference += (a[i] - b[i]) * (a[i] - b[i]);
		size += b[i] * b[i];
	}
	return sqrt(difference / size);
}

static void the_gradient_is_that_of_the_definition(void **state)
{
	static double wanted[2 * POINTS], got[2 * POINTS];
	double divergence;
	struct err err;

	(void)state;
	define_dense();
	const double its = define_gradient(place, wanted);
	assert_int_equal(tsne_gradient(&graph, place, 1, 0, pool, got, &divergence, &err), 0);
	if (!(apart(got, wanted) < 1e-5 && fabs(divergence - its) < 1e-5))
		fail_msg("exact: by %g, divergence %g and %g", apart(got, wanted), divergence, its);
	assert_int_equal(tsne_gradient(&graph, place, 1, .5, pool, got, &divergence, &err), 0);
	if (!(apart(got, wanted) < .02 && apart(got, wanted) > 1e-6 && fabs(divergence - its) < .01))
		fail_msg("by cells: by %g, divergence %g and %g", apart(got, wanted), divergence, its);
}

static void cells_hold_all_points(void **state)
{
	struct cell cells[2 * POINTS];
	uint32_t order[POINTS];
	struct quadtree tree = { .cells = cells };
	double twice[2 * POINTS], force[2];

	(void)state;
	for (size_t i = 0; i < POINTS; i++) /* each occurs three times */
		memcpy(twice + 2 * i, place + 2 * (i / 3), 2 * sizeof *twice);
	quadtree_build(&tree, twice, POINTS, order);
	assert_true(tree.count < 2 * POINTS && cells[0].count == POINTS && cells[0].next == tree.count);
	double wanted = 0;
	for (size_t i = 0; i < POINTS; i++)
		wanted += q_of(twice, 0, i);
	assert_true(fabs(quadtree_force(&tree, twice, 0, force) - wanted) < 1e-9);
}

struct progress {
	size_t count;
	double divergence[64];
};

static void tell(void *context, const struct tsne_report *report)
{
	struct progress *progress = context;

	assert_true(report->iteration % 50 == 0 && progress->count < 64);
	progress->divergence[progress->count++] = report->divergence;
}

/* Of its ten nearest points in the map, the number in its cluster. */
static double share_of_own(const double *y)
{
	size_t own = 0;

	for (size_t i = 0; i < POINTS; i++)
		for (size_t j = 0; j < POINTS; j++) {
			size_t nearer = 0;
			for (size_t k = 0; k < POINTS; k++)
				nearer += k != i && q_of(y, i, k) > q_of(y, i, j);
			own += j != i && nearer < 10 && i % CLUSTERS == j % CLUSTERS;
		}
	return (double)own / (10 * POINTS);
}

static void neighbours_stay_neighbours(void **state)
{
	const struct tsne_options options = { .perplexity = 10, .theta = .5, .iterations = 500, .seed = 3 };
	static double y[2 * POINTS], again[2 * POINTS];
	struct progress progress = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(tsne(&graph, &options, pool, y, tell, &progress, &err), 0);
	assert_int_equal(progress.count, 10);
	for (size_t i = 3; i < progress.count; i++) /* no exaggeration from step 126 on */
		if (!(progress.divergence[i] < progress.divergence[i - 1] + 1e-3))
			fail_msg("the divergence rises: %g, then %g", progress.divergence[i - 1], progress.divergence[i]);
	assert_true(progress.divergence[9] < .7 * progress.divergence[2]);
	if (!(share_of_own(y) > .97))
		fail_msg("%g of the ten nearest are of one cluster", share_of_own(y));
	assert_int_equal(tsne(&graph, &options, wide_pool, again, NULL, NULL, &err), 0);
	assert_memory_equal(y, again, sizeof y);
}

static void the_same_point_many_times(void **state)
{
	const struct tsne_options options = { .perplexity = 10, .theta = .5, .iterations = 100 };
	static float same[POINTS * WIDTH];
	static double y[2 * POINTS];
	struct tsne_graph its;
	struct err err;

	(void)state;
	for (size_t i = 0; i < POINTS; i++)
		memcpy(same + i * WIDTH, points + (i % 2) * WIDTH, WIDTH * sizeof *same);
	assert_int_equal(tsne_graph(&its, same, POINTS, WIDTH, 10, pool, &err), 0);
	assert_int_equal(tsne(&its, &options, pool, y, NULL, NULL, &err), 0);
	for (size_t i = 0; i < 2 * POINTS; i++)
		assert_true(isfinite(y[i]));
	tsne_graph_free(&its);
	assert_int_equal(tsne_graph(&its, same, 30, WIDTH, 10, pool, &err), -1);
	assert_non_null(strstr(err.text, "needs at least 31 points; there are 30"));
	tsne_graph_free(&its);
}

static void uniformity_is_its_definition(void **state)
{
	double sum = 0, got, again;
	struct err err;

	(void)state;
	for (size_t i = 0; i < POINTS; i++)
		for (size_t j = 0; j < i; j++)
			sum += exp(-2 * distance(&points[i * WIDTH], &points[j * WIDTH]));
	assert_int_equal(uniformity(points, POINTS, WIDTH, pool, &got, &err), 0);
	assert_true(fabs(got - log(2 * sum / (POINTS * (POINTS - 1)))) < 1e-5);
	assert_int_equal(uniformity(points, POINTS, WIDTH, wide_pool, &again, &err), 0);
	assert_memory_equal(&got, &again, sizeof got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_are_those_of_the_definition),
		cmocka_unit_test(the_gradient_is_that_of_the_definition),
		cmocka_unit_test(cells_hold_all_points),
		cmocka_unit_test(neighbours_stay_neighbours),
		cmocka_unit_test(the_same_point_many_times),
		cmocka_unit_test(uniformity_is_its_definition),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
