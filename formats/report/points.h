/* Embeddings of one or more record streams, one group of points for each stream, and their scatter plot. */
#ifndef REPORT_POINTS_H
#define REPORT_POINTS_H

#include "core/arena.h"
#include "formats/stream/stream.h"
#include "metric/embedding.h"

enum { POINT_GROUPS = 8 };

struct point {
	const char *key;
	int64_t label; /* -1: it has none */
	size_t group;
};

struct points {
	size_t count, width, groups;
	struct span names[POINT_GROUPS];
	struct buf floats; /* [count, width] */
	struct buf items;  /* struct point */
	size_t classes;    /* 0: no names; labels outside the classes are not below */
	const char **class_names;
	struct span model; /* that all are of; empty: not said */
	struct arena arena;
};

const struct point *points_items(const struct points *points);
const float *points_floats(const struct points *points);

/* Begins the group of another stream: fewer than POINT_GROUPS so far.  name is borrowed.
 * -1: its embeddings are of another model than the others, or no memory. */
int points_begin(struct points *points, struct span name, const struct stream_reader *reader, struct err *err);

/* One more point of the newest group, from the record's field.  embedding: scratch, which the caller frees.
 * 1: taken; 0: a bad record, err says why; -1: its width is not that of the others, or no memory. */
int points_add(struct points *points, const struct record *record, const char *field, struct embedding *embedding, struct err *err);
void points_free(struct points *points);

/* Appends the points as an SVG scatter plot, coloured by class or by group, each group with a marker of its own.
 * y: [points->count, 2], their places in the plane.  about: alternative text, plain.  The colours are classes "cN" with a style for
 * light and dark, which cc-view report replaces by its own. */
void scatter_draw(struct buf *out, const struct points *points, const double *y, bool by_class, const char *about);

#endif
