/* Convolution as a matrix product: y [n h' w', out] = patches [n h' w', kh kw c] weight' */
#include "nn/gemm.h"
#include "nn/ops.h"
#include "nn/partials.h"
#include "nn/pieces.h"

#include <assert.h>
#include <string.h>

struct conv {
	struct tensor *x, *weight, *y;
	size_t n, height, width, c;
	size_t out_height, out_width, out;
	size_t kh, kw, stride, pad, patch; /* patch: kh kw c */
	float *scratch;
	size_t scratch_stride;
	float *partials;
};

/* The patches of one line of output: [w', kh kw c]. */
static void im2col_line(const struct conv *s, const float *image, size_t line, float *patches)
{
	for (size_t i = 0; i < s->out_width; i++)
		for (size_t a = 0; a < s->kh; a++)
			for (size_t b = 0; b < s->kw; b++, patches += s->c) {
				size_t y = line * s->stride + a - s->pad, x = i * s->stride + b - s->pad;
				if (y < s->height && x < s->width)
					memcpy(patches, image + (y * s->width + x) * s->c, s->c * sizeof *patches);
				else
					memset(patches, 0, s->c * sizeof *patches);
			}
}

static void col2im_line(const struct conv *s, const float *patches, size_t line, float *image)
{
	for (size_t i = 0; i < s->out_width; i++)
		for (size_t a = 0; a < s->kh; a++)
			for (size_t b = 0; b < s->kw; b++, patches += s->c) {
				size_t y = line * s->stride + a - s->pad, x = i * s->stride + b - s->pad;
				if (y >= s->height || x >= s->width)
					continue;
				for (size_t k = 0; k < s->c; k++)
					image[(y * s->width + x) * s->c + k] += patches[k];
			}
}

static void forward_piece(void *context, size_t image, size_t thread)
{
	const struct conv *s = context;
	float *patches = s->scratch + thread * s->scratch_stride;
	struct matrix a = { patches, s->patch, 1 }, b = { s->weight->data, 1, s->patch };
	size_t pixels = s->out_height * s->out_width;

	for (size_t line = 0; line < s->out_height; line++)
		im2col_line(s, s->x->data + image * s->height * s->width * s->c, line,
			patches + line * s->out_width * s->patch);
	gemm(pixels, s->out, s->patch, a, b, false, s->y->data + image * pixels * s->out, s->out);
}

static void dx_piece(void *context, size_t image, size_t thread)
{
	const struct conv *s = context;
	size_t pixels = s->out_height * s->out_width;
	float *patches = s->scratch + thread * s->scratch_stride;
	struct matrix a = { s->y->grad + image * pixels * s->out, s->out, 1 }, b = { s->weight->data, s->patch, 1 };

	gemm(pixels, s->patch, s->out, a, b, false, patches, s->patch);
	for (size_t line = 0; line < s->out_height; line++)
		col2im_line(s, patches + line * s->out_width * s->patch, line,
			s->x->grad + image * s->height * s->width * s->c);
}

static void dw_piece(void *context, size_t run, size_t thread)
{
	const struct conv *s = context;
	size_t pixels = s->out_height * s->out_width;
	float *patches = s->scratch + thread * s->scratch_stride, *partial = s->partials + run * s->out * s->patch;
	struct range images = pieces_range(s->n, pieces_count(s->n, 16), run);

	for (size_t image = images.first; image < images.end; image++) {
		struct matrix a = { s->y->grad + image * pixels * s->out, 1, s->out }, b = { patches, s->patch, 1 };
		for (size_t line = 0; line < s->out_height; line++)
			im2col_line(s, s->x->data + image * s->height * s->width * s->c, line,
				patches + line * s->out_width * s->patch);
		gemm(s->out, s->patch, pixels, a, b, image != images.first, partial, s->patch);
	}
}

static void backward(struct tape *tape, void *saved)
{
	struct conv *s = saved;
	size_t runs = pieces_count(s->n, pieces_count(s->n, 16));

	s->scratch = tape_scratch(tape, s->out_height * s->out_width * s->patch);
	if (!s->scratch)
		return;
	if (s->x->grad) {
		tensor_zero_unset(s->x);
		pool_run(tape->pool, s->n, dx_piece, s);
	}
	if (!s->weight->grad)
		return;
	s->partials = tape_floats(tape, runs * s->out * s->patch);
	if (!s->partials)
		return;
	pool_run(tape->pool, runs, dw_piece, s);
	partials_sum(runs, s->out * s->patch, s->partials, s->out * s->patch, tensor_begin_grad(s->weight),
		s->weight->grad);
}

struct tensor *op_conv2d(struct tape *tape, struct tensor *x, struct tensor *weight, size_t stride, size_t pad)
{
	struct conv s = { .x = x, .weight = weight, .stride = stride, .pad = pad }, *saved;

	if (!x || !weight)
		return tape_fail(tape);
	s.n = x->shape[0];
	s.height = x->shape[1];
	s.width = x->shape[2];
	s.c = x->shape[3];
	s.out = weight->shape[0];
	s.kh = weight->shape[1];
	s.kw = weight->shape[2];
	assert(x->rank == 4 && weight->rank == 4 && weight->shape[3] == s.c && stride);
	assert(s.height + 2 * pad >= s.kh && s.width + 2 * pad >= s.kw);
	s.patch = s.kh * s.kw * s.c;
	s.out_height = (s.height + 2 * pad - s.kh) / stride + 1;
	s.out_width = (s.width + 2 * pad - s.kw) / stride + 1;
	s.y = tape_result(tape, 4, (size_t[]){ s.n, s.out_height, s.out_width, s.out }, x->grad || weight->grad);
	s.scratch_stride = tape_stride(s.out_height * s.out_width * s.patch);
	s.scratch = tape_scratch(tape, s.out_height * s.out_width * s.patch);
	if (!s.y || !s.scratch || !(saved = tape_save(tape, &s, sizeof s)))
		return NULL;
	gemm_init();
	pool_run(tape->pool, s.n, forward_piece, saved);
	tape_record(tape, s.y, backward, saved);
	return s.y;
}
