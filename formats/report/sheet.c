#include "formats/report/sheet.h"

#include "formats/image/image_codec.h"
#include "formats/report/canvas.h"
#include "formats/report/html.h"

#include <stdlib.h>
#include <string.h>

/* Dark, so that a sheet does not glare in dark mode. */
enum { PAPER = 0x1b1d20, RED = 0xe00000, FRAME = 4, GAP = 4, MARGIN = 8 };

static const uint32_t colours[TILE_ROLES] = {
	[TILE_CAPTION] = 0xe4e4df,
	[TILE_VIEW_CAPTION] = 0x8ab4f8,
	[TILE_LEDGER] = 0xff8a80,
	[TILE_PANELS] = 0xc9c9c4,
	[TILE_NAME] = 0x9aa0a6,
};

struct layout {
	size_t columns, rows;
	size_t width, height; /* of a cell: frame, images, frame; below them the texts */
	size_t images;        /* height of the tallest images */
	bool pango;
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

static bool is_ascii(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++)
		for (size_t k = 0; k < sheet->tiles[i].text_count; k++)
			for (size_t c = 0; c < sheet->tiles[i].texts[k].text.size; c++)
				if (sheet->tiles[i].texts[k].text.data[c] >= 0x80)
					return false;
	return true;
}

/* Returns the height.  canvas NULL: only measures.  *missing is true if the font lacks a character. */
static size_t draw_texts(struct image *canvas, const struct tile *tile, const struct layout *layout, size_t x, size_t y, bool *missing)
{
	size_t height = 0;

	*missing = false;
	for (size_t i = 0; i < tile->text_count; i++) {
		const struct tile_text *text = &tile->texts[i];
		const struct paragraph paragraph = { layout->pango ? text->text : text->ascii, layout->width, text->max_lines,
			layout->pango };
		size_t boxes;
		height += canvas_paragraph(canvas, x, y + height, &paragraph, colours[text->role], PAPER, &boxes);
		*missing |= boxes || (!layout->pango && text->ascii.size && memchr(text->ascii.data, 0x7f, text->ascii.size));
	}
	return height;
}

/* About as wide as high. */
static size_t square_columns(size_t count, const struct layout *layout)
{
	size_t columns = 1;

	while (columns < count && columns * layout->width < (count + columns - 1) / columns * layout->height)
		columns++;
	return columns;
}

static struct layout lay_out(const struct sheet *sheet, size_t columns, size_t *missing)
{
	struct layout layout = { .width = TILE_SIDE, .pango = pango_version_text() && !is_ascii(sheet) };
	size_t texts = 0;

	for (size_t i = 0; i < sheet->count; i++) {
		layout.width = larger(layout.width, tile_width(&sheet->tiles[i]));
		layout.images = larger(layout.images, tile_height(&sheet->tiles[i]));
	}
	layout.width += 2 * FRAME;
	*missing = 0;
	for (size_t i = 0; i < sheet->count; i++) {
		bool lacks;
		texts = larger(texts, draw_texts(NULL, &sheet->tiles[i], &layout, 0, 0, &lacks));
		*missing += lacks;
	}
	layout.height = layout.images + 2 * FRAME + GAP + texts;
	layout.columns = columns ? columns : square_columns(sheet->count, &layout);
	layout.rows = (sheet->count + layout.columns - 1) / layout.columns;
	return layout;
}

/* Images are aligned at the bottom, next to their texts. */
static void draw_tile(struct image *canvas, const struct tile *tile, const struct layout *layout, size_t x, size_t y)
{
	const size_t top = y + layout->images - tile_height(tile);
	bool missing;
	const struct image_part framed = { x, top, tile_width(tile) + 2 * FRAME, tile_height(tile) + 2 * FRAME };

	if (tile->poisoned)
		canvas_fill(canvas, framed, RED);
	x += FRAME;
	for (size_t i = 0, left = x; i < tile->view_count; left += tile->views[i++].width * tile->scale + GAP)
		canvas_paste(canvas, left, top + FRAME, &tile->views[i], tile->scale);
	draw_texts(canvas, tile, layout, x, y + layout->images + 2 * FRAME + GAP, &missing);
}

int sheet_draw(const struct sheet *sheet, size_t columns, size_t max_pixels, struct image *canvas, size_t *missing, struct err *err)
{
	const struct layout layout = lay_out(sheet, columns, missing);
	const size_t width = MARGIN + layout.columns * (layout.width + MARGIN);
	const size_t height = MARGIN + layout.rows * (layout.height + MARGIN);

	if (width > max_pixels / height)
		return err_set(err,
			"a sheet of %zu x %zu pixels is larger than --max-pixels %zu; show fewer (--count) or smaller (--scale) images",
			width, height, max_pixels);
	if (image_resize_buffer(canvas, width, height, err))
		return -1;
	canvas_fill(canvas, part_whole(width, height), PAPER);
	for (size_t i = 0; i < sheet->count; i++)
		draw_tile(canvas, &sheet->tiles[i], &layout, MARGIN + i % layout.columns * (layout.width + MARGIN),
			MARGIN + i / layout.columns * (layout.height + MARGIN));
	return 0;
}

static const char *const classes[TILE_ROLES] = {
	[TILE_CAPTION] = "caption",
	[TILE_VIEW_CAPTION] = "view",
	[TILE_LEDGER] = "ledger",
	[TILE_PANELS] = "panels",
	[TILE_NAME] = "name",
};

/* Small images are stored exactly, as PNG; large ones as JPEG, which takes a fraction of the bytes. */
static int print_view(const struct tile *tile, size_t i, struct buf *out, struct err *err)
{
	const struct image *view = &tile->views[i];
	const size_t longer = view->width > view->height ? view->width : view->height;
	const bool exact = longer <= TILE_SIDE_MAX;
	const size_t shown = exact ? longer * tile->scale : TILE_SIDE_MAX;
	struct image_encoding encoding;
	struct buf bytes = { 0 };
	const int status = image_encoding_parse(&encoding, exact ? "png" : "jpeg:90", err) || image_encode(&bytes, view, &encoding, err);

	if (status == 0)
		html_image(out, exact ? "image/png" : "image/jpeg", buf_span(&bytes), view->width * shown / longer,
			view->height * shown / longer, span_string(tile->names[i]));
	buf_free(&bytes);
	return status ? -1 : 0;
}

static int print_tile(const struct tile *tile, struct buf *out, struct err *err)
{
	buf_printf(out, "<figure class=\"tile%s%s\">\n<div class=\"views\">", tile->poisoned ? " poisoned" : "",
		tile->scale > 1 ? " enlarged" : "");
	for (size_t i = 0; i < tile->view_count; i++)
		if (print_view(tile, i, out, err))
			return -1;
	buf_append_string(out, "</div>\n<figcaption>");
	for (size_t i = 0; i < tile->text_count; i++) {
		buf_printf(out, "<p class=\"%s\" dir=\"auto\">", classes[tile->texts[i].role]);
		html_text(out, tile->texts[i].text);
		buf_append_string(out, "</p>");
	}
	buf_append_string(out, "</figcaption></figure>\n");
	return out->failed ? err_memory(err) : 0;
}

/* CSS pixels that the images of the widest tile take. */
static size_t widest(const struct sheet *sheet)
{
	size_t most = TILE_SIDE;

	for (size_t i = 0; i < sheet->count; i++) {
		const struct tile *tile = &sheet->tiles[i];
		size_t width = 0;
		for (size_t k = 0; k < tile->view_count; k++) {
			const size_t shown = tile->views[k].width * tile->scale;
			width += shown < TILE_SIDE_MAX || tile->scale > 1 ? shown : TILE_SIDE_MAX;
		}
		most = width > most ? width : most;
	}
	return most;
}

int sheet_print_html(const struct sheet *sheet, size_t columns, const char *title, struct buf *out, struct err *err)
{
	size_t poisoned = 0;

	for (size_t i = 0; i < sheet->count; i++)
		poisoned += sheet->tiles[i].poisoned;
	html_page_begin(out, title);
	buf_append_string(out, "<p class=\"note\">");
	html_count(out, sheet->count);
	buf_append_string(out, sheet->count == 1 ? " record" : " records");
	if (poisoned) {
		buf_append_string(out, ", ");
		html_count(out, poisoned);
		buf_append_string(out, " poisoned (red frame)");
	}
	buf_append_string(out, ". Click an image to enlarge it.</p>\n");
	if (columns)
		buf_printf(out, "<main class=\"tiles\" style=\"grid-template-columns:repeat(%zu,minmax(0,1fr))\">\n", columns);
	else
		buf_printf(out, "<main class=\"tiles\" style=\"grid-template-columns:repeat(auto-fill,min(100%%,%zupx))\">\n",
			widest(sheet) + 20);
	for (size_t i = 0; i < sheet->count; i++)
		if (print_tile(&sheet->tiles[i], out, err))
			return -1;
	buf_append_string(out, "</main>\n");
	html_page_end(out, "Made by cc-view sheet.");
	return out->failed ? err_memory(err) : 0;
}
