#include "formats/report/sheet.h"

#include "formats/image/record_pixels.h"
#include "formats/text/captions.h"
#include "formats/text/json.h"
#include "formats/text/json_printable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { MAX_TEXT = 4096, MAX_JSON = 1 << 20, MAX_KEY = 30 }; /* bytes; of a key characters */

/* Characters of up to `size` bytes, never a part of one. */
static struct span whole_characters(struct span text, size_t size)
{
	if (text.size <= size)
		return text;
	while (size && (text.data[size] & 0xc0) == 0x80)
		size--;
	return span_of(text.data, size);
}

static struct span without_controls(struct span text, struct arena *arena)
{
	unsigned char *copy = arena_alloc(arena, text.size + 1);

	for (size_t i = 0; copy && i < text.size; i++)
		copy[i] = text.data[i] < ' ' || text.data[i] == 0x7f ? ' ' : text.data[i];
	return span_of(copy, copy ? text.size : 0);
}

/* Letters lose their accents; every other character outside ASCII becomes one DEL. */
static struct span to_ascii(struct span text, struct arena *arena)
{
	const int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK;
	utf8proc_uint8_t *plain = NULL;
	size_t count = 0;

	const utf8proc_ssize_t size = utf8proc_map(text.data, (utf8proc_ssize_t)text.size, &plain, options);
	if (size == UTF8PROC_ERROR_NOMEM)
		memory_set_failed();
	unsigned char *ascii = size > 0 ? arena_alloc(arena, (size_t)size) : NULL;
	for (utf8proc_ssize_t i = 0; ascii && i < size; i++) {
		if ((plain[i] & 0xc0) == 0x80)
			continue;
		ascii[count++] = plain[i] >= 0x80 ? 0x7f : plain[i] < ' ' ? ' ' : plain[i];
	}
	free(plain);
	return span_of(ascii, count);
}

static void add_text(struct tile *tile, enum tile_role role, struct span text, size_t max_lines)
{
	if (tile->text_count == TILE_TEXTS || !text.size)
		return;
	text = without_controls(as_utf8(whole_characters(text, MAX_TEXT), &tile->arena), &tile->arena);
	tile->texts[tile->text_count++] = (struct tile_text){ role, text, to_ascii(text, &tile->arena), max_lines };
}

static void add_ledger(struct tile *tile, const struct limits *limits, const struct field *field)
{
	struct value ledger;
	struct err unreadable;
	struct buf line = { 0 };

	if (field->bytes.size > MAX_JSON || json_read(field->bytes, limits, &tile->arena, &ledger, &unreadable)) {
		add_text(tile, TILE_LEDGER, span_string("poison.json is damaged"), 1);
		return;
	}
	buf_append_span(&line, value_string_or(value_get(&ledger, "attack"), "?"));
	buf_append_string(&line, "; was: ");
	buf_append_span(&line, value_string_or(value_get(&ledger, "caption"), "(no caption)"));
	add_text(tile, TILE_LEDGER, buf_span(&line), 2);
	buf_free(&line);
}

static void append_class(struct buf *line, const struct value *classes, int64_t class)
{
	const size_t count = classes && classes->kind == VALUE_ARRAY ? classes->list.count : 0;

	if (class >= 0 && (uint64_t)class < count)
		buf_append_span(line, value_string_or(&classes->list.items[class], "?"));
	else
		buf_printf(line, "%lld", (long long)class);
}

/* The last MAX_KEY characters of a long key: keys of one folder differ there. */
static struct span key_end(struct span key)
{
	size_t begin = key.size;

	for (size_t characters = 0; begin && characters < MAX_KEY; characters++)
		do
			begin--;
		while (begin && (key.data[begin] & 0xc0) == 0x80);
	return span_of(key.data + begin, key.size - begin);
}

static void add_name(struct tile *tile, const struct tile_maker *maker, const struct record *record)
{
	const struct field *class = record_find(record, "cls");
	const struct span key = key_end(record->key);
	struct buf line = { 0 };

	if (key.size < record->key.size)
		buf_append_string(&line, "..");
	buf_append_span(&line, key);
	if (class && class->kind == FIELD_INTEGER) {
		buf_append_string(&line, " [");
		append_class(&line, maker->classes, class->integer);
		buf_append_byte(&line, ']');
	}
	add_text(tile, TILE_NAME, buf_span(&line), 2);
	buf_free(&line);
}

static void add_texts(struct tile *tile, const struct tile_maker *maker, const struct record *record)
{
	const struct field *ledger = record_find(record, "poison.json"), *view = record_find(record, "aug.txt");
	struct captions captions;
	struct span text;
	struct err none;

	if (record_captions(record, &captions, &none) == 0)
		add_text(tile, TILE_CAPTION, captions.items[0], 2);
	else if (record_text(record, &text, &none) == 0 && text.size) /* not UTF-8: shown anyway */
		add_text(tile, TILE_CAPTION, text, 2);
	if (view)
		add_text(tile, TILE_VIEW_CAPTION, view->bytes, 2);
	if (ledger)
		add_ledger(tile, &maker->limits, ledger);
	add_name(tile, maker, record);
	tile->poisoned = ledger != NULL;
}

/* Appends a copy of maker->image, reduced if it is larger than the sheet shows. */
static int add_view(struct tile_maker *maker, struct tile *tile, const char *name, struct err *err)
{
	const struct image *image = &maker->image;
	const size_t longer = image->width > image->height ? image->width : image->height;
	const size_t most = maker->side_max ? maker->side_max : TILE_SIDE_MAX;
	struct image *view = &tile->views[tile->view_count];

	tile->names[tile->view_count++] = name;
	if (longer <= most)
		return image_copy(view, image, err);
	const size_t width = image->width * most / longer, height = image->height * most / longer;
	return image_resize(&maker->resizer, view, image, width ? width : 1, height ? height : 1, RESIZE_BICUBIC, err);
}

int tile_make(struct tile_maker *maker, struct tile *tile, const struct record *record, struct err *err)
{
	const struct image_limits limits = { maker->limits.pixels };

	*tile = (struct tile){ 0 };
	if (record_pixels(record, &maker->image, &limits, err) || add_view(maker, tile, "image", err) ||
		(record_find(record, "aug.rgb.npy") && (record_tensor_pixels(record, "aug.rgb.npy", &maker->image, err) ||
							       add_view(maker, tile, "augmented view", err)))) {
		tile_free(tile);
		return -1;
	}
	const struct image *view = &tile->views[0];
	const size_t longer = view->width > view->height ? view->width : view->height;
	tile->scale = maker->scale ? maker->scale : longer < TILE_SIDE ? TILE_SIDE / longer : 1;
	add_texts(tile, maker, record);
	return 0;
}

/* The factor for gain 0; 0 if both are equal. */
static unsigned fitting_gain(const struct image *image, const struct image *original)
{
	const size_t count = image_bytes(image);
	double squares = 0;

	for (size_t i = 0; i < count; i++) {
		const int difference = (int)image->pixels[i] - (int)original->pixels[i];
		squares += difference * difference;
	}
	const double gain = squares > 0 ? 127 / (2 * sqrt(squares / (double)count)) : 0;
	return squares > 0 && gain < 1 ? 1 : gain > GAIN_MAX ? GAIN_MAX : (unsigned)gain;
}

static unsigned char amplify(unsigned char a, unsigned char b, unsigned gain)
{
	const int value = 128 + (int)gain * ((int)a - (int)b);

	return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* Lists the panels and the factor, before the record's name. */
static void add_panels(struct tile *tile, unsigned gain)
{
	const struct tile_text name = tile->texts[tile->text_count - 1];
	struct buf line = { 0 };

	for (size_t i = 0; i + 1 < tile->view_count; i++)
		buf_printf(&line, "%s, ", tile->names[i]);
	if (gain)
		buf_printf(&line, "difference x%u", gain);
	else
		buf_append_string(&line, "no difference");
	tile->text_count--;
	add_text(tile, TILE_PANELS, buf_span(&line), 2);
	if (tile->text_count < TILE_TEXTS)
		tile->texts[tile->text_count++] = name;
	buf_free(&line);
}

static int add_difference(struct tile *tile, unsigned gain, struct err *err)
{
	const struct image *original = &tile->views[0], *image = &tile->views[1];
	struct image *difference = &tile->views[tile->view_count];
	const unsigned fitting = fitting_gain(image, original);

	gain = gain && fitting ? gain : fitting;
	tile->names[tile->view_count++] = "difference";
	if (image_copy(difference, image, err))
		return -1;
	for (size_t i = 0; i < image_bytes(image); i++)
		difference->pixels[i] = amplify(image->pixels[i], original->pixels[i], gain);
	add_panels(tile, gain);
	return 0;
}

int tile_compare(struct tile_maker *maker, struct tile *tile, const struct record *original, unsigned gain, struct err *err)
{
	const struct image_limits limits = { maker->limits.pixels };
	const size_t width = tile->views[0].width, height = tile->views[0].height;
	struct image resized = { 0 };

	if (record_pixels(original, &maker->image, &limits, err) ||
		image_resize(&maker->resizer, &resized, &maker->image, width, height, RESIZE_BICUBIC, err)) {
		image_free(&resized);
		return -1;
	}
	for (size_t i = tile->view_count; i; i--) {
		tile->views[i] = tile->views[i - 1];
		tile->names[i] = tile->names[i - 1];
	}
	tile->views[0] = resized;
	tile->names[0] = "original";
	tile->view_count++;
	tile->compared = true;
	return add_difference(tile, gain, err);
}

void tile_maker_free(struct tile_maker *maker)
{
	resizer_free(&maker->resizer);
	image_free(&maker->image);
}

void tile_free(struct tile *tile)
{
	for (size_t i = 0; i < TILE_VIEWS; i++)
		image_free(&tile->views[i]);
	arena_free(&tile->arena);
}
