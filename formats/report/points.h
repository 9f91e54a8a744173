/* Embeddings of one or more record streams, one group of points for each stream, and their scatter plot. */
#ifndef REPORT_POINTS_H
#define REPORT_POINTS_H

#include "core/arena.h"
#include "formats/stream/stream.h"
#include "metric/vectors.h"

enum { POINT_GROUPS = 8 };

struct point {
	const char *key;
	int64_t label; /* -1: none */
	size_t group;
};

struct points {
	size_t count, width, groups;
	struct span names[POINT_GROUPS];
	struct buf floats; /* [count, width] */
	struct buf items;  /* struct point */
	size_t classes;    /* number of names; a label may be larger */
	const char **class_names;
	struct span model; /* digest, the same for all; empty: unknown */
	struct arena arena;
};

const struct point *points_items(const struct points *points);
const float *points_floats(const struct points *points);

/* Adds a group for another stream; there must be fewer than POINT_GROUPS.  name is borrowed.
 * -1: its embeddings are of another model, or out of memory. */
int points_begin(struct points *points, struct span name, const struct stream_reader *reader, struct err *err);

/* Adds a point to the newest group, from the record's field.  embedding: scratch space; the caller frees it.
 * 1: added; 0: a bad record, with the reason in err; -1: its width differs from the others', or out of memory. */
int points_add(struct points *points, const struct record *record, const char *field, struct embedding *embedding, struct err *err);
void points_free(struct points *points);

/* Appends the points as an SVG scatter plot for light and dark mode, with a legend.  by_class: each class has a colour, and with
 * one group a mark; otherwise each group has a colour and a mark.
 * y: [points->count, 2], the positions.  about: its description, plain text. */
void scatter_draw(struct buf *out, const struct points *points, const double *y, bool by_class, const char *about);

#endif
