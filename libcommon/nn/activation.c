/* Elementwise activations.
 *     relu(x) = max(x, 0)                slope 0 at 0
 *     gelu(x) = x P(x)                   slope P(x) + x p(x), with the normal distribution P and its density p
 *     quick_gelu(x) = x s(1.702 x)       with the logistic function s (CLIP's own) */
#include "nn/softmax.h"
#include "nn/ops.h"
#include "core/parallel.h"

struct activation {
	struct tensor *x, *y;
	void (*forward)(size_t size, const float *x, float *y);
	void (*slope)(size_t size, const float *x, const float *dy, bool add, float *dx);
	bool add;
};

SIMD static void relu_forward(size_t size, const float *restrict x, float *restrict y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = x[i] < 0 ? 0 : x[i];
}

SIMD static void relu_backward(size_t size, const float *restrict x, const float *restrict dy, bool add, float *restrict dx)
{
	if (add)
		for (size_t i = 0; i < size; i++)
			dx[i] += x[i] > 0 ? dy[i] : 0;
	else
		for (size_t i = 0; i < size; i++)
			dx[i] = x[i] > 0 ? dy[i] : 0;
}

/* 1 - P(|x|) of the normal distribution.  density: exp(-x^2 / 2), which gelu's slope needs too.
 * Abramowitz & Stegun 7.1.26; absolute error below 1e-7. */
INLINE float normal_tail(float x, float density)
{
	float size = x < 0 ? -x : x, t = 1 / (1 + .3275911f * .70710678f * size), p = 1.061405429f;

	p = p * t - 1.453152027f;
	p = p * t + 1.421413741f;
	p = p * t - .284496736f;
	p = p * t + .254829592f;
	return .5f * p * t * density;
}

INLINE float normal_below(float x, float density)
{
	float tail = normal_tail(x, density);

	return x < 0 ? tail : 1 - tail;
}

SIMD static void gelu_forward(size_t size, const float *restrict x, float *restrict y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = x[i] * normal_below(x[i], exp_float(-.5f * x[i] * x[i]));
}

INLINE float gelu_slope(float x)
{
	float density = exp_float(-.5f * x * x);

	return normal_below(x, density) + x * density * .39894228f;
}

SIMD static void gelu_backward(size_t size, const float *restrict x, const float *restrict dy, bool add, float *restrict dx)
{
	if (add)
		for (size_t i = 0; i < size; i++)
			dx[i] += dy[i] * gelu_slope(x[i]);
	else
		for (size_t i = 0; i < size; i++)
			dx[i] = dy[i] * gelu_slope(x[i]);
}

SIMD static void quick_gelu_forward(size_t size, const float *restrict x, float *restrict y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = x[i] * logistic(1.702f * x[i]);
}

INLINE float quick_gelu_slope(float x)
{
	float s = logistic(1.702f * x);

	return s + 1.702f * x * s * (1 - s);
}

SIMD static void quick_gelu_backward(size_t size, const float *restrict x, const float *restrict dy, bool add, float *restrict dx)
{
	if (add)
		for (size_t i = 0; i < size; i++)
			dx[i] += dy[i] * quick_gelu_slope(x[i]);
	else
		for (size_t i = 0; i < size; i++)
			dx[i] = dy[i] * quick_gelu_slope(x[i]);
}

static void activation_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct activation *a = context;
	struct range range = pieces_range(tensor_size(a->x), PIECE_FLOATS, piece);

	(void)thread;
	a->forward(range.end - range.first, a->x->data + range.first, a->y->data + range.first);
}

static void activation_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct activation *a = context;
	struct range range = pieces_range(tensor_size(a->x), PIECE_FLOATS, piece);

	(void)thread;
	a->slope(range.end - range.first, a->x->data + range.first, a->y->grad + range.first, a->add, a->x->grad + range.first);
}

static void activation_backward(struct tape *tape, void *saved)
{
	struct activation *a = saved;

	if (tape_wants_grad(tape, a->x, &a->add))
		pool_run(tape->pool, pieces_count(tensor_size(a->x), PIECE_FLOATS), activation_backward_piece, a);
}

static struct tensor *activation_apply(struct tape *tape, struct activation a)
{
	struct tensor *y = a.x ? tape_result(tape, a.x->rank, a.x->shape, a.x->wants_grad) : tape_fail(tape);
	struct activation *saved;

	a.y = y;
	if (!y || !(saved = tape_save(tape, &a, sizeof a)))
		return NULL;
	pool_run(tape->pool, pieces_count(tensor_size(y), PIECE_FLOATS), activation_forward_piece, saved);
	tape_record(tape, y, activation_backward, saved);
	return y;
}

struct tensor *op_relu(struct tape *tape, struct tensor *x)
{
	return activation_apply(tape, (struct activation){ .x = x, .forward = relu_forward, .slope = relu_backward });
}

struct tensor *op_gelu(struct tape *tape, struct tensor *x)
{
	return activation_apply(tape, (struct activation){ .x = x, .forward = gelu_forward, .slope = gelu_backward });
}

struct tensor *op_quick_gelu(struct tape *tape, struct tensor *x)
{
	return activation_apply(tape, (struct activation){ .x = x, .forward = quick_gelu_forward, .slope = quick_gelu_backward });
}
