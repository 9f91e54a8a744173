#include "formats/report/tile.h"

#include "formats/text/captions.h"
#include "formats/text/json.h"
#include "formats/image/record_pixels.h"
#include "formats/text/json_printable.h"

#include <stdlib.h>
#include <utf8proc.h>

enum { BLACK = 0x000000, GREY = 0x808080, RED = 0xd00000, BLUE = 0x0040c0 };
enum { LONGEST_TEXT = 4096, LARGEST_JSON = 1 << 20, LONGEST_KEY = 30 };

/* Letters lose their accents, so that there is something to draw; what is no ASCII then, a byte for each character. */
static struct span to_ascii(struct span text, struct arena *arena)
{
	const int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK;
	utf8proc_uint8_t *plain = NULL;
	size_t count = 0;

	if (text.size > LONGEST_TEXT)
		text.size = LONGEST_TEXT;
	text = as_utf8(text, arena);
	utf8proc_ssize_t size = utf8proc_map(text.data, (utf8proc_ssize_t)text.size, &plain, options);
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

static void add_text(struct tile *tile, struct span text, uint32_t colour, size_t lines_most)
{
	if (tile->text_count < TILE_TEXTS && text.size)
		tile->texts[tile->text_count++] = (struct tile_text){ to_ascii(text, &tile->arena), colour, lines_most };
}

static void add_ledger(struct tile *tile, const struct limits *limits, const struct field *field)
{
	struct value ledger;
	struct err unreadable;
	struct buf line = { 0 };

	if (field->bytes.size > LARGEST_JSON || json_read(field->bytes, limits, &tile->arena, &ledger, &unreadable)) {
		add_text(tile, span_string("poison.json is damaged"), RED, 1);
		return;
	}
	buf_append_span(&line, value_string_or(value_get(&ledger, "attack"), "?"));
	buf_append_string(&line, "; was: ");
	buf_append_span(&line, value_string_or(value_get(&ledger, "caption"), "(no caption)"));
	add_text(tile, buf_span(&line), RED, 2);
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

/* A key's end tells more than its beginning. */
static void add_name(struct tile *tile, const struct tile_maker *maker, const struct record *record)
{
	const struct field *class = record_find(record, "cls");
	struct span key = record->key;
	struct buf line = { 0 };

	if (key.size > LONGEST_KEY) {
		buf_append_string(&line, "..");
		key = span_of(key.data + key.size - LONGEST_KEY, LONGEST_KEY);
	}
	buf_append_span(&line, key);
	if (class && class->kind == FIELD_INTEGER) {
		buf_append_string(&line, " [");
		append_class(&line, maker->classes, class->integer);
		buf_append_byte(&line, ']');
	}
	add_text(tile, buf_span(&line), GREY, 2);
	buf_free(&line);
}

static void add_texts(struct tile *tile, const struct tile_maker *maker, const struct record *record)
{
	const struct field *ledger = record_find(record, "poison.json"), *view = record_find(record, "aug.txt");
	struct captions captions;
	struct span text;
	struct err none;

	if (record_captions(record, &captions, &none) == 0)
		add_text(tile, captions.items[0], BLACK, 2);
	else if (record_text(record, &text, &none) == 0 && text.size) /* one that is not UTF-8 is shown all the same */
		add_text(tile, text, BLACK, 2);
	if (view)
		add_text(tile, view->bytes, BLUE, 2);
	if (ledger)
		add_ledger(tile, &maker->limits, ledger);
	add_name(tile, maker, record);
	tile->poisoned = ledger != NULL;
}

/* view becomes maker->image, reduced where it is too large to be one of many. */
static int fit(struct tile_maker *maker, struct image *view, struct err *err)
{
	const struct image *image = &maker->image;
	const size_t longer = image->width > image->height ? image->width : image->height;

	if (longer <= TILE_SIDE_MOST)
		return image_copy(view, image, err);
	size_t width = image->width * TILE_SIDE_MOST / longer, height = image->height * TILE_SIDE_MOST / longer;
	return image_resize(&maker->resizer, view, image, width ? width : 1, height ? height : 1, RESIZE_BICUBIC, err);
}

int tile_make(struct tile_maker *maker, struct tile *tile, const struct record *record, struct err *err)
{
	const struct image_limits limits = { maker->limits.pixels };

	*tile = (struct tile){ 0 };
	if (record_pixels(record, &maker->image, &limits, err) || fit(maker, &tile->views[tile->view_count++], err) ||
		(record_find(record, "aug.rgb.npy") && (record_tensor_pixels(record, "aug.rgb.npy", &maker->image, err) ||
							       fit(maker, &tile->views[tile->view_count++], err)))) {
		tile_free(tile);
		return -1;
	}
	const struct image *view = &tile->views[0];
	const size_t longer = view->width > view->height ? view->width : view->height;
	tile->scale = maker->scale ? maker->scale : longer < TILE_SIDE ? TILE_SIDE / longer : 1;
	add_texts(tile, maker, record);
	return 0;
}

static unsigned char amplified(unsigned char a, unsigned char b, unsigned gain)
{
	const int value = 128 + (int)gain * ((int)a - (int)b);

	return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static int add_difference(struct tile *tile, unsigned gain, struct err *err)
{
	const struct image *original = &tile->views[0], *image = &tile->views[1];
	struct image *difference = &tile->views[tile->view_count++];

	if (image_copy(difference, image, err))
		return -1;
	for (size_t i = 0; i < image_bytes(image); i++)
		difference->pixels[i] = amplified(image->pixels[i], original->pixels[i], gain);
	return 0;
}

int tile_compare(struct tile_maker *maker, struct tile *tile, const struct record *original, unsigned gain, struct err *err)
{
	const struct image_limits limits = { maker->limits.pixels };
	const size_t width = tile->views[0].width, height = tile->views[0].height;
	struct image squashed = { 0 };

	if (record_pixels(original, &maker->image, &limits, err) ||
		image_resize(&maker->resizer, &squashed, &maker->image, width, height, RESIZE_BICUBIC, err)) {
		image_free(&squashed);
		return -1;
	}
	for (size_t i = tile->view_count; i; i--)
		tile->views[i] = tile->views[i - 1];
	tile->views[0] = squashed;
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
