#include "formats/report/sheet.h"

#include "formats/image/image_codec.h"
#include "formats/report/html.h"

static const char *const classes[TILE_ROLES] = {
	[TILE_CAPTION] = "caption",
	[TILE_VIEW_CAPTION] = "view",
	[TILE_LEDGER] = "ledger",
	[TILE_PANELS] = "panels",
	[TILE_NAME] = "name",
};

/* Small images stay exact; large ones, which are photographs, would be many times as many bytes. */
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
