/* dweight of one tap = dy' x, with the rows of x that the tap meets, zeros where it lies outside.  A 1x1 convolution's x is
 * taken where it lies; else rows are copied in strips that stay in L2.  A piece of work is one tap, a block of its columns
 * and one of output channels; where these are few, images are cut in runs too, whose sums are added in order.
 *
 * On 14x14 pixels from 1024 to 256 channels this reaches 77 GFLOPS of sgemm's 85 (Zen 3), the kernels of conv_weight_gradient 33;
 * with 3x3 taps from 256 to 256 channels 79 and 58; from 128 to 128, where the copies weigh more, 64 and 69. */
#include "nn/conv_weight_gemm.h"

#include "nn/gemm.h"
#include "nn/pieces.h"
#include "nn/simd.h"

#include <string.h>

enum { COLUMNS = 256, CHANNELS = 512, STRIP = 512, PIECES = 16 };

struct products {
	const struct conv_shape *s;
	const float *x, *dy;
	bool in_place;    /* x needs no copy */
	size_t taps, tap_columns, width; /* taps in a row of the kernel are one where nothing is padded: floats under it */
	size_t blocks, channel_blocks, runs, run_images;
	float *sums;      /* [runs, out, patch]; dweight itself where there is one run */
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

/* Row `pixel` of y's pixels: what its tap meets of x, or NULL outside. */
INLINE const float *met(const struct products *p, size_t tap, size_t pixel)
{
	const struct conv_shape *s = p->s;
	size_t place = pixel % (s->out_height * s->out_width), image = pixel / (s->out_height * s->out_width);
	size_t row = place / s->out_width * s->stride + tap / p->tap_columns - s->pad; /* below 0: huge */
	size_t column = place % s->out_width * s->stride + tap % p->tap_columns - s->pad;

	return row < s->height && column < s->width ? p->x + ((image * s->height + row) * s->width + column) * s->c : NULL;
}

static void conv_weight_gemm_copy_strip(const struct products *p, size_t tap, struct range columns, size_t first, size_t count, float *to)
{
	size_t width = columns.end - columns.first;

	for (size_t i = 0; i < count; i++, to += width) {
		const float *from = met(p, tap, first + i);
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
	size_t plane = s->out_height * s->out_width, end = images.end * plane, wide = columns.end - columns.first;
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
			x = (struct matrix){ copy, wide, 1 };
		}
		gemm(channels.end - channels.first, wide, count, dy, x, add, sum, p->patch);
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
	p.run_images = pieces_count(s->n, pieces < PIECES ? pieces_count(PIECES, pieces) : 1);
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
