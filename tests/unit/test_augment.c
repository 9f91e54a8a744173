#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "augment/augment.h"
#include "image_case.h"

/* The image after a chain of policies, for one seed. */
static void augmented(struct image *image, const char *chain, const char *kind, size_t width, size_t height, uint64_t seed)
{
	struct rng rng = rng_for(seed, span_string("key"), 0, "view");
	struct image_augmentation augmentation;
	struct image spare = { 0 };
	struct err err;

	const size_t size = width < height ? width : height;
	paint(image, kind, width, height);
	if (image_augmentation_parse(&augmentation, chain, &err) ||
		image_augment(&augmentation, AUGMENT_FULL, size, image, &spare, &rng, &err) ||
		image_augment(&augmentation, AUGMENT_SMALL, size, image, &spare, &rng, &err))
		fail_msg("%s: %s", chain, err.text);
	image_free(&spare);
}

static uint64_t augmented_hash(const char *chain, size_t width, size_t height, uint64_t seed)
{
	struct image image = { 0 };

	augmented(&image, chain, "smooth", width, height, seed);
	uint64_t hash = hash_of(&image);
	image_free(&image);
	return hash;
}

/* Each of the 25 pairs equals Pillow's result for one of the four combinations of signs, and over many seeds for
 * each of them. */
static void autoaugment_is_torchvisions(void **state)
{
	static const struct {
		int pair;
		uint64_t hash;
	} golden[] = {
#define OPERATION(name, a, b, c, kind, width, height, to_width, to_height, hash)
#define AUTOAUGMENT(pair, width, height, hash) { pair, hash },
#define FILE(name, width, height, hash)
#include "tests/golden/images.def"
#undef OPERATION
#undef AUTOAUGMENT
#undef FILE
	};
	unsigned seen = 0;

	(void)state;
	for (int pair = 0; pair < 25; pair++) {
		char chain[64];
		unsigned found = 0;

		snprintf(chain, sizeof chain, "autoaugment:policy=%d", pair);
		for (uint64_t seed = 0; seed < 40; seed++) {
			const uint64_t hash = augmented_hash(chain, 50, 75, seed);
			unsigned matches = 0;
			for (int sign = 0; sign < 4; sign++)
				if (golden[4 * pair + sign].hash == hash)
					matches |= 1u << sign;
			if (!matches)
				fail_msg("pair %d, seed %d: other pixels", pair, (int)seed);
			found |= matches;
		}
		assert_int_equal(golden[4 * pair].pair, pair);
		if (found != 15)
			fail_msg("pair %d: a sign never came", pair);
		seen++;
	}
	assert_int_equal(seen, 25);
}

/* Pairs are drawn at random, each about once in 25, so many different images occur, and the same ones for the
 * same seed. */
static void views_depend_on_the_seed_alone(void **state)
{
	static const char *const chains[] = { "autoaugment", "strong", "shiftflip:shift=8", "rrc", "rrc+strong+shiftflip" };

	(void)state;
	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
		size_t different = 0;
		for (uint64_t seed = 0; seed < 100; seed++) {
			const uint64_t hash = augmented_hash(chains[i], 60, 40, seed);
			assert_int_equal(hash, augmented_hash(chains[i], 60, 40, seed));
			different += hash != augmented_hash(chains[i], 60, 40, seed + 1);
		}
		assert_in_range(different, 60, 100);
	}
	assert_int_equal(augmented_hash("none", 60, 40, 1), augmented_hash("none", 60, 40, 2));
}

static void tiny_images_survive_everything(void **state)
{
	static const size_t sizes[][2] = { { 1, 1 }, { 3, 2 }, { 2, 3 }, { 1, 40 }, { 40, 1 }, { 32, 32 } };
	struct image image = { 0 };

	(void)state;
	for (size_t p = 0; image_policies[p]; p++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			for (uint64_t seed = 0; seed < 60; seed++) {
				augmented(&image, image_policies[p]->name, seed % 2 ? "noise" : "flat", sizes[i][0], sizes[i][1], seed);
				if (sizes[i][0] == sizes[i][1])
					assert_true(image.width == sizes[i][0] && image.height == sizes[i][1]);
			}
	image_free(&image);
}

/* The pixel that a shift brings to x, y; outside: mirrored at the outermost ones, or NULL for black. */
static const unsigned char *shifted(const struct image *from, long x, long y, bool mirrored)
{
	const long width = (long)from->width, height = (long)from->height;

	if (!mirrored && (x < 0 || x >= width || y < 0 || y >= height))
		return NULL;
	x = x < 0 ? -x : x >= width ? 2 * (width - 1) - x : x;
	y = y < 0 ? -y : y >= height ? 2 * (height - 1) - y : y;
	return from->pixels + 3 * (y * width + x);
}

static bool is_shift_of(const struct image *to, const struct image *from, long right, long down, bool mirrored)
{
	static const unsigned char black[3];
	const unsigned char *pixel = to->pixels;

	for (long y = 0; y < (long)to->height; y++)
		for (long x = 0; x < (long)to->width; x++, pixel += 3) {
			const unsigned char *wanted = shifted(from, x - right, y - down, mirrored);
			if (memcmp(pixel, wanted ? wanted : black, 3) != 0)
				return false;
		}
	return true;
}

/* All shifts occur, none is larger, and the edges are filled with black or the reflected image. */
static void shifts_move_pixels(void **state)
{
	static const char *const chains[] = { "shiftflip:shift=2,flip=0", "shiftflip:shift=2,flip=0,padding=zero" };
	struct image from = { 0 }, to = { 0 };
	unsigned seen = 0;

	(void)state;
	paint(&from, "noise", 9, 8);
	for (uint64_t seed = 0; seed < 400; seed++) {
		int fits = 0;
		augmented(&to, chains[seed % 2], "noise", 9, 8, seed);
		for (long right = -2; right <= 2; right++)
			for (long down = -2; down <= 2; down++)
				if (is_shift_of(&to, &from, right, down, seed % 2 == 0)) {
					seen |= 1u << ((right + 2) * 5 + down + 2);
					fits++;
				}
		assert_int_equal(fits, 1);
	}
	assert_int_equal(seen, (1u << 25) - 1);
	image_free(&from);
	image_free(&to);
}

static void crops_have_the_requested_area_and_shape(void **state)
{
	const struct random_crop crop = { .25f, .5f, 4 / 3.f };
	size_t tries = 0;
	double least = 1, most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct rng rng = rng_for(seed, span_string("key"), 0, "crop");
		const struct image_part part = random_crop_part(&crop, 400, 300, &rng);
		const struct image_part all = part_whole(400, 300);
		const double share = (double)(part.width * part.height) / (400 * 300);
		const double ratio = (double)part.width / (double)part.height;

		assert_true(part_covers(&all, &part));
		assert_true(share > .245 && share < .505 && ratio > .74 && ratio < 1.35);
		least = share < least ? share : least;
		most = share > most ? share : most;
		tries++;
	}
	assert_int_equal(tries, 2000);
	assert_true(least < .255 && most > .495);

	/* No part of that shape fits, so the middle is used. */
	const struct random_crop whole = { 1, 1, 4 / 3.f };
	struct rng rng = rng_for(1, span_string("key"), 0, "crop");
	const struct image_part part = random_crop_part(&whole, 10, 1000, &rng);
	assert_true(part.width == 10 && part.height == 13 && part.x == 0 && part.y == 493);
}

static void unknown_policies_are_refused(void **state)
{
	static const struct {
		const char *chain, *error;
	} wrong[] = {
		{ "blur", "unknown image policy \"blur\"; accepted: none, autoaugment, strong, shiftflip, rrc, and several joined by +" },
		{ "", "unknown image policy \"\"" },
		{ "none+", "unknown image policy \"\"" },
		{ "shiftflip:shift", "shiftflip: shift=: must be a whole number from 0 to 1024 (largest shift, in pixels)" },
		{ "shiftflip:shift=1.5", "whole number" },
		{ "shiftflip:shift=-1", "shift=-1" },
		{ "shiftflip:flop=1", "unknown parameter \"flop\"; accepted: shift=3 (0..1024: largest shift, in pixels), flip=0.5" },
		{ "shiftflip:shift=1,shift=2", "twice" },
		{ "shiftflip:padding=edge", "padding" },
		{ "strong:ops=10", "ops=10" },
		{ "none:x=1", "accepted: none" },
		{ "none+none+none+none+none+none+none+none+none", "more than 8" },
	};
	struct image_augmentation augmentation;
	struct text_augmentation text;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(image_augmentation_parse(&augmentation, wrong[i].chain, &err), -1);
		if (!strstr(err.text, wrong[i].error))
			fail_msg("%s: %s", wrong[i].chain, err.text);
	}
	assert_int_equal(text_augmentation_parse(&text, "edda", &err), -1);
	assert_non_null(strstr(err.text, "unknown text policy \"edda\"; accepted: none"));
}

static void stages_are_distinguished(void **state)
{
	struct image_augmentation augmentation;
	struct err err;

	(void)state;
	assert_int_equal(image_augmentation_parse(&augmentation, "shiftflip+autoaugment:policy=3", &err), 0);
	assert_int_equal(augmentation.count, 2);
	assert_true(image_augmentation_has(&augmentation, AUGMENT_FULL) && image_augmentation_has(&augmentation, AUGMENT_SMALL));
	assert_int_equal(image_augmentation_parse(&augmentation, "strong", &err), 0);
	assert_false(image_augmentation_has(&augmentation, AUGMENT_FULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(autoaugment_is_torchvisions),
		cmocka_unit_test(views_depend_on_the_seed_alone),
		cmocka_unit_test(tiny_images_survive_everything),
		cmocka_unit_test(shifts_move_pixels),
		cmocka_unit_test(crops_have_the_requested_area_and_shape),
		cmocka_unit_test(unknown_policies_are_refused),
		cmocka_unit_test(stages_are_distinguished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
