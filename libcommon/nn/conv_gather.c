#include "nn/conv_gather.h"

#include "nn/pieces.h"

#include <stdint.h>
#include <string.h>

/* About as much work for one piece: 20 us.  Pixels of a piece also share one panel of weights, which stays in L2. */
enum { PIECE_FLOPS = 1 << 22, LEAST_PIXELS = 64 };

/* A pixel that is made, the same in each image: floats from the start of an image. */
struct place {
	size_t source, target;
};

struct gather {
	const struct conv_kernels *kernels;

	const float *source; /* [n,height,width,depth] */
	size_t height, width, depth;
	float *target; /* [n,target_height,target_width,channels] */
	size_t target_height, target_width, channels;
	bool add;

	/* The pixels of the target that are made: rows x columns in each image, `apart` from one another.  Pixel (i, j)
	 * meets the source at tap + step * (i, j). */
	size_t rows, columns, first_row, first_column, apart, step;
	size_t images;
	struct place *places;   /* [rows, columns] */
	unsigned char *outside; /* [rows, columns, taps]: bit p tells of the place p further on */

	const struct conv_tap *taps;
	ptrdiff_t *offsets; /* bytes from the pixel of source at step * (i, j) to that under the tap */
	size_t tap_count, run;                /* floats of source under a tap */
	size_t run_stride, channel_stride;    /* of the weights */
	const float *weights;
	float *panels; /* [panels][taps, run, width] */

	size_t piece_pixels, ranges;
	float *scratch; /* [threads, scratch_stride] */
	size_t scratch_stride;
};

static float *panel_weights(const struct gather *g, const struct conv_panel *panel)
{
	return g->panels + panel->first * g->tap_count * g->run;
}

static void pack_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct conv_panel panel = conv_panel_at(g->kernels, g->channels, piece / g->tap_count);
	size_t width = panel.vectors * g->kernels->lanes, left = g->channels - panel.first, t = piece % g->tap_count;
	size_t filled = left < width ? left : width;
	const float *from = g->weights + g->taps[t].weights + panel.first * g->channel_stride;
	float *to = panel_weights(g, &panel) + t * g->run * width;

	(void)thread;
	for (size_t k = 0; k < g->run; k++, to += width, from += g->run_stride) {
		for (size_t j = 0; j < filled; j++)
			to[j] = from[j * g->channel_stride];
		memset(to + filled, 0, (width - filled) * sizeof *to);
	}
}

static void find_places(struct gather *g)
{
	for (size_t i = 0; i < g->rows * g->columns; i++) {
		size_t row = i / g->columns, column = i % g->columns;
		size_t to_row = g->first_row + row * g->apart, to_column = g->first_column + column * g->apart;
		g->places[i] = (struct place){ (row * g->width + column) * g->step * g->depth,
			(to_row * g->target_width + to_column) * g->channels };
	}
}

static bool meets(const struct gather *g, size_t place, const struct conv_tap *tap)
{
	size_t row = place / g->columns * g->step + (size_t)tap->row; /* below 0: huge */
	size_t column = place % g->columns * g->step + (size_t)tap->column;

	return row < g->height && column < g->width;
}

/* From the last place back, since what is p from here is p - 1 from the next; the last is followed by the first. */
static void find_outside(struct gather *g)
{
	size_t plane = g->rows * g->columns;

	memset(g->outside, 0, plane * g->tap_count);
	for (size_t i = plane + CONV_MOST_PIXELS; i-- > 0;) {
		unsigned char *here = g->outside + i % plane * g->tap_count;
		const unsigned char *next = g->outside + (i + 1) % plane * g->tap_count;
		for (size_t t = 0; t < g->tap_count; t++)
			here[t] = (unsigned char)(next[t] << 1 | !meets(g, i % plane, &g->taps[t]));
	}
}

static void find_offsets(struct gather *g)
{
	for (size_t t = 0; t < g->tap_count; t++)
		g->offsets[t] = (g->taps[t].row * (ptrdiff_t)g->width + g->taps[t].column) *
			(ptrdiff_t)(g->depth * sizeof *g->source);
}

/* A thread's own: zeros [run], a tile of results that do not go straight to the target, taps outside [taps]. */
struct work {
	float *zeros, *tile;
	unsigned char *outside;
};

static size_t work_floats(const struct gather *g)
{
	return tape_stride(g->run) + CONV_MOST_PIXELS * CONV_MOST_WIDTH + tape_stride(g->tap_count);
}

static struct work work_of(const struct gather *g, size_t thread)
{
	float *at = g->scratch + thread * g->scratch_stride, *tile = at + tape_stride(g->run);

	return (struct work){ at, tile, (unsigned char *)(tile + CONV_MOST_PIXELS * CONV_MOST_WIDTH) };
}

static void store_channels(size_t count, const float *from, bool add, float *to)
{
	for (size_t j = 0; j < count; j++)
		to[j] = from[j] + (add ? to[j] : 0);
}

/* Up to a tile of pixels that follow one another, through all images. */
struct tile {
	size_t count;
	struct conv_reads reads;
	float *target[CONV_MOST_PIXELS];
};

/* What the pixels behind `count` read and make is of no use: they read zeros. */
static void cut_tile(const struct gather *g, struct tile *tile, const struct work *work)
{
	for (size_t t = 0; t < g->tap_count; t++)
		work->outside[t] = (unsigned char)(tile->reads.outside[t] | 0xffu << tile->count);
	tile->reads.outside = work->outside;
}

static void find_tile(const struct gather *g, size_t channel, size_t first, struct tile *tile)
{
	size_t plane = g->rows * g->columns, image = first / plane, place = first % plane;
	const float *source = g->source + image * g->height * g->width * g->depth;
	float *target = g->target + image * g->target_height * g->target_width * g->channels + channel;

	tile->reads.outside = g->outside + place * g->tap_count;
	for (size_t p = 0; p < tile->count; p++) {
		tile->reads.source[p] = (uintptr_t)(source + g->places[place].source);
		tile->target[p] = target + g->places[place].target;
		if (++place == plane) {
			place = 0;
			source += g->height * g->width * g->depth;
			target += g->target_height * g->target_width * g->channels;
		}
	}
}

static void gather_tile(const struct gather *g, const struct conv_panel *panel, const struct work *work, struct tile *tile)
{
	size_t width = panel->vectors * g->kernels->lanes, left = g->channels - panel->first;
	const float *weights = panel_weights(g, panel);
	float *out[CONV_MOST_PIXELS];

	if (left >= width && tile->count == g->kernels->pixels) {
		g->kernels->gather(panel->vectors, g->tap_count, g->run, &tile->reads, weights, g->add, tile->target);
		return;
	}
	for (size_t p = 0; p < g->kernels->pixels; p++)
		out[p] = work->tile + p * CONV_MOST_WIDTH;
	cut_tile(g, tile, work);
	g->kernels->gather(panel->vectors, g->tap_count, g->run, &tile->reads, weights, false, out);
	for (size_t p = 0; p < tile->count; p++)
		store_channels(left < width ? left : width, out[p], g->add, tile->target[p]);
}

static void gather_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct conv_panel panel = conv_panel_at(g->kernels, g->channels, piece / g->ranges);
	struct range range = pieces_range(g->images * g->rows * g->columns, g->piece_pixels, piece % g->ranges);
	struct work work = work_of(g, thread);
	struct tile tile = { .reads = { .offsets = g->offsets, .zeros = work.zeros } };

	memset(work.zeros, 0, g->run * sizeof *work.zeros);
	for (size_t at = range.first; at < range.end; at += g->kernels->pixels) {
		size_t left = range.end - at;
		tile.count = left < g->kernels->pixels ? left : g->kernels->pixels;
		find_tile(g, panel.first, at, &tile);
		gather_tile(g, &panel, &work, &tile);
	}
}

static void choose_pieces(struct gather *g)
{
	size_t pixel_flops = 2 * g->tap_count * g->run * CONV_MOST_WIDTH + 1, pixels = PIECE_FLOPS / pixel_flops;

	g->piece_pixels = pixels > LEAST_PIXELS ? pixels - pixels % CONV_MOST_PIXELS : LEAST_PIXELS;
	g->ranges = pieces_count(g->images * g->rows * g->columns, g->piece_pixels);
}

static void gather_run(struct tape *tape, struct gather *g)
{
	size_t weights = tape_stride((g->channels + g->kernels->lanes) * g->tap_count * g->run);

	g->offsets = arena_alloc(tape->arena, g->tap_count * sizeof *g->offsets);
	g->places = arena_alloc(tape->arena, g->rows * g->columns * sizeof *g->places);
	g->outside = arena_alloc(tape->arena, g->rows * g->columns * g->tap_count);
	g->scratch_stride = work_floats(g);
	g->panels = tape_scratch(tape, weights + g->scratch_stride * pool_threads(tape->pool));
	if (!g->offsets || !g->places || !g->outside || !g->panels) {
		tape->failed = true;
		return;
	}
	g->scratch = g->panels + weights;
	find_offsets(g);
	find_places(g);
	find_outside(g);
	choose_pieces(g);
	pool_run(tape->pool, conv_panel_count(g->kernels, g->channels) * g->tap_count, pack_piece, g);
	pool_run(tape->pool, conv_panel_count(g->kernels, g->channels) * g->ranges, gather_piece, g);
}

/* Without padding a row of the kernel meets one run of the image's row: fewer, longer taps. */
void conv_forward(struct tape *tape, const struct conv_kernels *kernels, const struct conv_shape *s, const float *x,
	const float *weight, bool add, float *y)
{
	size_t merged = s->pad ? 1 : s->kw, columns = s->kw / merged;
	struct conv_tap *taps = arena_alloc(tape->arena, s->kh * columns * sizeof *taps);
	struct gather g = { .kernels = kernels, .source = x, .height = s->height, .width = s->width, .depth = s->c,
		.target = y, .add = add, .target_height = s->out_height, .target_width = s->out_width, .channels = s->out,
		.rows = s->out_height, .columns = s->out_width, .apart = 1, .step = s->stride,
		.images = s->n, .taps = taps, .tap_count = s->kh * columns,
		.run = merged * s->c, .run_stride = 1, .channel_stride = s->kh * s->kw * s->c, .weights = weight };

	if (!taps) {
		tape->failed = true;
		return;
	}
	for (size_t i = 0; i < s->kh; i++)
		for (size_t j = 0; j < columns; j++)
			taps[i * columns + j] = (struct conv_tap){ (ptrdiff_t)(i - s->pad), (ptrdiff_t)(j - s->pad),
				(i * s->kw + j) * s->c };
	gather_run(tape, &g);
}

/* Pixels of x that lie `stride` apart meet the same taps: one gather for each place within a stride. */
static void backward_places(struct tape *tape, struct gather *g, const struct conv_shape *s, struct conv_tap *taps)
{
	g->taps = taps;
	g->tap_count = 0;
	for (size_t i = (g->first_row + s->pad) % s->stride; i < s->kh; i += s->stride)
		for (size_t j = (g->first_column + s->pad) % s->stride; j < s->kw; j += s->stride)
			taps[g->tap_count++] = (struct conv_tap){
				(ptrdiff_t)(g->first_row + s->pad - i) / (ptrdiff_t)s->stride,
				(ptrdiff_t)(g->first_column + s->pad - j) / (ptrdiff_t)s->stride,
				(i * s->kw + j) * s->c };
	g->rows = pieces_count(s->height - g->first_row, s->stride);
	g->columns = pieces_count(s->width - g->first_column, s->stride);
	if (g->tap_count || !g->add)
		gather_run(tape, g);
}

void conv_backward_data(struct tape *tape, const struct conv_kernels *kernels, const struct conv_shape *s,
	const float *dy, const float *weight, bool add, float *dx)
{
	struct conv_tap *taps = arena_alloc(tape->arena, s->kh * s->kw * sizeof *taps);
	struct gather g = { .kernels = kernels, .source = dy, .height = s->out_height, .width = s->out_width,
		.depth = s->out, .target = dx, .target_height = s->height, .target_width = s->width, .channels = s->c,
		.add = add, .apart = s->stride, .step = 1, .images = s->n, .run = s->out, .run_stride = s->kh * s->kw * s->c,
		.channel_stride = 1, .weights = weight };

	if (!taps) {
		tape->failed = true;
		return;
	}
	for (g.first_row = 0; g.first_row < s->stride && g.first_row < s->height; g.first_row++)
		for (g.first_column = 0; g.first_column < s->stride && g.first_column < s->width; g.first_column++)
			backward_places(tape, &g, s, taps);
}
