#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "formats/image/image_codec.h"
#include "golden.h"
#include "image_case.h"
#include "image_copy.h"

static const struct {
	const char *name;
	uint64_t hash; /* of Pillow's pixels */
} files[] = {
#define OPERATION(name, a, b, c, kind, width, height, to_width, to_height, hash)
#define AUTOAUGMENT(pair, width, height, hash)
#define FILE(name, width, height, hash) { name, hash },
#include "tests/golden/images.def"
#undef OPERATION
#undef AUTOAUGMENT
#undef FILE
};

enum { FILES = sizeof files / sizeof *files };

static struct buf read_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "tests/golden/images/%s", name);
	return golden_read(path);
}

static uint64_t pillows(const char *name)
{
	for (size_t i = 0; i < FILES; i++)
		if (strcmp(files[i].name, name) == 0)
			return files[i].hash;
	fail_msg("%s is not in images.def", name);
	return 0;
}

static struct image_part all_of(void *context, size_t width, size_t height)
{
	(void)context;
	return part_whole(width, height);
}

static int decode_leniently(struct image *image, struct span bytes, struct err *damage, struct err *err)
{
	const struct image_request request = { all_of, .damage = damage };
	const struct span copy = copied(bytes);
	struct image_part have;
	const int result = image_decode_part(image, &have, copy, &IMAGE_LIMITS_DEFAULT, &request, err);

	free((void *)(uintptr_t)copy.data);
	return result;
}

/* With all decoder options the pixels equal Pillow's. */
static void keeps_as_pillow(const char *name, const char *how, struct span bytes)
{
	struct image image = { 0 };
	struct err err, damage;

	if (decode(&image, bytes, &err))
		fail_msg("%s, %s: %s", name, how, err.text);
	if (hash_of(&image) != pillows(name))
		fail_msg("%s, %s: other pixels", name, how);
	if (decode_leniently(&image, bytes, &damage, &err) || hash_of(&image) != pillows(name))
		fail_msg("%s, %s: other pixels where damage is tolerated", name, how);
	assert_string_equal(damage.text, "");
	image_free(&image);
}

/* An error or, if damage is tolerated, an image with a reason. */
static void reports_damage(const char *name, const char *how, struct span bytes, const char *why)
{
	struct image image = { 0 };
	struct err err, damage;

	if (decode(&image, bytes, &err) == 0)
		fail_msg("%s, %s: passes", name, how);
	if (strcmp(err.text, why) != 0)
		fail_msg("%s, %s: %s", name, how, err.text);
	if (decode_leniently(&image, bytes, &damage, &err))
		fail_msg("%s, %s: not kept: %s", name, how, err.text);
	if (strcmp(damage.text, why) != 0)
		fail_msg("%s, %s: kept with \"%s\"", name, how, damage.text);
	image_free(&image);
}

/* The bytes with others inserted before byte `at`. */
static struct buf with(const struct buf *bytes, size_t at, const void *more, size_t count)
{
	struct buf out = { 0 };

	buf_append(&out, bytes->data, at);
	buf_append(&out, more, count);
	buf_append(&out, bytes->data + at, bytes->size - at);
	return out;
}

enum { HEADER_OF_JFIF = 20 };

static void harmless_warnings_change_nothing(void **state)
{
	static const char *const names[] = { "444.jpg", "420.jpg", "grey.jpg", "restarts.jpg", "progressive.jpg" };
	static const unsigned char fill[] = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	static const unsigned char zeros[40];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf jpeg = read_file(names[i]);
		struct buf padded[] = { with(&jpeg, jpeg.size - 2, zeros, sizeof zeros), with(&jpeg, jpeg.size - 2, fill, sizeof fill - 1),
			with(&jpeg, HEADER_OF_JFIF, "junk", 4), with(&jpeg, jpeg.size, "junk", 4) };
		static const char *const how[] = { "zeros before the end", "fill bytes before the end", "bytes between segments",
			"bytes after the end" };
		for (size_t k = 0; k < 4; k++) {
			keeps_as_pillow(names[i], how[k], buf_span(&padded[k]));
			buf_free(&padded[k]);
		}
		keeps_as_pillow(names[i], "no end marker", span_of(jpeg.data, jpeg.size - 2));
		assert_int_equal(jpeg.data[11], 1);
		jpeg.data[11] = 9;
		keeps_as_pillow(names[i], "JFIF 9.1", buf_span(&jpeg));
		buf_free(&jpeg);
	}
}

static size_t find_marker(const struct buf *jpeg, unsigned char marker, size_t from)
{
	for (size_t at = from; at + 1 < jpeg->size; at++)
		if (jpeg->data[at] == 0xff && jpeg->data[at + 1] == marker)
			return at;
	fail_msg("no marker %x", marker);
	return 0;
}

/* The first `size` bytes and an end marker, as servers and browsers store an incomplete download. */
static void reports_early_end(const char *name, size_t size, const char *why)
{
	struct buf jpeg = read_file(name), cut = { 0 };

	buf_append(&cut, jpeg.data, size);
	buf_append(&cut, "\xff\xd9", 2);
	reports_damage(name, "an early end", buf_span(&cut), why);
	buf_free(&cut);
	buf_free(&jpeg);
}

static void damaged_jpegs_are_reported(void **state)
{
	static const char *const names[] = { "444.jpg", "422.jpg", "420.jpg", "grey.jpg", "cmyk.jpg", "restarts.jpg", "progressive.jpg" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf jpeg = read_file(names[i]);
		reports_early_end(names[i], jpeg.size - 12, "jpeg: premature end of data");
		struct buf longer = with(&jpeg, jpeg.size - 2, "extraneous bytes", 16);
		reports_damage(
			names[i], "other bytes before the end", buf_span(&longer), "jpeg: damaged data: extraneous bytes after a scan");
		buf_free(&longer);
		buf_free(&jpeg);
	}
	/* libjpeg considers a progressive file complete that ends between two scans. */
	struct buf progressive = read_file("progressive.jpg");
	const size_t first = find_marker(&progressive, 0xda, 0), second = find_marker(&progressive, 0xc4, first);
	reports_early_end("progressive.jpg", second, "jpeg: scans are missing");
	reports_damage("progressive.jpg", "a cut between scans", span_of(progressive.data, second), "jpeg: premature end of data");
	buf_free(&progressive);

	struct buf restarts = read_file("restarts.jpg");
	restarts.data[find_marker(&restarts, 0xd1, 0) + 1] = 0xd5;
	reports_damage("restarts.jpg", "a restart marker of another number", buf_span(&restarts),
		"jpeg: damaged data: restart markers out of order");
	buf_free(&restarts);
}

/* The file ends before any image data. */
static void nothing_is_kept_of_a_header(void **state)
{
	static const char *const names[] = { "444.jpg", "progressive.jpg", "rgb8.png", "lossy.webp", "lossless.webp", "raw.ppm",
		"plain.ppm" };
	static const size_t sizes[] = { 0, 0, 41, 40, 26, 30, 24 };
	struct image image = { 0 };
	struct err err, damage;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf bytes = read_file(names[i]);
		size_t size = sizes[i];
		if (size == 0) {
			size = find_marker(&bytes, 0xda, 0);
			size += 2 + bytes.data[size + 3];
		}
		if (decode_leniently(&image, span_of(bytes.data, size), &damage, &err) == 0)
			fail_msg("%s: %zu bytes are kept", names[i], size);
		buf_free(&bytes);
	}
	image_free(&image);
}

/* In a truncated file each pixel is right or grey, and only a file with grey pixels has a reason. */
static void missing_pixels_are_grey(void **state)
{
	struct image image = { 0 }, whole = { 0 };
	struct err err, damage;

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		const char *name = files[i].name;
		struct buf bytes = read_file(name);
		const size_t digits = strstr(name, "plain.") ? 4 : 0; /* a truncated last number is still a number */
		size_t kept = 0;
		assert_int_equal(decode(&whole, buf_span(&bytes), &err), 0);
		for (size_t size = 8; size + digits < bytes.size && !strstr(name, ".jpg"); size++) {
			size_t grey = 0, wrong = 0;
			if (decode_leniently(&image, span_of(bytes.data, size), &damage, &err))
				continue;
			kept += damage.text[0] != 0;
			for (size_t p = 0; p < 3 * whole.width * whole.height; p += 3) {
				const unsigned char *pixel = image.pixels + p;
				if (memcmp(pixel, whole.pixels + p, 3) == 0)
					continue;
				grey += pixel[0] == 128 && pixel[1] == 128 && pixel[2] == 128;
				wrong += pixel[0] != 128 || pixel[1] != 128 || pixel[2] != 128;
			}
			if (wrong > (digits > 0) || (grey && !damage.text[0]))
				fail_msg("%s: of %zu bytes %zu pixels are wrong, %zu grey (%s)", name, size, wrong, grey, damage.text);
			if (damage.text[0] && !strstr(damage.text, ": premature end of data"))
				fail_msg("%s: %zu bytes: %s", name, size, damage.text);
		}
		if (!kept && !strstr(name, ".jpg") && whole.height > 1)
			fail_msg("%s: nothing is kept", name);
		buf_free(&bytes);
	}
	image_free(&image);
	image_free(&whole);
}

static void append_chunk(struct buf *png, const char *kind, const unsigned char *data, size_t size)
{
	const uLong crc = crc32(crc32(0, (const Bytef *)kind, 4), data, (uInt)size);

	for (int shift = 24; shift >= 0; shift -= 8)
		buf_append_byte(png, (unsigned char)(size >> shift));
	buf_append(png, kind, 4);
	buf_append(png, data, size);
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_append_byte(png, (unsigned char)(crc >> shift));
}

static size_t find_chunk(const struct buf *png, const char *kind)
{
	for (size_t at = 12; at + 4 < png->size; at++)
		if (memcmp(png->data + at, kind, 4) == 0)
			return at - 4;
	fail_msg("no chunk %s", kind);
	return 0;
}

static void check_png(const char *name)
{
	struct buf png = read_file(name);
	const size_t data = find_chunk(&png, "IDAT"), end = png.size - 12;

	struct buf longer = with(&png, png.size, "junk", 4);
	keeps_as_pillow(name, "bytes after the end", buf_span(&longer));
	keeps_as_pillow(name, "no IEND", span_of(png.data, end));
	keeps_as_pillow(name, "half of IEND", span_of(png.data, end + 6));
	keeps_as_pillow(name, "no CRC of IDAT", span_of(png.data, end - 4));
	keeps_as_pillow(name, "no Adler-32", span_of(png.data, end - 8));
	png.data[png.size - 1] ^= 1;
	keeps_as_pillow(name, "a wrong CRC of IEND", buf_span(&png));

	struct buf text = { 0 }, before = { 0 };
	append_chunk(&text, "tEXt", (const unsigned char *)"a\0b", 3);
	text.data[text.size - 1] ^= 1;
	before = with(&png, data, text.data, text.size);
	keeps_as_pillow(name, "a wrong CRC of a text", buf_span(&before));

	struct buf pieces = { 0 };
	buf_append(&pieces, png.data, data);
	for (size_t at = data + 8; at < end - 4; at++)
		append_chunk(&pieces, "IDAT", png.data + at, 1);
	keeps_as_pillow(name, "data in pieces", buf_span(&pieces));

	png.data[end - 1] ^= 1;
	keeps_as_pillow(name, "a wrong CRC of IDAT", buf_span(&png));
	png.data[end - 5] ^= 1;
	reports_damage(name, "wrong CRC and Adler-32", buf_span(&png), "png: IDAT: incorrect data check");
	png.data[20] ^= 1;
	struct image image = { 0 };
	struct err err;
	assert_int_equal(decode(&image, buf_span(&png), &err), -1);
	assert_string_equal(err.text, "png: IHDR: CRC error");
	image_free(&image);
	buf_free(&png);
	buf_free(&longer);
	buf_free(&text);
	buf_free(&before);
	buf_free(&pieces);
}

static void png_checksums_are_used_as_pillow_uses_them(void **state)
{
	static const char *const names[] = { "rgb8.png", "palette4.png", "grey16.png", "interlaced2-8.png", "interlaced0-16.png" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_png(names[i]);
}

/* A hundred megabytes of text in 100 kB, which are never decompressed. */
static void compressed_texts_are_not_unpacked(void **state)
{
	enum { HUGE_TEXT = 100 << 20, ROOM = 1 << 20 };
	static const char *const kinds[] = { "zTXt", "iCCP", "iTXt" };
	unsigned char *text = calloc(1, HUGE_TEXT), *packed = malloc(ROOM);
	uLongf size = ROOM - 3;
	struct buf png = read_file("rgb8.png");

	(void)state;
	assert_non_null(text);
	memcpy(packed, "a\0\0", 3);
	assert_int_equal(compress2(packed + 3, &size, text, HUGE_TEXT, 9), Z_OK);
	free(text);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct buf chunk = { 0 };
		append_chunk(&chunk, kinds[i], packed, size + 3);
		struct buf bomb = with(&png, find_chunk(&png, "IDAT"), chunk.data, chunk.size);
		keeps_as_pillow("rgb8.png", kinds[i], buf_span(&bomb));
		buf_free(&chunk);
		buf_free(&bomb);
	}
	free(packed);
	buf_free(&png);
}

static void rows_are_limited(void **state)
{
	static const unsigned char header[] = { 0, 0, 0, 1, 3, 0, 0, 0, 8, 0, 0, 0, 0 }; /* 1 x 50331648, grey */
	unsigned char *rows = calloc(1, 4 << 20), packed[8 << 10];
	uLongf size = sizeof packed;
	struct image image = { 0 };
	struct buf png = { 0 };
	struct err err;

	(void)state;
	assert_non_null(rows);
	assert_int_equal(compress2(packed, &size, rows, 4 << 20, 9), Z_OK);
	buf_append(&png, "\x89PNG\r\n\x1a\n", 8);
	append_chunk(&png, "IHDR", header, sizeof header);
	append_chunk(&png, "IDAT", packed, size);
	assert_int_equal(decode(&image, buf_span(&png), &err), -1);
	assert_string_equal(err.text, "png: an image of 1 x 50331648 pixels, more than the limit of 4194304 rows");
	free(rows);
	buf_free(&png);
	image_free(&image);
}

static void webp_needs_its_pixels_alone(void **state)
{
	static const char *const names[] = { "lossy.webp", "lossless.webp", "lossy-alpha.webp", "lossless-alpha.webp", "exif.webp" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf webp = read_file(names[i]), longer = with(&webp, webp.size, "EXIF\x10\0\0\0half", 12);
		keeps_as_pillow(names[i], "bytes after the end", buf_span(&longer));
		longer.data[4] = (unsigned char)(webp.size + 16);
		longer.data[5] = (unsigned char)((webp.size + 16) >> 8);
		keeps_as_pillow(names[i], "a truncated chunk after the pixels", buf_span(&longer));
		webp.data[5] = 0xff;
		keeps_as_pillow(names[i], "a greater length of the file", buf_span(&webp));
		buf_free(&webp);
		buf_free(&longer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless_warnings_change_nothing),
		cmocka_unit_test(damaged_jpegs_are_reported),
		cmocka_unit_test(nothing_is_kept_of_a_header),
		cmocka_unit_test(missing_pixels_are_grey),
		cmocka_unit_test(png_checksums_are_used_as_pillow_uses_them),
		cmocka_unit_test(compressed_texts_are_not_unpacked),
		cmocka_unit_test(rows_are_limited),
		cmocka_unit_test(webp_needs_its_pixels_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
