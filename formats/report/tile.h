/* One record on a contact sheet: its image beside others of it, and the lines below. */
#ifndef REPORT_TILE_H
#define REPORT_TILE_H

#include "core/arena.h"
#include "core/record.h"
#include "core/value.h"
#include "formats/stream/limits.h"
#include "image/image.h"
#include "image/resize.h"

enum { TILE_TEXTS = 4, TILE_LINES = 8, TILE_VIEWS = 4 };

struct tile {
	struct image views[TILE_VIEWS]; /* the image, aug.rgb.npy where it is there; see tile_compare */
	size_t view_count;
	size_t scale;          /* each pixel is drawn so large */
	bool poisoned, compared;
	size_t text_count;
	struct tile_text {
		struct span text;  /* ASCII */
		uint32_t colour;
		size_t lines_most;
	} texts[TILE_TEXTS];
	struct arena arena;    /* of the texts */
};

struct tile_maker {
	struct limits limits;
	size_t scale;                /* 0: so that small images become about TILE_SIDE pixels large */
	const struct value *classes; /* names of `cls`; NULL: none */
	struct resizer resizer;
	struct image image;
};

enum { TILE_SIDE = 128, TILE_SIDE_MOST = 256 }; /* larger images are reduced to the latter */

/* -1: the record has no image that can be used. */
int tile_make(struct tile_maker *maker, struct tile *tile, const struct record *record, struct err *err);
/* In front of the image goes the original that it was made of, squashed to its size, and behind them gain times the difference, around
 * grey. */
int tile_compare(struct tile_maker *maker, struct tile *tile, const struct record *original, unsigned gain, struct err *err);
void tile_maker_free(struct tile_maker *maker);
void tile_free(struct tile *tile);

#endif
