#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "image/resize_axis.h"
#include "image_case.h"
#include "tests/bench/image_operation.h"

static void operations_are_pillows(void **state)
{
	static const struct {
		struct operation op;
		const char *kind;
		size_t width, height, to_width, to_height;
		uint64_t hash;
	} golden[] = {
#define OPERATION(name, a, b, c, kind, width, height, to_width, to_height, hash)                                                           \
	{ { name, a, b, c, false }, kind, width, height, to_width, to_height, hash },
#define AUTOAUGMENT(pair, width, height, hash)
#define FILE(name, width, height, hash)
#include "tests/golden/images.def"
#undef OPERATION
#undef AUTOAUGMENT
#undef FILE
	};
	struct image image = { 0 }, spare = { 0 };
	struct resizer resizer = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
		paint(&image, golden[i].kind, golden[i].width, golden[i].height);
		assert_int_equal(operation_run(&golden[i].op, &image, &spare, &resizer, &err), 0);
		if (image.width != golden[i].to_width || image.height != golden[i].to_height || hash_of(&image) != golden[i].hash)
			fail_msg("%s %g %g %g on %s %zu x %zu: other pixels", golden[i].op.name, golden[i].op.a, golden[i].op.b,
				golden[i].op.c, golden[i].kind, golden[i].width, golden[i].height);
	}
	image_free(&image);
	image_free(&spare);
	resizer_free(&resizer);
}

/* Sizes that reach every path of the kernels: few taps and many, results close to one another and apart, odd
 * rests. */
static void kernels_agree(void **state)
{
	static const size_t sizes[][4] = { { 500, 375, 224, 168 }, { 9, 9, 8, 8 }, { 8, 40, 3, 33 }, { 64, 64, 65, 63 },
		{ 33, 70, 224, 224 }, { 700, 50, 31, 7 }, { 1300, 130, 37, 22 }, { 4000, 37, 30, 40 }, { 23, 2000, 22, 9 },
		{ 5000, 9, 11, 5 }, { 31, 31, 4, 4 }, { 120, 120, 25, 25 } };
	struct image from = { 0 }, plain = { 0 }, other = { 0 };
	struct err err;
	size_t compared = 0;

	(void)state;
	for (size_t k = 0; resize_kernels[k]; k++) {
		if (resize_kernels[k] == &resize_kernel_plain || !resize_kernels[k]->is_supported())
			continue;
		struct resizer by_plain = { .kernel = &resize_kernel_plain };
		struct resizer by_other = { .kernel = resize_kernels[k] };
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			for (int filter = RESIZE_BICUBIC; filter <= RESIZE_BOX; filter++) {
				const size_t *s = sizes[i];
				const enum resize_filter how = (enum resize_filter)filter;
				paint(&from, "noise", s[0], s[1]);
				assert_int_equal(image_resize(&by_plain, &plain, &from, s[2], s[3], how, &err), 0);
				assert_int_equal(image_resize(&by_other, &other, &from, s[2], s[3], how, &err), 0);
				assert_same(&plain, &other);
				compared++;
			}
		resizer_free(&by_plain);
		resizer_free(&by_other);
	}
	image_free(&from);
	image_free(&plain);
	image_free(&other);
	if (!compared)
		skip(); /* this CPU supports only the plain kernel */
}

/* A part of the result, computed from only the part of the source that it needs, equals that part of the
 * whole. */
static void a_part_is_part_of_the_whole(void **state)
{
	static const struct resize_plan plans[] = {
		{ RESIZE_BICUBIC, 131, 97, 60, 44, { 8, 0, 44, 44 }, false },
		{ RESIZE_BICUBIC, 131, 97, 60, 44, { 59, 43, 1, 1 }, false },
		{ RESIZE_BILINEAR, 40, 300, 32, 240, { 0, 104, 32, 32 }, false },
		{ RESIZE_BICUBIC, 40, 300, 32, 240, { 3, 200, 29, 40 }, true },
		{ RESIZE_BICUBIC, 20, 20, 100, 100, { 37, 12, 50, 70 }, false },
		{ RESIZE_BOX, 64, 48, 64, 24, { 10, 3, 40, 9 }, false },
		{ RESIZE_BICUBIC, 64, 48, 32, 48, { 0, 40, 32, 8 }, false },
		{ RESIZE_BICUBIC, 64, 48, 64, 48, { 5, 6, 7, 8 }, false },
	};
	struct image source = { 0 }, piece = { 0 }, whole = { 0 }, wanted = { 0 }, got = { 0 };
	struct resizer resizer = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		struct resize_plan all = plans[i];
		const struct image_part needs = resize_needs(&plans[i]);

		const struct image_part everything = part_whole(all.from_width, all.from_height);

		paint(&source, "noise", all.from_width, all.from_height);
		all.wanted = part_whole(all.width, all.height);
		assert_int_equal(resize_run(&resizer, &all, &source, everything, &whole, &err), 0);
		assert_int_equal(image_crop(&wanted, &whole, &plans[i].wanted, &err), 0);
		assert_int_equal(image_crop(&piece, &source, &needs, &err), 0);
		assert_int_equal(resize_run(&resizer, &plans[i], &piece, needs, &got, &err), 0);
		assert_same(&got, &wanted);
	}
	image_free(&source);
	image_free(&piece);
	image_free(&whole);
	image_free(&wanted);
	image_free(&got);
	resizer_free(&resizer);
}

static void what_cannot_be_resized_is_refused(void **state)
{
	struct image image = { 0 }, to = { 0 };
	struct resizer resizer = { 0 };
	struct err err;
	const struct resize_plan outside = { RESIZE_BICUBIC, 20, 20, 10, 10, { 5, 5, 6, 5 }, false };
	const struct resize_plan nothing = { RESIZE_BICUBIC, 20, 20, 10, 10, { 5, 5, 0, 5 }, false };
	const struct resize_plan thin = { RESIZE_BICUBIC, 1, 64u << 20, 4000, (64u << 20) + 1, { 0, 0, 4000, 1u << 20 }, false };

	(void)state;
	paint(&image, "noise", 20, 20);
	assert_int_equal(resize_run(&resizer, &outside, &image, part_whole(20, 20), &to, &err), -1);
	assert_int_equal(resize_run(&resizer, &nothing, &image, part_whole(20, 20), &to, &err), -1);
	assert_int_equal(resize_run(&resizer, &nothing, &image, part_whole(20, 19), &to, &err), -1);
	paint(&image, "flat", 1, 64u << 20);
	assert_int_equal(resize_run(&resizer, &thin, &image, part_whole(1, 64u << 20), &to, &err), -1);
	assert_non_null(strstr(err.text, "too long and thin"));
	const struct preprocess pad = { .size = 8, .crop = CROP_PAD };
	const struct resize_plan nothing_left = preprocess_plan(&pad, 1, 64u << 20, NULL);
	const struct image_part needs = resize_needs(&nothing_left);
	assert_int_equal(needs.height, 64u << 20);
	assert_int_equal(resize_run(&resizer, &nothing_left, &image, part_whole(1, 64u << 20), &to, &err), -1);
	assert_non_null(strstr(err.text, "the resized image would have no pixels"));
	paint(&image, "flat", 4u << 20, 1);
	assert_int_equal(image_resize(&resizer, &to, &image, 224, 224, RESIZE_BICUBIC, &err), -1);
	assert_string_equal(err.text, "a side of 4194304 pixels is too long to resize");
	paint(&image, "flat", 1u << 19, 1);
	assert_int_equal(image_resize(&resizer, &to, &image, 224, 224, RESIZE_BICUBIC, &err), 0);
	image_free(&image);
	image_free(&to);
	resizer_free(&resizer);
}

static void crops_stay_inside(void **state)
{
	struct image image = { 0 }, to = { 0 };
	struct err err;
	static const struct image_part outside[] = { { 1, 0, 5, 4 }, { 0, 1, 5, 4 }, { 6, 0, 1, 1 }, { SIZE_MAX, 0, 2, 1 },
		{ 0, 0, SIZE_MAX, 1 } };

	(void)state;
	paint(&image, "noise", 5, 4);
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		assert_int_equal(image_crop(&to, &image, &outside[i], &err), -1);
	assert_int_equal(image_crop(&to, &image, &(struct image_part){ 4, 3, 1, 1 }, &err), 0);
	assert_memory_equal(to.pixels, image.pixels + image_bytes(&image) - 3, 3);
	image_free(&image);
	image_free(&to);
}

/* Also for images as long as the limits permit. */
static void random_crops_lie_within(void **state)
{
	static const size_t sides[][2] = { { 1, 1 }, { 500, 375 }, { 224, 224 }, { 1, 64u << 20 }, { 64u << 20, 1 }, { 333, 1000 } };
	struct preprocess how = { 224, RESIZE_BICUBIC, CROP_RANDOM, false };
	size_t least = SIZE_MAX, most = 0;

	(void)state;
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		for (uint64_t seed = 0; seed < 200; seed++) {
			struct rng rng = rng_for(seed, span_string("key"), 0, "crop");
			const struct resize_plan plan = preprocess_plan(&how, sides[i][0], sides[i][1], &rng);
			const struct image_part result = part_whole(plan.width, plan.height);
			const struct image_part needs = resize_needs(&plan);
			const struct image_part source = part_whole(sides[i][0], sides[i][1]);

			assert_true(part_covers(&result, &plan.wanted) && part_covers(&source, &needs));
			if (i == 1) {
				least = plan.wanted.x < least ? plan.wanted.x : least;
				most = plan.wanted.x > most ? plan.wanted.x : most;
			}
		}
	assert_in_range(least, 0, 3);
	assert_in_range(most, 71, 74); /* 298 - 224 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_are_pillows),
		cmocka_unit_test(kernels_agree),
		cmocka_unit_test(a_part_is_part_of_the_whole),
		cmocka_unit_test(what_cannot_be_resized_is_refused),
		cmocka_unit_test(crops_stay_inside),
		cmocka_unit_test(random_crops_lie_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
