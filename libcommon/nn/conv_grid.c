#include "nn/conv_grid.h"

#include "nn/microkernel.h"

#include <string.h>

size_t conv_grid_size(const struct conv_grid *grid)
{
	return grid->rows * grid->columns;
}

size_t conv_plane_size(const struct conv_plane *plane)
{
	return plane->height * plane->width * plane->depth;
}

static void find_offsets(struct conv_grid *g)
{
	for (size_t t = 0; t < g->tap_count; t++)
		g->offsets[t] =
			(g->taps[t].row * (ptrdiff_t)g->source.width + g->taps[t].column) * (ptrdiff_t)(g->source.depth * sizeof(float));
}

static void find_places(struct conv_grid *g)
{
	for (size_t i = 0; i < conv_grid_size(g); i++) {
		size_t row = i / g->columns, column = i % g->columns;
		size_t to_row = g->first_row + row * g->spacing, to_column = g->first_column + column * g->spacing;
		g->places[i].source = (row * g->source.width + column) * g->step * g->source.depth;
		g->places[i].target = (to_row * g->target.width + to_column) * g->target.depth;
	}
}

static bool is_inside(const struct conv_grid *g, size_t place, const struct conv_tap *tap)
{
	size_t row = place / g->columns * g->step + (size_t)tap->row; /* wraps around if negative, and is then too large */
	size_t column = place % g->columns * g->step + (size_t)tap->column;

	return row < g->source.height && column < g->source.width;
}

/* Goes backwards: the pixel p after this one is the pixel p - 1 after the next.  The last pixel is followed by the first. */
static void find_outside(struct conv_grid *g)
{
	size_t size = conv_grid_size(g);

	memset(g->outside, 0, size * g->tap_count);
	for (size_t i = size + MICROKERNEL_PIXELS; i-- > 0;) {
		unsigned char *here = g->outside + i % size * g->tap_count;
		const unsigned char *next = g->outside + (i + 1) % size * g->tap_count;
		for (size_t t = 0; t < g->tap_count; t++)
			here[t] = (unsigned char)(next[t] << 1 | !is_inside(g, i % size, &g->taps[t]));
	}
}

int conv_grid_find(struct tape *tape, struct conv_grid *g)
{
	g->offsets = arena_alloc(tape->arena, g->tap_count * sizeof *g->offsets);
	g->places = arena_alloc(tape->arena, conv_grid_size(g) * sizeof *g->places);
	g->outside = arena_alloc(tape->arena, conv_grid_size(g) * g->tap_count);
	if (!g->offsets || !g->places || !g->outside) {
		tape->failed = true;
		return -1;
	}
	find_offsets(g);
	find_places(g);
	find_outside(g);
	return 0;
}
