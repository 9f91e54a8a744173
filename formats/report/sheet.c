#include "formats/report/sheet.h"

#include "formats/report/canvas.h"

#include <stdlib.h>
#include <string.h>

enum { WHITE = 0xffffff, RED = 0xe00000, FRAME = 4, GAP = 4, MARGIN = 8 };

struct layout {
	size_t columns, rows;
	size_t width, height; /* of a cell: frame, images, frame; below them the texts */
	size_t pictures;      /* the height of the images in it */
};

struct tile *sheet_add(struct sheet *sheet)
{
	if (sheet->count == sheet->capacity) {
		const size_t capacity = sheet->capacity ? 2 * sheet->capacity : 64;
		struct tile *tiles = realloc(sheet->tiles, capacity * sizeof *tiles);
		if (!tiles)
			return NULL;
		sheet->tiles = tiles;
		sheet->capacity = capacity;
	}
	sheet->tiles[sheet->count] = (struct tile){ 0 };
	return &sheet->tiles[sheet->count++];
}

void sheet_free(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++)
		tile_free(&sheet->tiles[i]);
	free(sheet->tiles);
	*sheet = (struct sheet){ 0 };
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t tile_width(const struct tile *tile)
{
	size_t width = 0;

	for (size_t i = 0; i < tile->view_count; i++)
		width += (i ? GAP : 0) + tile->views[i].width * tile->scale;
	return width;
}

static size_t tile_height(const struct tile *tile)
{
	size_t height = 0;

	for (size_t i = 0; i < tile->view_count; i++)
		height = larger(height, tile->views[i].height);
	return tile->scale * height;
}

static size_t columns_of(const struct layout *layout)
{
	return layout->width / LETTER_WIDTH;
}

static size_t count_lines(const struct tile *tile, size_t columns)
{
	struct span lines[TILE_LINES];
	size_t count = 0;
	bool cut;

	for (size_t i = 0; i < tile->text_count; i++)
		count += text_wrap(tile->texts[i].text, columns, lines, tile->texts[i].lines_most, &cut);
	return count;
}

/* About as wide as high. */
static size_t square_columns(size_t count, const struct layout *layout)
{
	size_t columns = 1;

	while (columns < count && columns * layout->width < (count + columns - 1) / columns * layout->height)
		columns++;
	return columns;
}

static struct layout lay_out(const struct sheet *sheet, size_t columns)
{
	struct layout layout = { .width = TILE_SIDE };
	size_t lines = 0;

	for (size_t i = 0; i < sheet->count; i++) {
		layout.width = larger(layout.width, tile_width(&sheet->tiles[i]));
		layout.pictures = larger(layout.pictures, tile_height(&sheet->tiles[i]));
	}
	layout.width += 2 * FRAME;
	for (size_t i = 0; i < sheet->count; i++)
		lines = larger(lines, count_lines(&sheet->tiles[i], columns_of(&layout)));
	layout.height = layout.pictures + 2 * FRAME + GAP + lines * LINE_HEIGHT;
	layout.columns = columns ? columns : square_columns(sheet->count, &layout);
	layout.rows = (sheet->count + layout.columns - 1) / layout.columns;
	return layout;
}

static void draw_texts(struct image *canvas, const struct tile *tile, size_t x, size_t y, size_t columns)
{
	for (size_t i = 0; i < tile->text_count; i++) {
		const struct tile_text *text = &tile->texts[i];
		struct span lines[TILE_LINES];
		bool cut;
		size_t count = text_wrap(text->text, columns, lines, text->lines_most, &cut);
		for (size_t line = 0; line < count; line++, y += LINE_HEIGHT) {
			canvas_text(canvas, x, y, lines[line], text->colour);
			if (!cut || line + 1 < count)
				continue;
			const size_t letters = lines[line].size + 2 > columns ? columns - 2 : lines[line].size;
			const size_t end = x + letters * LETTER_WIDTH;
			canvas_fill(canvas, (struct image_part){ end, y, 2 * LETTER_WIDTH, LINE_HEIGHT }, WHITE);
			canvas_text(canvas, end, y, span_string(".."), text->colour);
		}
	}
}

/* Lower images stand on the same line, so that their texts are right below them. */
static void draw_tile(struct image *canvas, const struct tile *tile, const struct layout *layout, size_t x, size_t y)
{
	const size_t top = y + layout->pictures - tile_height(tile);
	const struct image_part framed = { x, top, tile_width(tile) + 2 * FRAME, tile_height(tile) + 2 * FRAME };

	if (tile->poisoned)
		canvas_fill(canvas, framed, RED);
	x += FRAME;
	for (size_t i = 0, left = x; i < tile->view_count; left += tile->views[i++].width * tile->scale + GAP)
		canvas_paste(canvas, left, top + FRAME, &tile->views[i], tile->scale);
	draw_texts(canvas, tile, x, y + layout->pictures + 2 * FRAME + GAP, columns_of(layout));
}

int sheet_draw(const struct sheet *sheet, size_t columns, size_t pixels_most, struct image *canvas, struct err *err)
{
	const struct layout layout = lay_out(sheet, columns);
	const size_t width = MARGIN + layout.columns * (layout.width + MARGIN);
	const size_t height = MARGIN + layout.rows * (layout.height + MARGIN);

	if (width > pixels_most / height)
		return err_set(err,
			"a sheet of %zu x %zu pixels is larger than %zu: show fewer (--count), or smaller "
			"(--scale)",
			width, height, pixels_most);
	if (image_resize_buffer(canvas, width, height, err))
		return -1;
	memset(canvas->pixels, 0xff, image_bytes(canvas));
	for (size_t i = 0; i < sheet->count; i++)
		draw_tile(canvas, &sheet->tiles[i], &layout, MARGIN + i % layout.columns * (layout.width + MARGIN),
			MARGIN + i / layout.columns * (layout.height + MARGIN));
	return 0;
}
