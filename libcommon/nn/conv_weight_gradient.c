/* The gradient of a convolution's weights, by the microkernel (conv_backward_weights) or by BLIS (conv_weight_gemm).
 *
 * conv_backward_weights divides the images into at most RUNS runs, whose sums are added in order.  A piece of work is one run and
 * one panel of output channels.  It processes its images in strips that stay in L1 and L2: for each strip, all taps and channels. */
#include "nn/conv.h"

#include "core/parallel.h"
#include "nn/gemm.h"

#include <string.h>

enum { PIECES = 32, RUNS = 16, STRIP_PIXELS = 128, SUM_ROWS = 16 };

struct weights {
	const struct microkernel *kernels;
	const struct conv_shape *s;
	const float *x, *dy;
	size_t dy_width; /* out, rounded up to whole vectors */
	size_t panels, runs, run_images;
	size_t patch; /* kh kw c */
	float *sums;  /* [runs, patch, dy_width] */
	bool add;
	float *dweight;
};

struct strip {
	size_t image, images, row, rows; /* rows of y, the same in each image */
};

/* The part of first..end where i * stride + shift is in 0..size-1. */
static struct range range_inside(size_t first, size_t end, size_t stride, ptrdiff_t shift, size_t size)
{
	size_t least = shift < 0 ? pieces_count((size_t)-shift, stride) : 0, most = 0;

	if (shift < (ptrdiff_t)size)
		most = pieces_count((size_t)((ptrdiff_t)size - shift), stride);
	first = least > first ? least : first;
	end = most < end ? most : end;
	return (struct range){ first, end > first ? end : first };
}

/* Images of one pixel are treated as one row of pixels, which makes the kernel's innermost loop long. */
static struct microkernel_walk flattened(struct microkernel_walk walk)
{
	if (walk.rows != 1 || walk.columns != 1)
		return walk;
	return (struct microkernel_walk){
		.images = 1, .rows = 1, .columns = walk.images, .x_column = walk.x_image, .y_column = walk.y_image
	};
}

/* One tap: all its channels times the panel. */
static void conv_weight_tap_strip(
	const struct weights *w, const struct strip *strip, size_t i, size_t j, size_t first, size_t vectors, float *sums)
{
	const struct conv_shape *s = w->s;
	ptrdiff_t down = (ptrdiff_t)(i - s->pad), right = (ptrdiff_t)(j - s->pad);
	struct range rows = range_inside(strip->row, strip->row + strip->rows, s->stride, down, s->height);
	struct range columns = range_inside(0, s->out_width, s->stride, right, s->width);
	struct microkernel_walk walk = { .images = strip->images,
		.rows = rows.end - rows.first,
		.columns = columns.end - columns.first,
		.x_image = s->height * s->width * s->c,
		.x_row = s->stride * s->width * s->c,
		.x_column = s->stride * s->c,
		.y_image = s->out_height * s->out_width * w->dy_width,
		.y_row = s->out_width * w->dy_width,
		.y_column = w->dy_width };

	if (!walk.rows || !walk.columns)
		return;
	size_t row = rows.first * s->stride + i - s->pad, column = columns.first * s->stride + j - s->pad;
	const float *x = w->x + strip->image * walk.x_image + (row * s->width + column) * s->c;
	const float *dy = w->dy + strip->image * walk.y_image + rows.first * walk.y_row + columns.first * walk.y_column;
	walk = flattened(walk);
	for (size_t k = 0; k < s->c; k += w->kernels->pixels) {
		size_t left = s->c - k, count = left < w->kernels->pixels ? left : w->kernels->pixels;
		w->kernels->outer(vectors, count, &walk, x + k, dy + first, sums + k * w->dy_width + first, w->dy_width);
	}
}

static void conv_weight_taps_strip(const struct weights *w, const struct strip *strip, size_t first, size_t vectors, float *sums)
{
	for (size_t i = 0; i < w->s->kh; i++)
		for (size_t j = 0; j < w->s->kw; j++)
			conv_weight_tap_strip(w, strip, i, j, first, vectors, sums + (i * w->s->kw + j) * w->s->c * w->dy_width);
}

static void clear_panel(const struct weights *w, size_t first, size_t width, float *sums)
{
	for (size_t r = 0; r < w->patch; r++)
		memset(sums + r * w->dy_width + first, 0, width * sizeof *sums);
}

static void conv_weight_piece(void *context, size_t piece, size_t thread)
{
	const struct weights *w = context;
	size_t panel = piece % w->panels, run = piece / w->panels, vectors = w->dy_width / w->kernels->lanes;
	struct range part = { panel * vectors / w->panels, (panel + 1) * vectors / w->panels };
	struct range images = pieces_range(w->s->n, w->run_images, run);
	size_t first = part.first * w->kernels->lanes, plane = w->s->out_height * w->s->out_width;
	struct strip strip = { .images = plane < STRIP_PIXELS ? STRIP_PIXELS / plane : 1,
		.rows = plane < STRIP_PIXELS ? w->s->out_height : pieces_count(STRIP_PIXELS, w->s->out_width) };
	struct strip most = strip;
	float *sums = w->sums + run * w->patch * w->dy_width;

	(void)thread;
	clear_panel(w, first, (part.end - part.first) * w->kernels->lanes, sums);
	for (strip.image = images.first; strip.image < images.end; strip.image += most.images)
		for (strip.row = 0; strip.row < w->s->out_height; strip.row += most.rows) {
			size_t images_left = images.end - strip.image, rows_left = w->s->out_height - strip.row;
			strip.images = images_left < most.images ? images_left : most.images;
			strip.rows = rows_left < most.rows ? rows_left : most.rows;
			conv_weight_taps_strip(w, &strip, first, part.end - part.first, sums);
		}
}

/* SUM_ROWS rows and columns of the summed [patch, dy_width], transposed into dweight. */
SIMD static void conv_weight_sum_block(const struct weights *w, struct range rows, struct range columns)
{
	float sum[SUM_ROWS][SUM_ROWS] = { { 0 } };
	size_t width = columns.end - columns.first;

	for (size_t run = 0; run < w->runs; run++)
		for (size_t r = rows.first; r < rows.end; r++) {
			const float *from = w->sums + (run * w->patch + r) * w->dy_width + columns.first;
			for (size_t j = 0; j < width; j++)
				sum[r - rows.first][j] += from[j];
		}
	for (size_t j = 0; j < width; j++)
		for (size_t r = rows.first; r < rows.end; r++) {
			float *to = w->dweight + (columns.first + j) * w->patch + r;
			*to = sum[r - rows.first][j] + (w->add ? *to : 0);
		}
}

static void conv_weight_sum_piece(void *context, size_t piece, size_t thread)
{
	const struct weights *w = context;

	(void)thread;
	for (size_t i = 0; i < pieces_count(w->s->out, SUM_ROWS); i++)
		conv_weight_sum_block(w, pieces_range(w->patch, SUM_ROWS, piece), pieces_range(w->s->out, SUM_ROWS, i));
}

/* The last panel's vectors may be wider than dy's rows: then dy is copied to padded rows. */
static const float *padded_rows(const struct conv_shape *s, const float *dy, size_t width, float *copy)
{
	for (size_t i = 0; i < s->n * s->out_height * s->out_width; i++) {
		memcpy(copy + i * width, dy + i * s->out, s->out * sizeof *copy);
		memset(copy + i * width + s->out, 0, (width - s->out) * sizeof *copy);
	}
	return copy;
}

void conv_backward_weights(struct tape *tape, const struct microkernel *kernels, const struct conv_shape *shape, const float *x,
	const float *dy, bool add, float *dweight)
{
	struct weights w = { .kernels = kernels, .s = shape, .x = x, .dy = dy, .add = add, .dweight = dweight };
	size_t pixels = shape->n * shape->out_height * shape->out_width, most_runs;
	size_t vectors = pieces_count(shape->out, kernels->lanes);

	w.dy_width = vectors * kernels->lanes;
	w.panels = pieces_count(vectors, MICROKERNEL_VECTORS);
	w.patch = shape->kh * shape->kw * shape->c;
	most_runs = w.panels < PIECES ? PIECES / w.panels : 1;
	w.run_images = pieces_count(shape->n, most_runs < RUNS ? most_runs : RUNS);
	w.runs = pieces_count(shape->n, w.run_images);
	size_t copied = w.dy_width == shape->out ? 0 : pixels * w.dy_width;
	w.sums = tape_scratch(tape, w.runs * w.patch * w.dy_width + copied);
	if (!w.sums)
		return;
	if (copied)
		w.dy = padded_rows(shape, dy, w.dy_width, w.sums + w.runs * w.patch * w.dy_width);
	pool_run(tape->pool, w.runs * w.panels, conv_weight_piece, &w);
	pool_run(tape->pool, pieces_count(w.patch, SUM_ROWS), conv_weight_sum_piece, &w);
}

/* conv_weight_gemm: dweight of one tap = dy' x, with the rows of x that the tap reads, zeros outside the image.  The x of a 1x1
 * convolution is used in place; otherwise rows are copied in strips that stay in L2.  A piece of work is one tap, a block of its
 * columns and a block of output channels.  If there are few pieces, images are divided into runs, whose sums are added in order.
 *
 * Measured on 14x14 pixels (Zen 3, where sgemm reaches 85 GFLOPS), in GFLOPS:
 *                                this   conv_backward_weights
 *     1x1, 1024 to 256 channels    77                      33
 *     3x3, 256 to 256 channels     79                      58
 *     3x3, 128 to 128 channels     64                      69   (the copies weigh more) */

enum { COLUMNS = 256, CHANNELS = 512, STRIP = 512, GEMM_PIECES = 16 };

struct products {
	const struct conv_shape *s;
	const float *x, *dy;
	bool in_place; /* x is not copied */
	size_t taps, tap_columns, width; /* without padding, a row of the filter is one tap of `width` floats */
	size_t blocks, channel_blocks, runs, run_images;
	float *sums;      /* [runs, out, patch]; dweight itself if there is one run */
	float *strips;    /* [threads, STRIP * COLUMNS] */
	size_t patch;
	bool add;
	float *dweight;
};

bool conv_weight_gemm_pays(const struct conv_shape *s)
{
	if (s->kh * s->kw == 1)
		return s->c >= 64 && s->out >= 64;
	return s->out >= 128 && (s->pad ? s->c >= 256 : s->kw * s->c >= 64);
}

/* The pixel of x that a tap reads for an output pixel; NULL: outside the image. */
INLINE const float *pixel_under_tap(const struct products *p, size_t tap, size_t pixel)
{
	const struct conv_shape *s = p->s;
	size_t place = pixel % (s->out_height * s->out_width), image = pixel / (s->out_height * s->out_width);
	size_t row = place / s->out_width * s->stride + tap / p->tap_columns - s->pad; /* wraps around if negative, and is then too large */
	size_t column = place % s->out_width * s->stride + tap % p->tap_columns - s->pad;

	return row < s->height && column < s->width ? p->x + ((image * s->height + row) * s->width + column) * s->c : NULL;
}

static void conv_weight_gemm_copy_strip(const struct products *p, size_t tap, struct range columns, size_t first, size_t count, float *to)
{
	size_t width = columns.end - columns.first;

	for (size_t i = 0; i < count; i++, to += width) {
		const float *from = pixel_under_tap(p, tap, first + i);
		if (from)
			memcpy(to, from + columns.first, width * sizeof *to);
		else
			memset(to, 0, width * sizeof *to);
	}
}

static void conv_weight_gemm_piece(void *context, size_t piece, size_t thread)
{
	const struct products *p = context;
	const struct conv_shape *s = p->s;
	size_t block = piece % p->blocks, tap = piece / p->blocks % p->taps, rest = piece / p->blocks / p->taps;
	struct range columns = pieces_range(p->width, COLUMNS, block), images = pieces_range(s->n, p->run_images, rest / p->channel_blocks);
	struct range channels = pieces_range(s->out, CHANNELS, rest % p->channel_blocks);
	size_t plane = s->out_height * s->out_width, end = images.end * plane, width = columns.end - columns.first;
	size_t strip = p->in_place ? end : STRIP;
	float *copy = p->strips + thread * STRIP * COLUMNS;
	float *sum = p->sums + (rest / p->channel_blocks * s->out + channels.first) * p->patch + tap * p->width + columns.first;
	bool add = p->add && p->runs == 1;

	for (size_t at = images.first * plane; at < end; at += strip) {
		size_t count = end - at < strip ? end - at : strip;
		struct matrix dy = { p->dy + at * s->out + channels.first, 1, s->out };
		struct matrix x = { p->x + at * s->c + columns.first, s->c, 1 };
		if (!p->in_place) {
			conv_weight_gemm_copy_strip(p, tap, columns, at, count, copy);
			x = (struct matrix){ copy, width, 1 };
		}
		gemm(channels.end - channels.first, width, count, dy, x, add, sum, p->patch);
		add = true;
	}
}

SIMD static void conv_weight_gemm_sum_runs(size_t size, size_t runs, const float *sums, size_t run, bool add, float *restrict to)
{
	if (!add)
		memcpy(to, sums, size * sizeof *to);
	for (size_t r = add ? 0 : 1; r < runs; r++)
		for (size_t i = 0; i < size; i++)
			to[i] += sums[r * run + i];
}

static void conv_weight_gemm_sum_piece(void *context, size_t piece, size_t thread)
{
	const struct products *p = context;
	size_t size = p->s->out * p->patch;
	struct range range = pieces_range(size, PIECE_FLOATS, piece);

	(void)thread;
	conv_weight_gemm_sum_runs(range.end - range.first, p->runs, p->sums + range.first, size, p->add, p->dweight + range.first);
}

void conv_weight_gemm(struct tape *tape, const struct conv_shape *s, const float *x, const float *dy, bool add, float *dweight)
{
	struct products p = { .s = s, .x = x, .dy = dy, .add = add, .dweight = dweight };
	size_t merged = s->pad ? 1 : s->kw, size, pieces;

	p.in_place = s->kh * s->kw == 1 && s->stride == 1 && !s->pad;
	p.tap_columns = s->kw / merged;
	p.taps = s->kh * p.tap_columns;
	p.width = merged * s->c;
	p.patch = s->kh * s->kw * s->c;
	p.blocks = pieces_count(p.width, COLUMNS);
	p.channel_blocks = pieces_count(s->out, CHANNELS);
	pieces = p.taps * p.blocks * p.channel_blocks;
	p.run_images = pieces_count(s->n, pieces < GEMM_PIECES ? pieces_count(GEMM_PIECES, pieces) : 1);
	p.runs = pieces_count(s->n, p.run_images);
	size = p.runs > 1 ? tape_stride(p.runs * s->out * p.patch) : 0;
	p.strips = tape_scratch(tape, size + (p.in_place ? 0 : pool_threads(tape->pool) * STRIP * COLUMNS));
	if (!p.strips)
		return;
	p.sums = p.runs > 1 ? p.strips : dweight;
	p.strips += size;
	gemm_init();
	pool_run(tape->pool, pieces * p.runs, conv_weight_gemm_piece, &p);
	if (p.runs > 1)
		pool_run(tape->pool, pieces_count(s->out * p.patch, PIECE_FLOATS), conv_weight_gemm_sum_piece, &p);
}
