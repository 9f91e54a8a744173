/* A contact sheet: images in rows, poisoned ones in a red frame, captions below. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "formats/report/tile.h"

struct sheet {
	struct tile *tiles;
	size_t count, capacity;
};

/* An empty tile at the sheet's end; NULL: no memory. */
struct tile *sheet_add(struct sheet *sheet);

/* columns: 0 for as many as make it about as wide as high.  -1: more than `pixels_most` pixels. */
int sheet_draw(const struct sheet *sheet, size_t columns, size_t pixels_most, struct image *canvas, struct err *err);
void sheet_free(struct sheet *sheet);

#endif
