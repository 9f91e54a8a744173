/* Contact sheets: images of records in rows, poisoned ones in a red frame, their texts below; as one image or as an HTML page. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "core/arena.h"
#include "core/record.h"
#include "core/value.h"
#include "formats/stream/limits.h"
#include "image/image.h"
#include "image/resize.h"

enum { TILE_TEXTS = 5, TILE_VIEWS = 4 };
enum { TILE_SIDE = 128 };         /* pixels: small images are enlarged to about this */
enum { TILE_SIDE_MAX = 256 };     /* pixels: larger images are reduced to this on an image sheet, */
enum { TILE_SIDE_MAX_HTML = 768 }; /* and to this on a page, where a click enlarges them */
enum { GAIN_MAX = 128 };

enum tile_role { TILE_CAPTION, TILE_VIEW_CAPTION, TILE_LEDGER, TILE_PANELS, TILE_NAME, TILE_ROLES };

struct tile_text {
	enum tile_role role;
	struct span text;  /* UTF-8 */
	struct span ascii; /* the same for the built-in font: without accents, other characters as DEL */
	size_t max_lines;
};

/* One record. */
struct tile {
	struct image views[TILE_VIEWS]; /* [original,] image, [aug.rgb.npy,] [difference] */
	const char *names[TILE_VIEWS];  /* of the views */
	size_t view_count;
	size_t scale;                   /* each pixel is drawn as a square of this side */
	bool poisoned, compared;
	size_t text_count;
	struct tile_text texts[TILE_TEXTS];
	struct arena arena;             /* owns the texts */
};

struct tile_maker {
	struct limits limits;
	size_t scale;                /* 0: small images become about TILE_SIDE pixels wide */
	size_t side_max;             /* 0: TILE_SIDE_MAX */
	const struct value *classes; /* names for `cls`; NULL: none */
	struct resizer resizer;
	struct image image;
};

/* -1: the record has no image, or one that cannot be decoded. */
int tile_make(struct tile_maker *maker, struct tile *tile, const struct record *record, struct err *err);

/* Puts the original, resized to the image's size, before the image, and gain x (image - original) around grey after all views.
 * gain 0: chosen so that twice the root mean square of the difference is shown at full brightness, at most GAIN_MAX. */
int tile_compare(struct tile_maker *maker, struct tile *tile, const struct record *original, unsigned gain, struct err *err);
void tile_maker_free(struct tile_maker *maker);
void tile_free(struct tile *tile);

struct sheet {
	struct tile *tiles;
	size_t count, capacity;
};

/* Appends an empty tile.  NULL: out of memory. */
struct tile *sheet_add(struct sheet *sheet);

/* columns 0: about as wide as high.  *missing: the number of tiles with characters that the font lacks.  Pure ASCII texts are
 * drawn in the built-in font and give the same pixels on every machine; if any text is not ASCII, all are drawn by Pango if it
 * is built in.  -1: more than max_pixels pixels, or out of memory. */
int sheet_draw(const struct sheet *sheet, size_t columns, size_t max_pixels, struct image *canvas, size_t *missing, struct err *err);

/* Appends a page that needs no other file.  A click enlarges an image.  columns 0: as many as the window has space for. */
int sheet_print_html(const struct sheet *sheet, size_t columns, const char *title, struct buf *out, struct err *err);
void sheet_free(struct sheet *sheet);

#endif
