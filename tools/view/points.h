/* Embeddings of one or more record streams, as points of as many groups. */
#ifndef VIEW_POINTS_H
#define VIEW_POINTS_H

#include "tools/cli/tool.h"

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
	size_t classes;    /* 0: no names; labels of no class are not below */
	const char **class_names;
	struct span model; /* that all are of; empty: not said */
	struct arena arena;
};

const struct point *points_items(const struct points *points);
const float *points_floats(const struct points *points);

/* Another stream, a group of its own; path NULL or "-": standard input.  Not of another model than the others, and of
 * one epoch.  Its bad records are counted. */
int points_read(struct points *points, struct tool *tool, struct span name, const char *path, const char *field);
void points_free(struct points *points);

#endif
