/* y = conv(x, weight).  Convolution and its transpose are both computed as a gather: each pixel of the target is the sum, over
 * the filter's taps, of a source pixel times a [run, channels] matrix of weights.  The weights' gradient is in
 * conv_weight_gradient.c. */
#include "nn/conv.h"
#include "nn/ops.h"
#include "nn/conv_grid.h"
#include "core/parallel.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* A piece takes about 20 us.  Its pixels share one panel of weights, which stays in L2; so do the pixels, for the next panels. */
enum { PIECE_FLOPS = 1 << 22, LEAST_PIXELS = 64 };

struct gather {
	const struct microkernel *kernels;
	struct conv_grid grid;
	size_t images;
	const float *source; /* [images, grid.source] */
	float *target;       /* [images, grid.target] */
	bool add;

	size_t run; /* floats of source that a tap reads */
	size_t run_stride, channel_stride; /* of the weights, in floats */
	const float *weights;
	float *panels; /* [panels][taps, run, width] */

	size_t piece_pixels, ranges;
	float *scratch; /* [threads, scratch_stride] */
	size_t scratch_stride;
};

static float *conv_panel_weights(const struct gather *g, const struct microkernel_panel *panel)
{
	return g->panels + panel->first * g->grid.tap_count * g->run;
}

static void conv_pack_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct microkernel_panel panel = microkernel_panel_at(g->kernels, g->grid.target.depth, piece / g->grid.tap_count);
	size_t width = panel.vectors * g->kernels->lanes, left = g->grid.target.depth - panel.first;
	size_t filled = left < width ? left : width, t = piece % g->grid.tap_count;
	const float *from = g->weights + g->grid.taps[t].weights + panel.first * g->channel_stride;
	float *to = conv_panel_weights(g, &panel) + t * g->run * width;

	(void)thread;
	for (size_t k = 0; k < g->run; k++, to += width, from += g->run_stride) {
		for (size_t j = 0; j < filled; j++)
			to[j] = from[j * g->channel_stride];
		memset(to + filled, 0, (width - filled) * sizeof *to);
	}
}

/* Scratch of one thread: zeros [run], a tile for results that are not stored directly, and a mask for each tap [taps]. */
struct work {
	float *zeros, *tile;
	unsigned char *outside;
};

static size_t work_floats(const struct gather *g)
{
	return tape_stride(g->run) + MICROKERNEL_PIXELS * MICROKERNEL_WIDTH + tape_stride(g->grid.tap_count);
}

static struct work work_of(const struct gather *g, size_t thread)
{
	float *at = g->scratch + thread * g->scratch_stride, *tile = at + tape_stride(g->run);

	return (struct work){ at, tile, (unsigned char *)(tile + MICROKERNEL_PIXELS * MICROKERNEL_WIDTH) };
}

static void conv_store_channels(size_t count, const float *from, bool add, float *to)
{
	for (size_t j = 0; j < count; j++)
		to[j] = from[j] + (add ? to[j] : 0);
}

/* Up to `pixels` consecutive pixels, counted through all images. */
struct tile {
	size_t count;
	struct microkernel_reads reads;
	float *target[MICROKERNEL_PIXELS];
};

/* The unused pixels of an incomplete tile read zeros. */
static void conv_cut_tile(const struct gather *g, struct tile *tile, const struct work *work)
{
	for (size_t t = 0; t < g->grid.tap_count; t++)
		work->outside[t] = (unsigned char)(tile->reads.outside[t] | 0xffu << tile->count);
	tile->reads.outside = work->outside;
}

static void conv_find_tile(const struct gather *g, size_t channel, size_t first, struct tile *tile)
{
	const struct conv_grid *grid = &g->grid;
	size_t size = conv_grid_size(grid), image = first / size, place = first % size;
	const float *source = g->source + image * conv_plane_size(&grid->source);
	float *target = g->target + image * conv_plane_size(&grid->target) + channel;

	tile->reads.outside = grid->outside + place * grid->tap_count;
	for (size_t p = 0; p < tile->count; p++) {
		tile->reads.source[p] = (uintptr_t)(source + grid->places[place].source);
		tile->target[p] = target + grid->places[place].target;
		if (++place == size) {
			place = 0;
			source += conv_plane_size(&grid->source);
			target += conv_plane_size(&grid->target);
		}
	}
}

static void conv_gather_tile(const struct gather *g, const struct microkernel_panel *panel, const struct work *work, struct tile *tile)
{
	size_t width = panel->vectors * g->kernels->lanes, left = g->grid.target.depth - panel->first;
	const float *weights = conv_panel_weights(g, panel);
	float *out[MICROKERNEL_PIXELS];

	if (left >= width && tile->count == g->kernels->pixels) {
		g->kernels->gather(panel->vectors, g->grid.tap_count, g->run, &tile->reads, weights, g->add, tile->target);
		return;
	}
	for (size_t p = 0; p < g->kernels->pixels; p++)
		out[p] = work->tile + p * MICROKERNEL_WIDTH;
	conv_cut_tile(g, tile, work);
	g->kernels->gather(panel->vectors, g->grid.tap_count, g->run, &tile->reads, weights, false, out);
	for (size_t p = 0; p < tile->count; p++)
		conv_store_channels(left < width ? left : width, out[p], g->add, tile->target[p]);
}

static void conv_gather_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	size_t panels = microkernel_panel_count(g->kernels, g->grid.target.depth);
	struct microkernel_panel panel = microkernel_panel_at(g->kernels, g->grid.target.depth, piece % panels);
	struct range range = pieces_range(g->images * conv_grid_size(&g->grid), g->piece_pixels, piece / panels);
	struct work work = work_of(g, thread);
	struct tile tile = { .reads = { .offsets = g->grid.offsets, .zeros = work.zeros } };

	memset(work.zeros, 0, g->run * sizeof *work.zeros);
	for (size_t at = range.first; at < range.end; at += g->kernels->pixels) {
		size_t left = range.end - at;
		tile.count = left < g->kernels->pixels ? left : g->kernels->pixels;
		conv_find_tile(g, panel.first, at, &tile);
		conv_gather_tile(g, &panel, &work, &tile);
	}
}

static void choose_pieces(struct gather *g)
{
	size_t pixel_flops = 2 * g->grid.tap_count * g->run * MICROKERNEL_WIDTH + 1, pixels = PIECE_FLOPS / pixel_flops;

	g->piece_pixels = pixels > LEAST_PIXELS ? pixels - pixels % MICROKERNEL_PIXELS : LEAST_PIXELS;
	g->ranges = pieces_count(g->images * conv_grid_size(&g->grid), g->piece_pixels);
}

static void conv_gather_run(struct tape *tape, struct gather *g)
{
	size_t channels = g->grid.target.depth, panels = microkernel_panel_count(g->kernels, channels);
	size_t weights = tape_stride((channels + g->kernels->lanes) * g->grid.tap_count * g->run);

	g->scratch_stride = work_floats(g);
	g->panels = tape_scratch(tape, weights + g->scratch_stride * pool_threads(tape->pool));
	if (!g->panels || conv_grid_find(tape, &g->grid))
		return;
	g->scratch = g->panels + weights;
	choose_pieces(g);
	pool_run(tape->pool, panels * g->grid.tap_count, conv_pack_piece, g);
	pool_run(tape->pool, panels * g->ranges, conv_gather_piece, g);
}

static struct conv_plane x_plane(const struct conv_shape *s)
{
	return (struct conv_plane){ s->height, s->width, s->c };
}

static struct conv_plane y_plane(const struct conv_shape *s)
{
	return (struct conv_plane){ s->out_height, s->out_width, s->out };
}

static struct conv_tap *new_taps(struct tape *tape, const struct conv_shape *s)
{
	struct conv_tap *taps = arena_alloc(tape->arena, s->kh * s->kw * sizeof *taps);

	if (!taps)
		tape->failed = true;
	return taps;
}

/* Without padding, a row of the filter reads consecutive pixels, so it is one longer tap. */
void conv_forward(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *s, const float *x, const float *weight,
	bool add, float *y)
{
	size_t merged = s->pad ? 1 : s->kw, columns = s->kw / merged;
	struct conv_tap *taps = new_taps(tape, s);
	struct gather g = { .kernels = kernels,
		.images = s->n,
		.source = x,
		.target = y,
		.add = add,
		.run = merged * s->c,
		.run_stride = 1,
		.channel_stride = s->kh * s->kw * s->c,
		.weights = weight };

	if (!taps)
		return;
	for (size_t i = 0; i < s->kh; i++)
		for (size_t j = 0; j < columns; j++)
			taps[i * columns + j] =
				(struct conv_tap){ (ptrdiff_t)(i - s->pad), (ptrdiff_t)(j - s->pad), (i * s->kw + j) * s->c };
	g.grid = (struct conv_grid){ .source = x_plane(s),
		.target = y_plane(s),
		.rows = s->out_height,
		.columns = s->out_width,
		.spacing = 1,
		.step = s->stride,
		.taps = taps,
		.tap_count = s->kh * columns };
	conv_gather_run(tape, &g);
}

/* The taps that pixels at multiples of `stride` from the grid's first pixel are computed from. */
static size_t backward_taps(const struct conv_grid *grid, const struct conv_shape *s, struct conv_tap *taps)
{
	size_t row = grid->first_row + s->pad, column = grid->first_column + s->pad, count = 0;

	for (size_t i = row % s->stride; i < s->kh; i += s->stride)
		for (size_t j = column % s->stride; j < s->kw; j += s->stride)
			taps[count++] = (struct conv_tap){ (ptrdiff_t)(row - i) / (ptrdiff_t)s->stride,
				(ptrdiff_t)(column - j) / (ptrdiff_t)s->stride, (i * s->kw + j) * s->c };
	return count;
}

/* Pixels of x at a distance of `stride` use the same taps: one gather for each offset within a stride. */
void conv_backward_data(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *s, const float *dy,
	const float *weight, bool add, float *dx)
{
	struct conv_tap *taps = new_taps(tape, s);
	struct gather g = { .kernels = kernels,
		.images = s->n,
		.source = dy,
		.target = dx,
		.add = add,
		.run = s->out,
		.run_stride = s->kh * s->kw * s->c,
		.channel_stride = 1,
		.weights = weight };

	for (size_t i = 0; taps && i < s->stride * s->stride; i++) {
		size_t row = i / s->stride, column = i % s->stride;
		if (row >= s->height || column >= s->width)
			continue;
		g.grid = (struct conv_grid){ .source = y_plane(s),
			.target = x_plane(s),
			.first_row = row,
			.first_column = column,
			.rows = pieces_count(s->height - row, s->stride),
			.columns = pieces_count(s->width - column, s->stride),
			.spacing = s->stride,
			.step = 1,
			.taps = taps };
		g.grid.tap_count = backward_taps(&g.grid, s, taps);
		if (g.grid.tap_count || !add)
			conv_gather_run(tape, &g);
	}
}

struct conv {
	struct tensor *x, *weight, *y;
	struct conv_shape shape;
	const struct microkernel *kernels;
};

static void conv_backward(struct tape *tape, void *saved)
{
	struct conv *c = saved;
	bool add;

	if (tape_wants_grad(tape, c->x, &add))
		conv_backward_data(tape, c->kernels, &c->shape, c->y->grad, c->weight->data, add, c->x->grad);
	if (!tape_wants_grad(tape, c->weight, &add))
		return;
	if (conv_weight_gemm_pays(&c->shape))
		conv_weight_gemm(tape, &c->shape, c->x->data, c->y->grad, add, c->weight->grad);
	else
		conv_backward_weights(tape, c->kernels, &c->shape, c->x->data, c->y->grad, add, c->weight->grad);
}

static struct conv_shape conv_shape_of(const struct tensor *x, const struct tensor *weight, size_t stride, size_t pad)
{
	struct conv_shape s = { .n = x->shape[0],
		.height = x->shape[1],
		.width = x->shape[2],
		.c = x->shape[3],
		.out = weight->shape[0],
		.kh = weight->shape[1],
		.kw = weight->shape[2],
		.stride = stride,
		.pad = pad };

	assert(x->rank == 4 && weight->rank == 4 && weight->shape[3] == s.c && stride);
	assert(s.kh && s.kw && s.height + 2 * pad >= s.kh && s.width + 2 * pad >= s.kw);
	s.out_height = (s.height + 2 * pad - s.kh) / stride + 1;
	s.out_width = (s.width + 2 * pad - s.kw) / stride + 1;
	return s;
}

struct tensor *op_conv2d(struct tape *tape, struct tensor *x, struct tensor *weight, size_t stride, size_t pad)
{
	struct conv c = { .x = x, .weight = weight, .kernels = microkernel_best() }, *saved;

	if (!x || !weight)
		return tape_fail(tape);
	c.shape = conv_shape_of(x, weight, stride, pad);
	c.y = tape_result(
		tape, 4, (size_t[]){ c.shape.n, c.shape.out_height, c.shape.out_width, c.shape.out }, x->wants_grad || weight->wants_grad);
	if (!c.y || !(saved = tape_save(tape, &c, sizeof c)))
		return NULL;
	tape->flops += 2. * (double)tensor_size(c.y) * (double)(c.shape.kh * c.shape.kw * c.shape.c);
	conv_forward(tape, c.kernels, &c.shape, x->data, weight->data, false, c.y->data);
	tape_record(tape, c.y, conv_backward, saved);
	return tape->failed ? NULL : c.y;
}
