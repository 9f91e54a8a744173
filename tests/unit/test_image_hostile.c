#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden.h"
#include "image_copy.h"

/* Only the header is there: whoever wants to decode before looking at the size fails otherwise. */
static void bombs_are_refused_from_their_header(void **state)
{
	static const unsigned char png[] =
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15"
		"\0\0\0\0IDAT\x35\xaf\x06\x1e";
	static const unsigned char jpeg[] =
		"\xff\xd8\xff\xc0\0\x11\x08\xea\x60\xea\x60\x03\x01\x11\0\x02\x11\0\x03\x11\0"
		"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0";
	static const unsigned char lossy[] = "RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\x30\1\0\x9d\1\x2a\xff\x3f\xff\x3f";
	static const unsigned char lossless[] = "RIFF\x12\0\0\0WEBPVP8L\5\0\0\0\x2f\xff\xff\xff\x0f\0";
	static const unsigned char canvas[] = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x5f\xea\0\x5f\xea\0";
	static const char ppm[] = "P6 60000 60000 255\n", plain[] = "P1 9999999999 9999999999 ";
	const struct {
		struct span bytes;
		const char *size;
	} bombs[] = {
		{ span_of(png, sizeof png - 1), "60000 x 60000" },
		{ span_of(jpeg, sizeof jpeg - 1), "60000 x 60000" },
		{ span_of(lossy, sizeof lossy - 1), "16383 x 16383" },
		{ span_of(lossless, sizeof lossless - 1), "16384 x 16384" },
		{ span_of(canvas, sizeof canvas - 1), "60000 x 60000" },
		{ span_string(ppm), "60000 x 60000" },
		{ span_string(plain), "9999999999 x 9999999999" },
	};
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
		assert_int_equal(decode(&image, bombs[i].bytes, &err), -1);
		if (!strstr(err.text, bombs[i].size) || !strstr(err.text, " pixels: more than the limit of 67108864"))
			fail_msg("%s", err.text);
	}
	assert_null(image.pixels);
}

/* Headers that promise what does not follow, and numbers that are none. */
static void lying_headers_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} lies[] = {
		{ "P6 60 60 255\n1234", "ppm: premature end of data" },
		{ "P3 60 60 255\n1 2 3", "ppm: premature end of data" },
		{ "P4 8192 8192\n12", "ppm: premature end of data" },
		{ "P6 0 60 255\n1234", "ppm: an image of 0 x 60 pixels" },
		{ "P5 2 2 0\n1234", "ppm: a greatest value of 0 instead of 1 to 65535" },
		{ "P5 2 2 65536\n12345678", "ppm: a greatest value of 65536" },
		{ "P5 -2 2 255\n1234", "ppm: \"-\" where a number is expected" },
		{ "P5 00000000002 2 255\n1234", "ppm: a number of more than 10 digits" },
		{ "P2 2 2 7\n1 2 3 8\n", "ppm: a value of 8, more than the greatest, 7" },
		{ "P1 2 2\n0 1 2 0\n", "ppm: a bit that is neither 0 nor 1" },
		{ "P5 2 2#", "ppm: premature end of data" },
		{ "P5 ", "ppm: premature end of data" },
		{ "P7 2 2 255\n1234", "image: its first bytes belong to none of" },
	};
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		assert_int_equal(decode(&image, span_string(lies[i].text), &err), -1);
		if (strncmp(err.text, lies[i].why, strlen(lies[i].why)) != 0)
			fail_msg("%s: %s", lies[i].text, err.text);
	}
	image_free(&image);
}

/* Lossy WebP of 61 x 45 in its plain and its extended form, one byte replaced: a size that the other header denies, lengths of
 * chunks and partitions beyond the end. */
static void lying_webps_are_refused(void **state)
{
	static const struct {
		const char *file;
		size_t at;
		int value;
	} lies[] = {
		{ "lossy.webp", 16, 0xff },    { "lossy.webp", 19, 0x7f },
		{ "lossy.webp", 22, 0xff },    { "lossy.webp", 23, 0 },	   { "lossy.webp", 27, 0x10 }, { "lossy.webp", 29, 0x10 },
		{ "exif.webp", 24, 61 },       { "exif.webp", 26, 1 },	   { "exif.webp", 27, 43 },    { "exif.webp", 34, 0xff },
		{ "lossless.webp", 20, 0x2e }, { "lossless.webp", 22, 7 }, { "lossless.webp", 19, 1 }, { "lossy-alpha.webp", 24, 61 },
	};
	struct image image = { 0 };
	struct err err;
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		snprintf(path, sizeof path, "tests/golden/images/%s", lies[i].file);
		struct buf content = golden_read(path);
		assert_int_not_equal(content.data[lies[i].at], lies[i].value);
		content.data[lies[i].at] = (unsigned char)lies[i].value;
		if (decode(&image, buf_span(&content), &err) == 0)
			fail_msg("%s: byte %zu may be %d", lies[i].file, lies[i].at, lies[i].value);
		assert_true(strncmp(err.text, "webp: ", 6) == 0);
		buf_free(&content);
	}
	image_free(&image);
}

static void animations_are_refused(void **state)
{
	struct buf content = golden_read("tests/golden/images/animated.webp");
	struct image image = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(decode(&image, buf_span(&content), &err), -1);
	assert_string_equal(err.text, "webp: it is animated, and only still images are accepted");
	buf_free(&content);
}

static void what_is_no_image_is_named(void **state)
{
	struct image image = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(decode(&image, span_string("GIF89a"), &err), -1);
	assert_string_equal(err.text, "image: its first bytes belong to none of jpeg, png, webp, ppm");
	assert_int_equal(decode(&image, span_string(""), &err), -1);
	assert_string_equal(err.text, "image: it is empty");
	assert_int_equal(decode(&image, span_string("\xff\xd8\xff"), &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bombs_are_refused_from_their_header),
		cmocka_unit_test(lying_headers_are_refused),
		cmocka_unit_test(lying_webps_are_refused),
		cmocka_unit_test(animations_are_refused),
		cmocka_unit_test(what_is_no_image_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
