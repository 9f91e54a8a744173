/* The neighbour search against a comparison of all distances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "metric/vectors.h"
#include "metric/neighbours.h"

struct points {
	const char *name;
	size_t n, width;
	size_t copies;   /* number of consecutive points that are equal */
	float scale;     /* of a cluster around one point */
	float far;       /* that point's distance from 0 */
};

static const struct points cases[] = {
	{ "spread", 700, 33, 1, 1, 0 },
	{ "equal points tie", 300, 16, 5, 1, 0 },
	{ "a tight cluster far away", 600, 64, 1, 1e-3f, 50 },
	{ "hardly any width", 1200, 1, 1, 1, 0 },
	{ "zeros", 90, 8, 1, 0, 0 },
	{ "beyond float", 70, 8, 1, 1e25f, 0 },
};

static float *make_points(const struct points *c)
{
	float *x = malloc(c->n * c->width * sizeof *x);

	for (size_t i = 0; i < c->n; i++) {
		struct rng rng = rng_for(7, span_string(c->name), i / c->copies, "test");
		for (size_t k = 0; k < c->width; k++)
			x[i * c->width + k] = c->far + c->scale * rng_normal(&rng);
	}
	return x;
}

/* The k-th nearest of point i by sorting. */
static void expect_nearest(const struct points *c, const float *x, const struct neighbours *search, size_t i)
{
	const struct neighbour *nearest = search->nearest + i * search->k;

	assert_int_equal(search->counts[i], search->k < c->n - 1 ? search->k : c->n - 1);
	for (size_t place = 0; place < search->counts[i]; place++) {
		const float distance = square_distance(x + i * c->width, x + nearest[place].index * c->width, c->width);
		size_t before = 0;
		assert_true(nearest[place].distance == distance && nearest[place].index != i);
		for (size_t j = 0; j < c->n; j++) {
			const float other = square_distance(x + i * c->width, x + j * c->width, c->width);
			before += j != i && (other < distance || (other == distance && j < nearest[place].index));
		}
		assert_int_equal(before, place);
	}
}

static void expect_case(const struct points *c, size_t k, struct pool *pool, size_t block)
{
	float *x = make_points(c);
	struct neighbours search;
	struct err err;

	assert_int_equal(neighbours_init(&search, x, c->n, c->width, k, 0, &err), 0);
	for (size_t first = 0; first < c->n; first += block)
		assert_int_equal(
			neighbours_add(&search, x + first * c->width, first, c->n - first < block ? c->n - first : block, pool, &err), 0);
	for (size_t i = 0; i < c->n; i += 7)
		expect_nearest(c, x, &search, i);
	neighbours_free(&search);
	free(x);
}

static void the_nearest_in_their_order(void **state)
{
	struct err err;
	struct pool *one = pool_new(1, &err), *three = pool_new(3, &err);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		expect_case(&cases[i], 10, one, cases[i].n);
		expect_case(&cases[i], 30, three, 100);
		expect_case(&cases[i], 2000, one, 512);
	}
	pool_free(one);
	pool_free(three);
}

static void others_than_the_queries(void **state)
{
	const struct points *c = &cases[0];
	float *x = make_points(c);
	struct neighbours search;
	struct err err;
	struct pool *pool = pool_new(2, &err);

	(void)state;
	assert_int_equal(neighbours_init(&search, x, 20, c->width, 1, NEIGHBOURS_NO_SELF, &err), 0);
	assert_int_equal(neighbours_add(&search, x, 0, c->n, pool, &err), 0);
	for (size_t i = 0; i < 20; i++)
		assert_true(search.nearest[i].index == i && search.nearest[i].distance == 0);
	neighbours_free(&search);
	assert_int_equal(neighbours_init(&search, x, 20, c->width, 0, 0, &err), -1);
	neighbours_free(&search);
	pool_free(pool);
	free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_nearest_in_their_order), cmocka_unit_test(others_than_the_queries) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
