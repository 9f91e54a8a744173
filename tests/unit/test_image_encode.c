#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "formats/image/image_codec.h"
#include "image_case.h"

static void lossless_encodings_lose_nothing(void **state)
{
	static const char *const encodings[] = { "png", "webp:lossless", "ppm" };
	struct image image = { 0 }, back = { 0 };
	struct image_encoding encoding;
	struct buf bytes = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		for (size_t width = 1; width < 100; width += 18) {
			paint(&image, width % 4 == 1 ? "smooth" : "noise", width, 23);
			assert_int_equal(image_encoding_parse(&encoding, encodings[i], &err), 0);
			buf_clear(&bytes);
			assert_int_equal(image_encode(&bytes, &image, &encoding, &err), 0);
			assert_int_equal(image_decode(&back, buf_span(&bytes), &IMAGE_LIMITS_DEFAULT, &err), 0);
			assert_same(&back, &image);
			buf_clear(&bytes);
			image_encoding_print(&bytes, &encoding);
			assert_string_equal(buf_string(&bytes), encodings[i]);
		}
	buf_free(&bytes);
	image_free(&image);
	image_free(&back);
}

static void lossy_encodings_lose_little(void **state)
{
	static const struct {
		const char *text, *full;
		int quality;
	} qualities[2][3] = {
		{ { "jpeg:95", "jpeg:95", 95 }, { "jpeg", "jpeg:75", 75 }, { "jpeg:20", "jpeg:20", 20 } },
		{ { "webp:95", "webp:95", 95 }, { "webp", "webp:80", 80 }, { "webp:0", "webp:0", 0 } },
	};
	struct image image = { 0 }, back = { 0 };
	struct image_encoding encoding;
	struct buf bytes = { 0 };
	struct err err;

	(void)state;
	paint(&image, "smooth", 37, 23);
	for (size_t i = 0; i < 6; i++) {
		const size_t last = i % 3 ? bytes.size : SIZE_MAX;
		assert_int_equal(image_encoding_parse(&encoding, qualities[i / 3][i % 3].text, &err), 0);
		assert_int_equal(encoding.quality, qualities[i / 3][i % 3].quality);
		buf_clear(&bytes);
		image_encoding_print(&bytes, &encoding);
		assert_string_equal(buf_string(&bytes), qualities[i / 3][i % 3].full);
		buf_clear(&bytes);
		assert_int_equal(image_encode(&bytes, &image, &encoding, &err), 0);
		assert_true(bytes.size < last);
		assert_int_equal(image_decode(&back, buf_span(&bytes), &IMAGE_LIMITS_DEFAULT, &err), 0);
		assert_int_equal(back.width, image.width);
		size_t difference = 0;
		for (size_t k = 0; k < image_bytes(&image); k++)
			difference += (size_t)abs(image.pixels[k] - back.pixels[k]);
		assert_true(difference / image_bytes(&image) < 16);
	}
	buf_free(&bytes);
	image_free(&image);
	image_free(&back);
}

static void wrong_encodings_list_the_right_ones(void **state)
{
	static const char *const wrong[] = { "", "gif", "jpeg:", "jpeg:0", "jpeg:101", "jpeg:75x", "png:3", "jpegs", "JPEG",
		"jpeg:lossless", "webp:101", "webp:", "webp:loss", "png:lossless", "ppm:1" };
	struct image_encoding encoding;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(image_encoding_parse(&encoding, wrong[i], &err), -1);
		assert_non_null(strstr(err.text, "accepted: jpeg[:1..100], png, webp[:0..100], webp:lossless, ppm"));
	}
}

/* Wraps realloc (see the Makefile): the first `allowed` calls succeed. */
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
static size_t allowed = SIZE_MAX;

void *__wrap_realloc(void *old, size_t size)
{
	if (allowed == 0)
		return NULL;
	allowed--;
	return __real_realloc(old, size);
}

static void fails_without_memory(void **state)
{
	struct image_encoding jpeg;
	struct image image = { 0 };
	struct err err;
	int status = -1;
	size_t refused = 0;

	(void)state;
	paint(&image, "noise", 300, 200);
	assert_int_equal(image_encoding_parse(&jpeg, "jpeg:95", &err), 0);
	for (; status; refused++) {
		struct buf bytes = { 0 };
		buf_append_string(&bytes, "before");
		allowed = refused;
		status = image_encode(&bytes, &image, &jpeg, &err);
		allowed = SIZE_MAX;
		assert_true(status == 0 || (strstr(err.text, "memory") && bytes.size == 6));
		buf_free(&bytes);
	}
	assert_true(refused > 2);
	image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lossless_encodings_lose_nothing),
		cmocka_unit_test(lossy_encodings_lose_little),
		cmocka_unit_test(wrong_encodings_list_the_right_ones),
		cmocka_unit_test(fails_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
