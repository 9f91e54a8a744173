#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/rng.h"
#include "formats/image/image_codec.h"
#include "golden.h"
#include "image_case.h"
#include "image_copy.h"

static const struct {
	const char *name;
	size_t width, height;
	uint64_t hash;
} files[] = {
#define OPERATION(name, a, b, c, kind, width, height, to_width, to_height, hash)
#define AUTOAUGMENT(pair, width, height, hash)
#define FILE(name, width, height, hash) { name, width, height, hash },
#include "tests/golden/images.def"
#undef OPERATION
#undef AUTOAUGMENT
#undef FILE
};

enum { FILES = sizeof files / sizeof *files };

static struct buf read_file(size_t i)
{
	char path[256];

	snprintf(path, sizeof path, "tests/golden/images/%s", files[i].name);
	return golden_read(path);
}

static void pixels_are_pillows(void **state)
{
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct buf content = read_file(i);
		if (decode(&image, buf_span(&content), &err))
			fail_msg("%s: %s", files[i].name, err.text);
		if (image.width != files[i].width || image.height != files[i].height || hash_of(&image) != files[i].hash)
			fail_msg("%s: other pixels", files[i].name);
		buf_free(&content);
	}
	image_free(&image);
}

static bool ends_with(const char *name, const char *end)
{
	return strlen(name) > strlen(end) && strcmp(name + strlen(name) - strlen(end), end) == 0;
}

/* Bytes at the end without which all pixels are there: the marker of a JPEG; IEND and both checksums of a PNG, and what is
 * left of the code that ends its data; what follows the pixels of a WebP; digits of the last plain number and the end of its
 * line. */
static size_t spare_bytes(const char *name)
{
	return ends_with(name, ".jpg")          ? 2
	       : ends_with(name, ".png")        ? 12 + 4 + 4 + 1
	       : strcmp(name, "exif.webp") == 0 ? 8 + 26
	       : strcmp(name, "plain.pbm") == 0 ? 1
	       : strstr(name, "plain.")         ? 3
						: 0;
}

/* Any other truncation is detected.  A truncation that passes does not change the pixels. */
static void every_truncation_is_detected(void **state)
{
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct buf content = read_file(i);
		const bool digits = strstr(files[i].name, "plain.") != NULL; /* a truncated last number is still a number */
		for (size_t size = 0; size < content.size; size++) {
			const bool passes = decode(&image, span_of(content.data, size), &err) == 0;
			if (passes && size < content.size - spare_bytes(files[i].name))
				fail_msg("%s: %zu of %zu bytes pass", files[i].name, size, content.size);
			if (passes && !digits && hash_of(&image) != files[i].hash)
				fail_msg("%s: %zu of %zu bytes have other pixels", files[i].name, size, content.size);
			assert_true(passes || strlen(err.text) > 8);
		}
		buf_free(&content);
	}
	image_free(&image);
}

static void truncation_is_reported(void **state)
{
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct buf content = read_file(i);
		const size_t size = content.size - spare_bytes(files[i].name) - 1;
		assert_int_equal(decode(&image, span_of(content.data, size * 9 / 10), &err), -1);
		const char *codec = ends_with(files[i].name, ".jpg")    ? "jpeg: "
				    : ends_with(files[i].name, ".png")  ? "png: "
				    : ends_with(files[i].name, ".webp") ? "webp: "
									: "ppm: ";
		assert_true(strncmp(err.text, codec, strlen(codec)) == 0);
		assert_non_null(strstr(err.text, "premature end of data"));
		buf_free(&content);
	}
	image_free(&image);
}

static struct image_part all_of(void *context, size_t width, size_t height)
{
	(void)context;
	return part_whole(width, height);
}

static void damaged_bytes_do_no_harm(void **state)
{
	const struct image_request on_white = { all_of, .on_white = true };
	struct image_part have;
	struct image image = { 0 };
	struct err err;
	struct rng rng = rng_for(1, span_string("damage"), 0, "test");

	(void)state;
	for (size_t round = 0; round < 200; round++)
		for (size_t i = 0; i < FILES; i++) {
			struct buf content = read_file(i);
			for (uint32_t hits = 1 + rng_below(&rng, 4); hits > 0; hits--)
				content.data[3 + rng_below(&rng, (uint32_t)content.size - 3)] = (unsigned char)rng_u32(&rng);
			decode(&image, buf_span(&content), &err);
			image_decode_part(&image, &have, buf_span(&content), &IMAGE_LIMITS_DEFAULT, &on_white, &err);
			buf_free(&content);
		}
	image_free(&image);
}

static void the_limit_of_pixels_is_kept(void **state)
{
	const struct image_limits small = { .pixels = 61 * 45 - 1 };
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct buf content = read_file(i);
		if (files[i].width * files[i].height == 61 * 45)
			assert_int_equal(image_decode(&image, buf_span(&content), &small, &err), -1);
		assert_null(image.pixels);
		buf_free(&content);
	}
}

struct request_context {
	struct image_part part;
	int asked;
};

static struct image_part requested_part(void *context, size_t width, size_t height)
{
	struct request_context *request = context;

	assert_true(width >= request->part.x + request->part.width && height >= request->part.y + request->part.height);
	request->asked++;
	return request->part;
}

static int decode_part(
	struct image *image, struct image_part *have, struct span bytes, const struct image_request *request, struct err *err)
{
	return image_decode_part(image, have, bytes, &IMAGE_LIMITS_DEFAULT, request, err);
}

/* A part decoded alone equals that part of the whole: in a corner, inside, narrow, all of it. */
static void parts_are_exact(const char *how)
{
	static const struct image_part parts[] = { { 0, 0, 1, 1 }, { 300, 200, 1, 1 }, { 40, 30, 80, 70 }, { 33, 0, 17, 201 },
		{ 0, 77, 301, 9 }, { 150, 100, 151, 101 }, { 0, 0, 301, 201 }, { 63, 63, 2, 2 }, { 280, 180, 21, 21 }, { 48, 16, 33, 33 },
		{ 64, 96, 64, 48 } };
	struct image image = { 0 }, whole = { 0 }, got = { 0 }, wanted = { 0 }, crop = { 0 };
	struct image_encoding encoding;
	struct err err;

	paint(&image, "noise", 301, 201);
	assert_int_equal(image_encoding_parse(&encoding, how, &err), 0);
	struct buf bytes = { 0 };
	assert_int_equal(image_encode(&bytes, &image, &encoding, &err), 0);
	assert_int_equal(decode(&whole, buf_span(&bytes), &err), 0);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct request_context context = { parts[i], 0 };
		const struct image_request request = { requested_part, &context };
		struct image_part have;

		assert_int_equal(decode_part(&got, &have, buf_span(&bytes), &request, &err), 0);
		assert_int_equal(context.asked, 1);
		assert_true(part_covers(&have, &parts[i]));
		assert_int_equal(image_crop(&wanted, &whole, &parts[i], &err), 0);
		const struct image_part inner = { parts[i].x - have.x, parts[i].y - have.y, parts[i].width, parts[i].height };
		assert_int_equal(image_crop(&crop, &got, &inner, &err), 0);
		assert_same(&crop, &wanted);
		/* Truncated after the part, the file is still incomplete. */
		assert_int_equal(
			image_decode_part(&got, &have, span_of(bytes.data, bytes.size - 60), &IMAGE_LIMITS_DEFAULT, &request, &err), -1);
	}
	buf_free(&bytes);
	image_free(&image);
	image_free(&whole);
	image_free(&got);
	image_free(&wanted);
	image_free(&crop);
}

static void parts_are_decoded_exactly(void **state)
{
	static const char *const encodings[] = { "jpeg:80", "png", "webp:30", "webp:lossless", "ppm" };

	(void)state;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		parts_are_exact(encodings[i]);
}

static void parts_of_golden_files(void **state)
{
	struct image whole = { 0 }, got = { 0 }, wanted = { 0 }, crop = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		struct buf bytes = read_file(i);
		assert_int_equal(decode(&whole, buf_span(&bytes), &err), 0);
		struct request_context context = { .part = { whole.width / 2, whole.height / 3, (whole.width + 3) / 4,
							   (whole.height + 4) / 5 } };
		const struct image_request request = { requested_part, &context };
		struct image_part have;

		assert_int_equal(decode_part(&got, &have, buf_span(&bytes), &request, &err), 0);
		assert_int_equal(context.asked, 1);
		const struct image_part inner = { context.part.x - have.x, context.part.y - have.y, context.part.width,
			context.part.height };
		assert_int_equal(image_crop(&wanted, &whole, &context.part, &err), 0);
		assert_int_equal(image_crop(&crop, &got, &inner, &err), 0);
		assert_same(&crop, &wanted);
		buf_free(&bytes);
	}
	image_free(&whole);
	image_free(&got);
	image_free(&wanted);
	image_free(&crop);
}

static void transparent_pixels_become_white(void **state)
{
	static const struct {
		const char *name;
		uint64_t hash;
	} goldens[] = {
#define ON_WHITE(name, hash) { name, hash },
#include "tests/golden/alpha.def"
#undef ON_WHITE
	};
	const struct image_request request = { all_of, .on_white = true };
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
		char path[256];
		struct image_part have;
		snprintf(path, sizeof path, "tests/golden/images/%s", goldens[i].name);
		struct buf bytes = golden_read(path);
		if (image_decode_part(&image, &have, buf_span(&bytes), &IMAGE_LIMITS_DEFAULT, &request, &err))
			fail_msg("%s: %s", goldens[i].name, err.text);
		if (hash_of(&image) != goldens[i].hash)
			fail_msg("%s: other pixels on white", goldens[i].name);
		buf_free(&bytes);
	}
	image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixels_are_pillows),
		cmocka_unit_test(every_truncation_is_detected),
		cmocka_unit_test(truncation_is_reported),
		cmocka_unit_test(damaged_bytes_do_no_harm),
		cmocka_unit_test(the_limit_of_pixels_is_kept),
		cmocka_unit_test(parts_are_decoded_exactly),
		cmocka_unit_test(parts_of_golden_files),
		cmocka_unit_test(transparent_pixels_become_white),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
