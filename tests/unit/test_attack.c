#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>
#include <xxhash.h>

#include "attack/attack.h"

static void paint(struct image *image, size_t width, size_t height)
{
	struct err err;

	assert_int_equal(image_resize_buffer(image, width, height, &err), 0);
	for (size_t i = 0; i < image_bytes(image); i++)
		image->pixels[i] = (unsigned char)(i * 2654435761u >> 13);
}

static struct image_part trigger(struct image *image, const char *attack, uint64_t seed, const char *key)
{
	struct rng rng = rng_for(seed, span_string(key), 0, "trigger");
	struct sample sample = { .image = image };
	struct trigger parsed;
	struct err err;

	assert_int_equal(trigger_parse(&parsed, attack, &err), 0);
	assert_int_equal(trigger_apply(&parsed, &sample, &rng, &err), 0);
	trigger_free(&parsed);
	return sample.place;
}

static const struct {
	const char *attack;
	size_t width, height;
	uint64_t seed;
	const char *key;
	struct image_part place;
	uint64_t hash;
} golden[] = {
#define GOLDEN(attack, width, height, seed, key, x, y, w, h, hash) { attack, width, height, seed, key, { x, y, w, h }, hash },
#include "tests/golden/attacks.def"
};

static void equals_its_definition(void **state)
{
	struct image image = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
		paint(&image, golden[i].width, golden[i].height);
		struct image_part place = trigger(&image, golden[i].attack, golden[i].seed, golden[i].key);
		if (XXH3_64bits(image.pixels, image_bytes(&image)) != golden[i].hash)
			fail_msg("%s on %zu x %zu, key %s: other pixels", golden[i].attack, image.width, image.height, golden[i].key);
		assert_memory_equal(&place, &golden[i].place, sizeof place);
	}
	image_free(&image);
}

static void each_attack_has_a_definition(void **state)
{
	(void)state;
	for (size_t i = 0; attacks[i]; i++) {
		const size_t size = strlen(attacks[i]->name);
		size_t k = 0;
		if (attacks[i]->texts[0].required) /* needs a file: see below */
			continue;
		while (k < sizeof golden / sizeof *golden && (strncmp(golden[k].attack, attacks[i]->name, size) != 0 ||
								     (golden[k].attack[size] && golden[k].attack[size] != ':')))
			k++;
		if (k == sizeof golden / sizeof *golden)
			fail_msg("%s is not in tests/golden/attacks.def", attacks[i]->name);
	}
}

/* A fixed pattern does not depend on seed and key; a new one does. */
static void fixed_patterns_are_fixed(void **state)
{
	struct image a = { 0 }, b = { 0 };

	(void)state;
	paint(&a, 32, 32);
	paint(&b, 32, 32);
	trigger(&a, "blended:pattern=5", 1, "one");
	trigger(&b, "blended:pattern=5", 2, "two");
	assert_memory_equal(a.pixels, b.pixels, image_bytes(&a));
	trigger(&a, "blended", 1, "one");
	trigger(&b, "blended", 1, "two");
	assert_memory_not_equal(a.pixels, b.pixels, image_bytes(&a));
	image_free(&a);
	image_free(&b);
}

static void names_every_corner(void **state)
{
	static const struct {
		const char *attack;
		size_t x, y;
	} corners[] = {
		{ "badnet:patch=4,place=top-left", 0, 0 },
		{ "badnet:patch=4,place=top-right", 16, 0 },
		{ "badnet:patch=4,place=bottom-left", 0, 6 },
		{ "badnet:patch=4,place=bottom-right", 16, 6 },
		{ "badnet:patch=4,place=bottom-right,x=1", 1, 6 },
		{ "badnet:y=0,x=16,patch=4", 16, 0 },
	};
	struct image image = { 0 };

	(void)state;
	paint(&image, 20, 10);
	for (size_t i = 0; i < sizeof corners / sizeof *corners; i++) {
		struct image_part place = trigger(&image, corners[i].attack, 0, "k");
		assert_int_equal(place.x, corners[i].x);
		assert_int_equal(place.y, corners[i].y);
	}
	image_free(&image);
}

static void errors_list_what_is_accepted(void **state)
{
	static const struct {
		const char *attack, *expected;
	} cases[] = {
		{ "blend", "unknown attack \"blend\"; accepted: badnet, yellow, blended, wanet, sig" },
		{ "", "unknown attack \"\"" },
		{ "blended:alfa=1", "blended: unknown parameter \"alfa\"; accepted: alpha=0.2 (0..1: share of noise), "
				    "pattern=0" },
		{ "blended:alpha=2", "from 0 to 1" },
		{ "blended:alpha=", "from 0 to 1" },
		{ "blended:alpha=nan", "from 0 to 1" },
		{ "blended:pattern=1.5", "whole number" },
		{ "blended:alpha=.1,alpha=.2", "twice" },
		{ "badnet:place=middle", "place=middle: must be one of random|top-left|top-right|bottom-left|bottom-right" },
		{ "badnet:patch=0", "from 1 to 65536" },
		{ "patch:alpha=1", "patch: file= is missing (a picture: PNG" },
		{ "patch:file=", "patch: file=: a value is required" },
		{ "patch:file=a,file=b", "patch: file is given twice" },
	};
	struct trigger trigger;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(trigger_parse(&trigger, cases[i].attack, &err), -1);
		if (!strstr(err.text, cases[i].expected))
			fail_msg("%s: %s", cases[i].attack, err.text);
		trigger_free(&trigger);
	}
}

/* alpha times a colour plus the rest times the pixel, the colour rounded once, as in Pillow's RGBa. */
static unsigned char mixed(unsigned char pixel, unsigned colour, unsigned alpha, float opacity)
{
	const double multiplied = floor((double)colour * alpha / 255 + .5);

	return (unsigned char)(opacity * (float)multiplied + (1 - opacity * (float)alpha / 255) * (float)pixel);
}

static void a_picture_is_drawn_over_the_image(void **state)
{
	enum { SIDE = 4 };
	static const float opacities[] = { 1, .25f };
	unsigned char rgba[SIDE * SIDE * 4];
	struct overlay overlay = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof rgba; i++)
		rgba[i] = (unsigned char)(i % 4 == 3 ? i % 5 * 63 : i * 37);
	assert_int_equal(overlay_from_rgba(&overlay, rgba, SIDE, SIDE, &err), 0);
	for (size_t k = 0; k < 2; k++) {
		struct image image = { 0 }, before = { 0 };
		struct rng rng = { 0 };
		struct sample sample = { .image = &image };
		struct trigger trigger;
		paint(&image, 20, 10);
		paint(&before, 20, 10);
		assert_int_equal(trigger_parse(&trigger, k ? "patch:file=x,alpha=.25,x=3,y=2" : "patch:file=x,x=3,y=2", &err), 0);
		trigger.args.picture = &overlay;
		assert_int_equal(trigger_apply(&trigger, &sample, &rng, &err), 0);
		for (size_t y = 0; y < 10; y++)
			for (size_t x = 0; x < 20; x++)
				for (size_t c = 0; c < 3; c++) {
					const size_t at = 3 * (20 * y + x) + c, of = 4 * (SIDE * (y - 2) + x - 3);
					const bool inside = x >= 3 && x < 3 + SIDE && y >= 2 && y < 2 + SIDE;
					assert_int_equal(image.pixels[at],
						inside ? mixed(before.pixels[at], rgba[of + c], rgba[of + 3], opacities[k])
						       : before.pixels[at]);
				}
		assert_true(sample.place.x == 3 && sample.place.y == 2 && sample.place.width == SIDE && sample.place.height == SIDE);
		trigger_free(&trigger);
		image_free(&image);
		image_free(&before);
	}
	overlay_free(&overlay);
}

static void words_go_into_the_caption(void **state)
{
	static const struct {
		const char *attack, *caption, *expected;
	} cases[] = {
		{ "text:words=mn,at=start", "a cat", "mn a cat" },
		{ "text:words=mn,at=end", "a cat", "a cat mn" },
		{ "text:words=mn", "", "mn" },
		{ "text:words=m n,at=end", "cat", "cat m n" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sample sample = { .caption = span_string(cases[i].caption) };
		struct rng rng = rng_for(1, span_string("k"), 0, "trigger");
		struct buf out = { 0 };
		struct trigger trigger;
		assert_int_equal(trigger_parse(&trigger, cases[i].attack, &err), 0);
		assert_true(trigger_in_caption(&trigger));
		assert_int_equal(trigger_write_caption(&trigger, &out, &sample, &rng, &err), 0);
		assert_string_equal(buf_string(&out), cases[i].expected);
		trigger_free(&trigger);
		buf_free(&out);
	}
}

static void a_trigger_that_does_not_fit_is_an_error(void **state)
{
	static const char *const attacks_that_fail[] = { "badnet:patch=11", "badnet:patch=4,x=17", "badnet:patch=4,y=7" };
	struct image image = { 0 };
	struct rng rng = { 0 };
	struct sample sample = { .image = &image };
	struct trigger trigger;
	struct err err;

	(void)state;
	paint(&image, 20, 10);
	for (size_t i = 0; i < sizeof attacks_that_fail / sizeof *attacks_that_fail; i++) {
		assert_int_equal(trigger_parse(&trigger, attacks_that_fail[i], &err), 0);
		assert_int_equal(trigger_apply(&trigger, &sample, &rng, &err), -1);
		assert_non_null(strstr(err.text, "20 x 10"));
		trigger_free(&trigger);
	}
	image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_its_definition),
		cmocka_unit_test(each_attack_has_a_definition),
		cmocka_unit_test(fixed_patterns_are_fixed),
		cmocka_unit_test(names_every_corner),
		cmocka_unit_test(errors_list_what_is_accepted),
		cmocka_unit_test(a_picture_is_drawn_over_the_image),
		cmocka_unit_test(words_go_into_the_caption),
		cmocka_unit_test(a_trigger_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
