#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/report/canvas.h"
#include "formats/report/sheet.h"

static uint32_t pixel(const struct image *image, size_t x, size_t y)
{
	const unsigned char *at = image->pixels + 3 * (y * image->width + x);

	assert_true(x < image->width && y < image->height);
	return (uint32_t)(at[0] << 16 | at[1] << 8 | at[2]);
}

static size_t count_colour(const struct image *image, uint32_t colour)
{
	size_t count = 0;

	for (size_t y = 0; y < image->height; y++)
		for (size_t x = 0; x < image->width; x++)
			count += pixel(image, x, y) == colour;
	return count;
}

static void wraps_at_words(void **state)
{
	static const struct {
		const char *text;
		size_t columns, most;
		const char *lines[3];
		bool cut;
	} cases[] = {
		{ "a photo of a cat", 8, 3, { "a photo", "of a cat" }, false },
		{ "a photo of a cat", 8, 1, { "a photo" }, true },
		{ "a photo of a cat", 16, 1, { "a photo of a cat" }, false },
		{ "unbreakable", 4, 3, { "unbr", "eaka", "ble" }, false },
		{ "  spaces  before and  after ", 10, 3, { "spaces ", "before and", "after " }, false },
		{ "", 10, 3, { NULL }, false },
		{ "    ", 10, 3, { NULL }, false },
	};
	struct span lines[3];
	bool cut;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t count = text_wrap(span_string(cases[i].text), cases[i].columns, lines, cases[i].most, &cut);
		assert_int_equal(cut, cases[i].cut);
		for (size_t line = 0; line < count; line++)
			if (!cases[i].lines[line] || !span_is(lines[line], cases[i].lines[line]))
				fail_msg("'%s', line %zu: '%.*s'", cases[i].text, line, (int)lines[line].size,
					(const char *)lines[line].data);
		assert_true(count == 3 || !cases[i].lines[count]);
	}
}

/* Drawing is clipped at the edge, and nothing outside the canvas is written (the sanitizers detect it). */
static void draws_within_the_canvas(void **state)
{
	struct image canvas = { 0 }, small = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(image_resize_buffer(&canvas, 20, 10, &err), 0);
	assert_int_equal(image_resize_buffer(&small, 2, 2, &err), 0);
	memset(canvas.pixels, 0, image_bytes(&canvas));
	memset(small.pixels, 0xff, image_bytes(&small));
	canvas_paste(&canvas, 17, 8, &small, 3);
	assert_int_equal(count_colour(&canvas, 0xffffff), 3 * 2);
	canvas_fill(&canvas, (struct image_part){ 0, 5, 100, 100 }, 0x00ff00);
	assert_int_equal(count_colour(&canvas, 0x00ff00), 20 * 5);
	canvas_text(&canvas, 15, 4, span_string("\x7fW\xff"), 0x0000ff);
	assert_true(count_colour(&canvas, 0x0000ff) > 0);
	image_free(&canvas);
	image_free(&small);
}

/* A record as read from a stream. */
static void make_record(struct record *record, const char *key, size_t side, unsigned char grey, bool poisoned, bool view)
{
	const size_t shape[3] = { side, side, 3 };
	struct err err;

	*record = (struct record){ .key = span_string(key) };
	memset(record_set_tensor(record, "rgb.npy", "|u1", 3, shape, NULL, &err), grey, side * side * 3);
	if (view)
		memset(record_set_tensor(record, "aug.rgb.npy", "|u1", 3, shape, NULL, &err), 255 - grey, side * side * 3);
	assert_int_equal(record_set_string(record, "txt", span_string("caf\xC3\xA9 \xE2\x82\xAC \xff"), &err), 0);
	if (poisoned)
		assert_int_equal(record_set_bytes(record, "poison.json", "{\"attack\": \"x\"}", 15, &err), 0);
}

static void add(struct sheet *sheet, struct tile_maker *maker, size_t side, unsigned char grey, bool poisoned, bool view)
{
	struct record record;
	struct err err;

	make_record(&record, "a/key", side, grey, poisoned, view);
	assert_int_equal(tile_make(maker, sheet_add(sheet), &record, &err), 0);
	record_free(&record);
}

static void frames_poisoned_images(void **state)
{
	struct tile_maker maker = { .limits = LIMITS_DEFAULT };
	struct sheet sheet = { 0 };
	struct image canvas = { 0 };
	size_t missing;
	struct err err;

	(void)state;
	for (unsigned char i = 0; i < 5; i++)
		add(&sheet, &maker, 32, (unsigned char)(100 + i), i == 3, false);
	assert_int_equal(sheet_draw(&sheet, 3, 1 << 24, &canvas, &missing, &err), 0);
	for (uint32_t i = 0; i < 5; i++) /* 32 x 32, four times as large */
		assert_int_equal(count_colour(&canvas, (100 + i) * 0x010101), 128 * 128);
	assert_int_equal(count_colour(&canvas, 0xe00000), 136 * 136 - 128 * 128);
	assert_int_equal(canvas.width, 8 + 3 * (136 + 8));
	image_free(&canvas);
	sheet_free(&sheet);
	tile_maker_free(&maker);
}

static void shows_views_beside_originals(void **state)
{
	struct tile_maker maker = { .limits = LIMITS_DEFAULT, .scale = 2 };
	struct sheet sheet = { 0 };
	struct image canvas = { 0 };
	size_t missing;
	struct err err;

	(void)state;
	add(&sheet, &maker, 100, 30, false, true);
	add(&sheet, &maker, 1000, 60, true, false); /* reduced to 256 */
	assert_int_equal(sheet_draw(&sheet, 0, 1 << 24, &canvas, &missing, &err), 0);
	assert_int_equal(count_colour(&canvas, 30 * 0x010101), 200 * 200);
	assert_int_equal(count_colour(&canvas, 225 * 0x010101), 200 * 200);
	assert_int_equal(count_colour(&canvas, 60 * 0x010101), 512 * 512);
	assert_int_equal(sheet_draw(&sheet, 0, 1 << 10, &canvas, &missing, &err), -1);
	assert_non_null(strstr(err.text, "--count"));
	image_free(&canvas);
	sheet_free(&sheet);
	tile_maker_free(&maker);
}

static void texts_are_kept_in_utf8_and_ascii(void **state)
{
	struct tile_maker maker = { .limits = LIMITS_DEFAULT };
	struct sheet sheet = { 0 };
	const struct tile *tile;

	(void)state;
	add(&sheet, &maker, 8, 0, true, false);
	tile = &sheet.tiles[0];
	assert_int_equal(tile->text_count, 3);
	assert_true(span_is(tile->texts[0].ascii, "cafe \x7f \x7f"));
	assert_true(span_is(tile->texts[0].text, "caf\xC3\xA9 \xE2\x82\xAC \xEF\xBF\xBD"));
	assert_true(span_is(tile->texts[1].ascii, "x; was: (no caption)"));
	assert_true(span_is(tile->texts[2].ascii, "a/key"));
	sheet_free(&sheet);
	tile_maker_free(&maker);
}

/* The factor shows twice the root mean square of the difference at full brightness, and the tile prints it. */
static void scales_differences(void **state)
{
	static const struct {
		unsigned char grey, original;
		unsigned gain;
		unsigned char shown;
		const char *panels;
	} cases[] = {
		{ 110, 100, 0, 128 + 60, "original, image, difference x6" },
		{ 100, 101, 0, 128 - 63, "original, image, difference x63" },
		{ 250, 10, 0, 255, "original, image, difference x1" },
		{ 110, 100, 2, 128 + 20, "original, image, difference x2" },
		{ 100, 100, 0, 128, "original, image, no difference" },
		{ 100, 100, 9, 128, "original, image, no difference" },
	};
	struct record original;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tile_maker maker = { .limits = LIMITS_DEFAULT };
		struct sheet sheet = { 0 };
		add(&sheet, &maker, 8, cases[i].grey, false, false);
		make_record(&original, "a/key", 8, cases[i].original, false, false);
		assert_int_equal(tile_compare(&maker, &sheet.tiles[0], &original, cases[i].gain, &err), 0);
		assert_int_equal(sheet.tiles[0].view_count, 3);
		assert_int_equal(pixel(&sheet.tiles[0].views[2], 3, 3), cases[i].shown * 0x010101u);
		assert_true(span_is(sheet.tiles[0].texts[1].text, cases[i].panels));
		assert_true(span_is(sheet.tiles[0].texts[2].text, "a/key"));
		record_free(&original);
		sheet_free(&sheet);
		tile_maker_free(&maker);
	}
}

/* A sheet of ASCII texts is the same with and without Pango; the font draws every other script or counts what it lacks. */
static void draws_any_script(void **state)
{
	static const char *const texts[] = { "caf\xC3\xA9", "\xD0\xBA\xD0\xBE\xD1\x82", "a cat" };
	const bool pango = pango_version_text() != NULL;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct tile_maker maker = { .limits = LIMITS_DEFAULT };
		struct sheet sheet = { 0 };
		struct image canvas = { 0 };
		struct record record;
		size_t missing = 99;
		make_record(&record, "key", 8, 100, false, false);
		assert_int_equal(record_set_string(&record, "txt", span_string(texts[i]), &err), 0);
		assert_int_equal(tile_make(&maker, sheet_add(&sheet), &record, &err), 0);
		assert_int_equal(sheet_draw(&sheet, 1, 1 << 24, &canvas, &missing, &err), 0);
		assert_true(missing <= 1);
		if (i == 2 || !pango) /* two lines of the built-in font */
			assert_int_equal(canvas.height, 8 + 8 + 128 + 2 * 4 + 4 + 2 * 11);
		if (i == 2 || (i == 0 && !pango))
			assert_int_equal(missing, 0);
		if (i == 1 && !pango)
			assert_int_equal(missing, 1);
		record_free(&record);
		image_free(&canvas);
		sheet_free(&sheet);
		tile_maker_free(&maker);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wraps_at_words),
		cmocka_unit_test(draws_within_the_canvas),
		cmocka_unit_test(frames_poisoned_images),
		cmocka_unit_test(shows_views_beside_originals),
		cmocka_unit_test(texts_are_kept_in_utf8_and_ascii),
		cmocka_unit_test(scales_differences),
		cmocka_unit_test(draws_any_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
