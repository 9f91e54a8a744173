#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden.h"
#include "image_copy.h"

/* The file is only a header: a decoder that reads pixels before it checks the size reports another error. */
static void bombs_are_refused_from_their_header(void **state)
{
	static const unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15"
					   "\0\0\0\0IDAT\x35\xaf\x06\x1e";
	static const unsigned char jpeg[] = "\xff\xd8\xff\xc0\0\x11\x08\xea\x60\xea\x60\x03\x01\x11\0\x02\x11\0\x03\x11\0"
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
		if (!strstr(err.text, bombs[i].size) || !strstr(err.text, " pixels, more than the limit of 67108864"))
			fail_msg("%s", err.text);
	}
	assert_null(image.pixels);
}

/* Headers whose data does not follow, and invalid numbers. */
static void wrong_headers_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} lies[] = {
		{ "P6 60 60 255\n1234", "ppm: premature end of data" },
		{ "P3 60 60 255\n1 2 3", "ppm: premature end of data" },
		{ "P4 8192 8192\n12", "ppm: premature end of data" },
		{ "P6 0 60 255\n1234", "ppm: an image of 0 x 60 pixels" },
		{ "P5 2 2 0\n1234", "ppm: the maximum value is 0; it must be from 1 to 65535" },
		{ "P5 2 2 65536\n12345678", "ppm: the maximum value is 65536" },
		{ "P5 -2 2 255\n1234", "ppm: expected a number, not \"-\"" },
		{ "P5 00000000002 2 255\n1234", "ppm: a number of more than 10 digits" },
		{ "P2 2 2 7\n1 2 3 8\n", "ppm: a value of 8 exceeds the maximum of 7" },
		{ "P1 2 2\n0 1 2 0\n", "ppm: expected a bit, 0 or 1" },
		{ "P5 2 2#", "ppm: premature end of data" },
		{ "P5 ", "ppm: premature end of data" },
		{ "P7 2 2 255\n1234", "a text file, not an image of a supported format (jpeg, png, webp, ppm)" },
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
static void wrong_webp_sizes_are_refused(void **state)
{
	static const struct {
		const char *file;
		size_t at;
		int value;
	} lies[] = {
		{ "lossy.webp", 16, 0xff },
		{ "lossy.webp", 19, 0x7f },
		{ "lossy.webp", 22, 0xff },
		{ "lossy.webp", 23, 0 },
		{ "lossy.webp", 27, 0x10 },
		{ "lossy.webp", 29, 0x10 },
		{ "exif.webp", 24, 61 },
		{ "exif.webp", 26, 1 },
		{ "exif.webp", 27, 43 },
		{ "exif.webp", 34, 0xff },
		{ "lossless.webp", 20, 0x2e },
		{ "lossless.webp", 22, 7 },
		{ "lossless.webp", 19, 1 },
		{ "lossy-alpha.webp", 24, 61 },
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
	assert_string_equal(err.text, "webp: animated; only still images are supported");
	buf_free(&content);
}

#define SUPPORTED ", not an image of a supported format (jpeg, png, webp, ppm)"
#define CONVERT   SUPPORTED ": convert it to JPEG or PNG (`convert IN OUT.png` of ImageMagick)"
#define FETCH     SUPPORTED ": download it again, and check the address and the access rights"

static void other_files_are_named(void **state)
{
	static const struct {
		struct span bytes;
		const char *why;
	} others[] = {
#define BYTES(text) { (const unsigned char *)(text), sizeof(text) - 1 }
		{ BYTES("GIF89a\1\0\1\0"), "a GIF image" CONVERT },
		{ BYTES("BM\x46\0\0\0\0\0\0\0\x36\0\0\0"), "a BMP image" CONVERT },
		{ BYTES("II*\0\x08\0\0\0"), "a TIFF image" CONVERT },
		{ BYTES("MM\0*\0\0\0\x08"), "a TIFF image" CONVERT },
		{ BYTES("\0\0\0\x1c"
			"ftypavif\0\0\0\0"),
			"an AVIF image" CONVERT },
		{ BYTES("\0\0\0\x18"
			"ftypheic\0\0\0\0"),
			"a HEIC image" CONVERT },
		{ BYTES("\0\0\0\x18"
			"ftypmif1\0\0\0\0"),
			"a HEIC image" CONVERT },
		{ BYTES("\xff\x0a\x7f"), "a JPEG XL image" CONVERT },
		{ BYTES("\0\0\0\x0cJXL \r\n\x87\n"), "a JPEG XL image" CONVERT },
		{ BYTES("\0\0\0\x0cjP  \r\n\x87\n"), "a JPEG 2000 image" CONVERT },
		{ BYTES("\xff\x4f\xff\x51\0"), "a JPEG 2000 image" CONVERT },
		{ BYTES("8BPS\0\1"), "a Photoshop image" CONVERT },
		{ BYTES("\0\0\1\0\1\0"), "an icon (ICO)" CONVERT },
		{ BYTES("qoif\0\0"), "a QOI image" CONVERT },
		{ BYTES("P7\nWIDTH 2\n"), "a PAM image" CONVERT },
		{ BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "an SVG drawing" CONVERT },
		{ BYTES("<?xml version=\"1.0\"?>\n<svg/>"), "an SVG drawing" CONVERT },
		{ BYTES("<!-- made by hand --><svg/>"), "an SVG drawing" CONVERT },
		{ BYTES("<!DOCTYPE html><html>"), "a web page (HTML), as servers send for a login or an error" FETCH },
		{ BYTES("<?xml version=\"1.0\"?><Error>"), "an XML document, as servers send for an error" FETCH },
		{ BYTES("version https://git-lfs.github.com/spec/v1\n"),
			"a Git LFS pointer" SUPPORTED ": `git lfs pull` in its repository downloads the file itself" },
		{ BYTES("{\"error\": 404}"), "JSON text" SUPPORTED },
		{ BYTES("Not found\n"), "a text file" SUPPORTED },
		{ BYTES("%PDF-1.7\n"), "a PDF document" SUPPORTED },
		{ BYTES("\0\0\0\x18"
			"ftypmp42"),
			"a video" SUPPORTED },
		{ BYTES("PK\3\4\x14\0"), "a ZIP archive" SUPPORTED },
		{ BYTES("\0\0\0\0\0\0"), "a file of zero bytes" SUPPORTED ": copy or download it again" },
		{ BYTES(""), "an empty file" SUPPORTED ": copy or download it again" },
		{ BYTES("\xde\xad\1\xef"), "not an image of a supported format (jpeg, png, webp, ppm)" },
#undef BYTES
	};
	struct image image = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_int_equal(decode(&image, others[i].bytes, &err), -1);
		assert_string_equal(err.text, others[i].why);
	}
	assert_int_equal(decode(&image, span_string("\xff\xd8\xff"), &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bombs_are_refused_from_their_header),
		cmocka_unit_test(wrong_headers_are_refused),
		cmocka_unit_test(wrong_webp_sizes_are_refused),
		cmocka_unit_test(animations_are_refused),
		cmocka_unit_test(other_files_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
