#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/rng.h"
#include "metric/class_scores.h"
#include "metric/distance.h"
#include "metric/statistics.h"
#include "metric/retrieval.h"
#include "metric/vectors.h"
#include "metric/similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The ends are where |hits/n - q| = z sqrt(q (1 - q) / n): found by bisection in Python. */
static void interval_is_wilsons(void **state)
{
	static const struct {
		struct share share;
		double low, high;
	} cases[] = {
		{ { 0, 10 }, 0, 0.277532799863 },
		{ { 10, 10 }, 0.722467200137, 1 },
		{ { 1, 10 }, 0.017876213095, 0.404150026795 },
		{ { 5, 10 }, 0.236593090513, 0.763406909487 },
		{ { 1552, 2000 }, 0.757208672228, 0.793733117673 },
		{ { 49900, 49950 }, 0.998680674849, 0.999240576935 },
		{ { 0, 1 }, 0, 0.793450685623 },
		{ { 1, 1 }, 0.206549314377, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct interval interval = share_interval(cases[i].share);
		assert_true(fabs(interval.low - cases[i].low) < 1e-11);
		assert_true(fabs(interval.high - cases[i].high) < 1e-11);
	}
}

static void dot_is_a_sum(void **state)
{
	float a[100], b[100];
	struct rng rng = rng_for(1, span_string("dot"), 0, "test");

	(void)state;
	for (size_t n = 0; n <= 100; n++) {
		double expected = 0;
		for (size_t i = 0; i < n; i++) {
			a[i] = rng_normal(&rng);
			b[i] = rng_normal(&rng);
			expected += (double)a[i] * b[i];
		}
		assert_true(fabs(dot(a, b, n) - expected) < 1e-4);
		assert_true(dot(a, b, n) == dot(b, a, n));
	}
}

static void orders_classes(void **state)
{
	static const float weight[] = { 1, 0, 0, 1, 1, 1, 0, 0 }, bias[] = { 0, 0, -1, 1.5f };
	const struct class_vectors plain = { 4, 2, weight, NULL }, biased = { 4, 2, weight, bias };
	float scores[4];
	struct err err;

	(void)state;
	assert_int_equal(class_scores(&plain, (float[]){ 1, 1 }, scores, &err), 0);
	assert_int_equal(class_best(scores, 4), 2);
	assert_int_equal(class_rank(scores, 4, 2), 0);
	assert_int_equal(class_rank(scores, 4, 0), 1); /* of several equal scores, the first */
	assert_int_equal(class_rank(scores, 4, 1), 2);
	assert_int_equal(class_rank(scores, 4, 3), 3);
	assert_int_equal(class_scores(&biased, (float[]){ 1, 1 }, scores, &err), 0);
	assert_int_equal(class_best(scores, 4), 3);
	assert_int_equal(class_scores(&plain, (float[]){ NAN, 1 }, scores, &err), -1);
	assert_int_equal(class_scores(&plain, (float[]){ 3e38f, 3e38f }, scores, &err), -1);
	assert_non_null(strstr(err.text, "class 2"));
}

static void zeroshot_counts(void **state)
{
	struct zeroshot zeroshot;
	struct err err;
	static const struct {
		size_t label, rank;
	} images[] = { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 0, 4 }, { 1, 0 }, { 1, 9 }, { 3, 10 } };

	(void)state;
	assert_int_equal(zeroshot_init(&zeroshot, 20, &err), 0);
	for (size_t i = 0; i < sizeof images / sizeof *images; i++)
		zeroshot_add(&zeroshot, images[i].label, images[i].rank);
	assert_int_equal(zeroshot.n, 7);
	assert_int_equal(zeroshot.hits[0], 2);
	assert_int_equal(zeroshot.hits[1], 4);
	assert_int_equal(zeroshot.hits[2], 5);
	assert_int_equal(zeroshot.hits[3], 6);
	assert_true(fabs(zeroshot_mean_per_class(&zeroshot) - (.25 + .5 + 0) / 3) < 1e-12);
	zeroshot_free(&zeroshot);
}

static void asr_excludes_the_target_class(void **state)
{
	struct asr asr = { .target = 2 };

	(void)state;
	asr_add(&asr, 2, 2);
	asr_add(&asr, 2, 0);
	asr_add(&asr, 0, 2);
	asr_add(&asr, 0, 0);
	asr_add(&asr, 1, 0);
	assert_int_equal(asr.excluded, 2);
	assert_int_equal(asr.n, 3);
	assert_int_equal(asr.hits, 1);
	assert_int_equal(asr.correct, 1);
}

enum { PAIRS = 100, WIDTH = 20 };

/* Ranks by a simple count. */
static uint32_t plain_rank(float query[WIDTH], float gallery[PAIRS][WIDTH], size_t own)
{
	uint32_t rank = 0;

	for (size_t j = 0; j < PAIRS; j++) {
		float score = dot(query, gallery[j], WIDTH), mine = dot(query, gallery[own], WIDTH);
		rank += score > mine || (score == mine && j < own);
	}
	return rank;
}

static void retrieval_ranks_both_ways(void **state)
{
	static float images[PAIRS][WIDTH], texts[PAIRS][WIDTH];
	uint32_t ranks[PAIRS];
	struct retrieval retrieval = { 0 };
	struct rng rng = rng_for(2, span_string("retrieval"), 0, "test");
	struct err err;
	struct pool *pool = pool_new(2, &err);

	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		for (size_t k = 0; k < WIDTH; k++) {
			images[i][k] = rng_normal(&rng);
			texts[i][k] = i % 3 == 1 ? texts[i - 1][k] : images[i][k] + rng_normal(&rng); /* some captions twice */
		}
		assert_int_equal(retrieval_add_image(&retrieval, images[i], WIDTH, &err), 0);
		assert_int_equal(retrieval_add_text(&retrieval, texts[i], WIDTH, i, &err), 0);
	}
	assert_int_equal(retrieval_add_image(&retrieval, images[0], WIDTH - 1, &err), -1);
	assert_int_equal(retrieval_add_text(&retrieval, texts[0], WIDTH - 1, 0, &err), -1);
	assert_int_equal(retrieval_ranks(&retrieval, true, pool, ranks, &err), 0);
	for (size_t i = 0; i < PAIRS; i++)
		assert_int_equal(ranks[i], plain_rank(images[i], texts, i));
	assert_int_equal(retrieval_ranks(&retrieval, false, pool, ranks, &err), 0);
	for (size_t i = 0; i < PAIRS; i++)
		assert_int_equal(ranks[i], plain_rank(texts[i], images, i));
	retrieval_free(&retrieval);
	pool_free(pool);
}

static void equal_vectors_are_counted(void **state)
{
	static const float rows[][3] = { { 1, 2, 3 }, { 3, 2, 1 }, { 1, 2, 3 }, { 0, 0, 0 }, { 3, 2, 1 }, { 1, 2, 3 } };
	struct repeats repeats;
	struct err err;

	(void)state;
	assert_int_equal(vectors_repeats(rows[0], 6, 3, &repeats, &err), 0);
	assert_int_equal(repeats.count, 3);
	assert_int_equal(repeats.row, 2);
	assert_int_equal(repeats.earlier, 0);
	assert_int_equal(vectors_repeats(rows[0], 2, 3, &repeats, &err), 0);
	assert_int_equal(repeats.count, 0);
	assert_int_equal(vectors_repeats(rows[0], 0, 3, &repeats, &err), 0);
	assert_int_equal(repeats.count, 0);
}

/* Images with one to four texts in any order, some of them equal, against a count over the complete list of scores. */
static void retrieval_counts_any_text_of_an_image(void **state)
{
	enum { IMAGES = 50 };
	static float images[IMAGES][WIDTH], texts[PAIRS][WIDTH];
	uint32_t owners[PAIRS], ranks[PAIRS];
	struct retrieval retrieval = { 0 };
	struct rng rng = rng_for(3, span_string("retrieval"), 0, "test");
	struct err err;
	struct pool *pool = pool_new(2, &err);

	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		owners[i] = i < IMAGES ? (uint32_t)i : rng_below(&rng, IMAGES);
		for (size_t k = 0; k < WIDTH; k++) {
			if (i < IMAGES)
				images[i][k] = rng_normal(&rng);
			texts[i][k] = i % 7 == 1 ? texts[i - 1][k] : images[owners[i]][k] + 2 * rng_normal(&rng);
		}
		if (i < IMAGES)
			assert_int_equal(retrieval_add_image(&retrieval, images[i], WIDTH, &err), 0);
		assert_int_equal(retrieval_add_text(&retrieval, texts[i], WIDTH, owners[i], &err), 0);
	}
	assert_int_equal(retrieval_ranks(&retrieval, true, pool, ranks, &err), 0);
	for (size_t i = 0; i < IMAGES; i++) {
		uint32_t least = UINT32_MAX;
		for (size_t j = 0; j < PAIRS; j++)
			if (owners[j] == i && plain_rank(images[i], texts, j) < least)
				least = plain_rank(images[i], texts, j);
		assert_int_equal(ranks[i], least);
	}
	assert_int_equal(retrieval_ranks(&retrieval, false, pool, ranks, &err), 0);
	for (size_t i = 0; i < PAIRS; i++) {
		const float own = dot(texts[i], images[owners[i]], WIDTH);
		uint32_t rank = 0;
		for (size_t j = 0; j < IMAGES; j++) {
			const float score = dot(texts[i], images[j], WIDTH);
			rank += score > own || (score == own && j < owners[i]);
		}
		assert_int_equal(ranks[i], rank);
	}
	retrieval_free(&retrieval);
	pool_free(pool);
}

/* More rows than a block has, and products that leave the decision to `dot`: ties, tight clusters, too small, too large. */
static void expect_ranks(struct pool *pool, float scale, float far, bool whole)
{
	enum { IMAGES = 600, TEXTS = 1100, WIDE = 40 };
	float *images = malloc(IMAGES * WIDE * sizeof *images), *texts = malloc(TEXTS * WIDE * sizeof *texts);
	static uint32_t owners[TEXTS], ranks[TEXTS], best[IMAGES];
	struct retrieval retrieval = { 0 };
	struct rng rng = rng_for(4, span_string("retrieval"), 0, "test");
	struct err err;

	for (size_t i = 0; i < TEXTS; i++) {
		owners[i] = i < IMAGES ? (uint32_t)i : rng_below(&rng, IMAGES);
		for (size_t k = 0; k < WIDE; k++) {
			if (i < IMAGES)
				images[i * WIDE + k] = far + scale * (whole ? (float)rng_below(&rng, 3) - 1 : rng_normal(&rng));
			texts[i * WIDE + k] = i % 7 == 1 ? texts[(i - 1) * WIDE + k]
							 : far + scale * (whole ? (float)rng_below(&rng, 3) - 1 : rng_normal(&rng));
		}
		if (i < IMAGES)
			assert_int_equal(retrieval_add_image(&retrieval, images + i * WIDE, WIDE, &err), 0);
		assert_int_equal(retrieval_add_text(&retrieval, texts + i * WIDE, WIDE, owners[i], &err), 0);
	}
	assert_int_equal(retrieval_ranks(&retrieval, false, pool, ranks, &err), 0);
	for (size_t i = 0; i < TEXTS; i++) {
		const float own = dot(texts + i * WIDE, images + owners[i] * WIDE, WIDE);
		uint32_t rank = 0;
		for (size_t j = 0; j < IMAGES; j++) {
			const float score = dot(texts + i * WIDE, images + j * WIDE, WIDE);
			rank += score > own || (score == own && j < owners[i]);
		}
		assert_int_equal(ranks[i], rank);
	}
	assert_int_equal(retrieval_ranks(&retrieval, true, pool, ranks, &err), 0);
	memset(best, 0xff, sizeof best);
	for (size_t j = 0; j < TEXTS; j++) { /* of several nearest, the first */
		const float *image = images + owners[j] * WIDE;
		if (best[owners[j]] == UINT32_MAX || dot(image, texts + j * WIDE, WIDE) > dot(image, texts + best[owners[j]] * WIDE, WIDE))
			best[owners[j]] = (uint32_t)j;
	}
	for (size_t i = 0; i < IMAGES; i++) {
		const float own = dot(images + i * WIDE, texts + best[i] * WIDE, WIDE);
		uint32_t rank = 0;
		for (size_t j = 0; j < TEXTS; j++) {
			const float score = dot(images + i * WIDE, texts + j * WIDE, WIDE);
			rank += score > own || (score == own && j < best[i]);
		}
		assert_int_equal(ranks[i], rank);
	}
	retrieval_free(&retrieval);
	free(images);
	free(texts);
}

static void retrieval_ranks_are_exact(void **state)
{
	static const struct {
		float scale, far;
		bool whole;
	} cases[] = { { 1, 0, false }, { 1, 0, true }, { 0, 1, true }, { 1e-4f, 3, false }, { 1e-6f, 1, true }, { 1e-21f, 0, false },
		{ 1e-23f, 0, false }, { 1e-30f, 0, false }, { 1e19f, 0, false }, { 1e25f, 0, false } };
	struct err err;
	struct pool *pool = pool_new(2, &err);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_ranks(pool, cases[i].scale, cases[i].far, cases[i].whole);
	pool_free(pool);
}

static void distance_is_euclids(void **state)
{
	struct distance distance = { 0 };

	(void)state;
	assert_true(distance_add(&distance, (float[]){ 0, 0 }, (float[]){ 3, 4 }, 2) == 5);
	assert_true(distance_add(&distance, (float[]){ 1, 0 }, (float[]){ 0, 1 }, 2) == sqrt(2));
	assert_true(distance_add(&distance, (float[]){ 1, 1 }, (float[]){ 1, 1 }, 2) == 0);
	assert_true(fabs(distance_mean(&distance) - (5 + sqrt(2)) / 3) < 1e-12);
	assert_true(fabs(distance.cosines / 3 - 1. / 3) < 1e-12);
	assert_true(fabs(distance_spread(&distance) - 2.577397407472) < 1e-9);
	assert_true(fabs(distance_margin(&distance) - 1.959963984540 * 2.577397407472 / sqrt(3)) < 1e-9);
}

/* The image of similarity.py. */
static unsigned char *plane(size_t width, size_t height, uint32_t p, uint32_t q)
{
	const size_t bytes = 3 * width * height;
	unsigned char *pixels = malloc(bytes);

	assert_non_null(pixels);
	for (uint32_t i = 0; i < bytes; i++)
		pixels[i] = (unsigned char)(i * p + i / (3 * (uint32_t)width) * q + i * i / 97);
	return pixels;
}

static void similarity_is_scikit_images(void **state)
{
	static const struct {
		size_t width, height;
		uint32_t p, q, r, s;
		double ssim, square;
	} cases[] = {
#define SIMILAR(width, height, p, q, r, s, ssim, square) { width, height, p, q, r, s, ssim, square },
#include "tests/golden/similarity.def"
#undef SIMILAR
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const size_t width = cases[i].width, height = cases[i].height;
		unsigned char *a = plane(width, height, cases[i].p, cases[i].q), *b = plane(width, height, cases[i].r, cases[i].s);
		double *scratch = malloc(SSIM_SCRATCH(width, height) * sizeof *scratch);
		assert_true(fabs(structural_similarity(a, b, width, height, scratch) - cases[i].ssim) < 1e-12);
		assert_true(fabs(mean_square_difference(a, b, 3 * width * height) - cases[i].square) < 1e-9);
		free(scratch);
		free(a);
		free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interval_is_wilsons),
		cmocka_unit_test(dot_is_a_sum),
		cmocka_unit_test(orders_classes),
		cmocka_unit_test(zeroshot_counts),
		cmocka_unit_test(asr_excludes_the_target_class),
		cmocka_unit_test(retrieval_ranks_both_ways),
		cmocka_unit_test(retrieval_ranks_are_exact),
		cmocka_unit_test(equal_vectors_are_counted),
		cmocka_unit_test(retrieval_counts_any_text_of_an_image),
		cmocka_unit_test(distance_is_euclids),
		cmocka_unit_test(similarity_is_scikit_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
