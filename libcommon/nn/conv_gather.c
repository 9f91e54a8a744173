#include "nn/conv_gather.h"

#include "nn/pieces.h"

#include <string.h>

/* About as much work for one piece: 20 us.  Pixels of a piece also share one panel of weights, which stays in L2. */
enum { PIECE_FLOPS = 1 << 22, LEAST_PIXELS = 64 };

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
	size_t pixels; /* n rows columns */

	const struct conv_tap *taps;
	size_t tap_count, run;                /* floats of source under a tap */
	size_t run_stride, channel_stride;    /* of the weights */
	const float *weights;
	float *panels; /* [panels][taps, run, width] */

	size_t piece_pixels, ranges;
	float *scratch; /* [threads, scratch_stride] */
	size_t scratch_stride;
};

/* Channels are spread evenly over panels of at most CONV_VECTORS vectors. */
struct panel {
	size_t first, vectors; /* channel, width in vectors */
};

static size_t vector_count(const struct gather *g)
{
	return pieces_count(g->channels, g->kernels->lanes);
}

static size_t panel_count(const struct gather *g)
{
	return pieces_count(vector_count(g), CONV_VECTORS);
}

static struct panel panel_at(const struct gather *g, size_t index)
{
	size_t count = panel_count(g), vectors = vector_count(g), each = vectors / count, wider = vectors % count;
	size_t before = index * each + (index < wider ? index : wider);

	return (struct panel){ before * g->kernels->lanes, each + (index < wider) };
}

static float *panel_weights(const struct gather *g, const struct panel *panel)
{
	return g->panels + panel->first * g->tap_count * g->run;
}

static void pack_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct panel panel = panel_at(g, piece / g->tap_count);
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

struct pixel {
	size_t image, row, column;
};

static struct pixel pixel_at(const struct gather *g, size_t index)
{
	size_t line = index / g->columns;

	return (struct pixel){ line / g->rows, line % g->rows, index % g->columns };
}

static void next_pixel(const struct gather *g, struct pixel *pixel)
{
	if (++pixel->column < g->columns)
		return;
	pixel->column = 0;
	if (++pixel->row < g->rows)
		return;
	pixel->row = 0;
	pixel->image++;
}

/* Where each tap of a pixel reads; outside of the source, zeros. */
static void aim(const struct gather *g, const struct pixel *pixel, const float *zeros, const float **in)
{
	const float *image = g->source + pixel->image * g->height * g->width * g->depth;
	size_t row = pixel->row * g->step, column = pixel->column * g->step;

	for (size_t t = 0; t < g->tap_count; t++, in += g->kernels->pixels) {
		size_t y = row + (size_t)g->taps[t].row, x = column + (size_t)g->taps[t].column; /* may wrap */
		*in = y < g->height && x < g->width ? image + (y * g->width + x) * g->depth : zeros;
	}
}

static float *target_of(const struct gather *g, const struct pixel *pixel)
{
	size_t row = g->first_row + pixel->row * g->apart, column = g->first_column + pixel->column * g->apart;

	return g->target + ((pixel->image * g->target_height + row) * g->target_width + column) * g->channels;
}

/* A thread's own: zeros [run], a tile of results that do not go straight to the target, addresses [taps, pixels]. */
struct work {
	float *zeros, *tile;
	const float **in;
};

static size_t work_floats(const struct gather *g)
{
	size_t addresses = pieces_count(g->tap_count * g->kernels->pixels * sizeof(const float *), sizeof(float));

	return tape_stride(g->run) + CONV_MOST_PIXELS * CONV_MOST_WIDTH + tape_stride(addresses);
}

static struct work work_of(const struct gather *g, size_t thread)
{
	float *at = g->scratch + thread * g->scratch_stride, *tile = at + tape_stride(g->run);

	return (struct work){ at, tile, (const float **)(void *)(tile + CONV_MOST_PIXELS * CONV_MOST_WIDTH) };
}

static void store_channels(size_t count, const float *from, bool add, float *to)
{
	for (size_t j = 0; j < count; j++)
		to[j] = from[j] + (add ? to[j] : 0);
}

/* `count` pixels from `pixel` on, at most a tile; pixel moves behind them. */
static void gather_tile(const struct gather *g, const struct panel *panel, const struct work *work, struct pixel *pixel,
	size_t count)
{
	size_t width = panel->vectors * g->kernels->lanes, left = g->channels - panel->first;
	float *to[CONV_MOST_PIXELS], *out[CONV_MOST_PIXELS];
	bool direct = left >= width && count == g->kernels->pixels;

	for (size_t p = 0; p < g->kernels->pixels; p++) {
		if (p < count) {
			to[p] = target_of(g, pixel) + panel->first;
			aim(g, pixel, work->zeros, work->in + p);
			next_pixel(g, pixel);
		} else {
			for (size_t t = 0; t < g->tap_count; t++)
				work->in[t * g->kernels->pixels + p] = work->zeros;
		}
		out[p] = direct ? to[p] : work->tile + p * CONV_MOST_WIDTH;
	}
	g->kernels->gather(panel->vectors, g->tap_count, g->run, work->in, panel_weights(g, panel), direct && g->add, out);
	for (size_t p = 0; p < count && !direct; p++)
		store_channels(left < width ? left : width, out[p], g->add, to[p]);
}

static void gather_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct panel panel = panel_at(g, piece / g->ranges);
	struct range range = pieces_range(g->pixels, g->piece_pixels, piece % g->ranges);
	struct pixel pixel = pixel_at(g, range.first);
	struct work work = work_of(g, thread);

	memset(work.zeros, 0, g->run * sizeof *work.zeros);
	for (size_t at = range.first; at < range.end; at += g->kernels->pixels) {
		size_t left = range.end - at;
		gather_tile(g, &panel, &work, &pixel, left < g->kernels->pixels ? left : g->kernels->pixels);
	}
}

static void gather_run(struct tape *tape, struct gather *g)
{
	size_t weights = tape_stride(vector_count(g) * g->kernels->lanes * g->tap_count * g->run);
	size_t pixel_flops = 2 * g->tap_count * g->run * CONV_MOST_WIDTH + 1;

	g->scratch_stride = work_floats(g);
	g->panels = tape_scratch(tape, weights + g->scratch_stride * pool_threads(tape->pool));
	if (!g->panels)
		return;
	g->scratch = g->panels + weights;
	g->piece_pixels = PIECE_FLOPS / pixel_flops > LEAST_PIXELS ? PIECE_FLOPS / pixel_flops : LEAST_PIXELS;
	g->piece_pixels -= g->piece_pixels % CONV_MOST_PIXELS;
	g->ranges = pieces_count(g->pixels, g->piece_pixels);
	pool_run(tape->pool, panel_count(g) * g->tap_count, pack_piece, g);
	pool_run(tape->pool, panel_count(g) * g->ranges, gather_piece, g);
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
		.pixels = s->n * s->out_height * s->out_width, .taps = taps, .tap_count = s->kh * columns,
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
	g->pixels = s->n * g->rows * g->columns;
	if (g->tap_count || !g->add)
		gather_run(tape, g);
}

void conv_backward_data(struct tape *tape, const struct conv_kernels *kernels, const struct conv_shape *s,
	const float *dy, const float *weight, bool add, float *dx)
{
	struct conv_tap *taps = arena_alloc(tape->arena, s->kh * s->kw * sizeof *taps);
	struct gather g = { .kernels = kernels, .source = dy, .height = s->out_height, .width = s->out_width,
		.depth = s->out, .target = dx, .target_height = s->height, .target_width = s->width, .channels = s->c,
		.add = add, .apart = s->stride, .step = 1, .run = s->out, .run_stride = s->kh * s->kw * s->c,
		.channel_stride = 1, .weights = weight };

	if (!taps) {
		tape->failed = true;
		return;
	}
	for (g.first_row = 0; g.first_row < s->stride && g.first_row < s->height; g.first_row++)
		for (g.first_column = 0; g.first_column < s->stride && g.first_column < s->width; g.first_column++)
			backward_places(tape, &g, s, taps);
}
