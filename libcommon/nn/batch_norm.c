/* Batch norm (Ioffe and Szegedy 2015), with an optional residual connection and relu:
 *     y = relu((x - mean) * rstd * gain + bias + skip)     x, skip, y [rows,c]   gain, bias, mean, rstd [c]
 * mean and (biased) variance are those of the batch, or the running ones if the tape is not training.
 * Backward, with g = dy where y > 0 (else 0) and n = (x - mean) rstd:
 *     dbias = sum g   dgain = sum g n   dx = gain rstd (g - mean of g - n * mean of g n)    dskip = g
 * With running statistics, which are constants: dx = gain rstd g.
 * All passes are bound by memory. */
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct batch_norm_channels {      /* each [c] */
	const float *mean, *factor, *bias; /* factor = rstd * gain */
	const float *average, *slope;      /* for batch_norm_dx */
};

enum { BLOCK_ROWS = 64, BLOCK_COLUMNS = 64 }; /* summed in float, in L1, before it is added to a double */

INLINE void block_moments(
	size_t rows, size_t width, size_t c, const float *restrict x, const float *restrict shift, double *sum, double *square)
{
	float s[BLOCK_COLUMNS] = { 0 }, q[BLOCK_COLUMNS] = { 0 };

	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < width; j++) {
			float d = x[i * c + j] - shift[j];
			s[j] += d;
			q[j] += d * d;
		}
	for (size_t j = 0; j < width; j++) {
		sum[j] += (double)s[j];
		square[j] += (double)q[j];
	}
}

/* sum[j] += x - shift, square[j] += (x - shift)^2.  shift [c]: any values near the means. */
SIMD static void batch_norm_moments(size_t rows, size_t c, const float *x, const float *shift, double *sum, double *square)
{
	for (size_t i = 0; i < rows; i += BLOCK_ROWS)
		for (size_t j = 0; j < c; j += BLOCK_COLUMNS) {
			size_t block_rows = rows - i < BLOCK_ROWS ? rows - i : BLOCK_ROWS;
			size_t block_columns = c - j < BLOCK_COLUMNS ? c - j : BLOCK_COLUMNS;
			block_moments(block_rows, block_columns, c, x + i * c + j, shift + j, sum + j, square + j);
		}
}

INLINE float normalised(float x, float mean, float factor, float bias)
{
	return (x - mean) * factor + bias;
}

/* Callers pass constant flags, so that each combination compiles to a loop of its own. */
INLINE void batch_norm_apply_loop(size_t rows, size_t c, const float *restrict x, const struct batch_norm_channels *n,
	const float *restrict skip, bool relu, float *restrict y)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float value = normalised(x[i + j], mean[j], factor[j], bias[j]);
			if (skip)
				value += skip[i + j];
			y[i + j] = relu && value < 0 ? 0 : value;
		}
}

/* y = (x - mean) * factor + bias, then + skip (may be NULL), then max(., 0) if relu. */
SIMD static void batch_norm_apply(
	size_t rows, size_t c, const float *x, const struct batch_norm_channels *n, const float *skip, bool relu, float *y)
{
	if (skip && relu)
		batch_norm_apply_loop(rows, c, x, n, skip, true, y);
	else if (skip)
		batch_norm_apply_loop(rows, c, x, n, skip, false, y);
	else if (relu)
		batch_norm_apply_loop(rows, c, x, n, NULL, true, y);
	else
		batch_norm_apply_loop(rows, c, x, n, NULL, false, y);
}

/* dy = 0 where y is not positive. */
SIMD static void batch_norm_mask(size_t size, const float *y, float *dy)
{
	for (size_t i = 0; i < size; i++)
		dy[i] = y[i] > 0 ? dy[i] : 0;
}

/* g: dy, or 0 where relu gave 0.  The sign is recomputed from x, which gives the same bits as the forward. */
INLINE float relu_gradient(bool relu, float x, float mean, float factor, float bias, float dy)
{
	return !relu || normalised(x, mean, factor, bias) > 0 ? dy : 0;
}

INLINE void batch_norm_sums_loop(size_t rows, size_t c, const float *restrict x, const float *restrict dy,
	const struct batch_norm_channels *n, bool relu, float *restrict sum, float *restrict centred)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = relu_gradient(relu, x[i + j], mean[j], factor[j], bias[j], dy[i + j]);
			sum[j] += g;
			centred[j] += g * (x[i + j] - mean[j]);
		}
}

/* Adds g into sum and g * (x - mean) into centred, both [c].  relu is false if the mask was applied before. */
SIMD static void batch_norm_sums(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, float *sum, float *centred)
{
	if (relu)
		batch_norm_sums_loop(rows, c, x, dy, n, true, sum, centred);
	else
		batch_norm_sums_loop(rows, c, x, dy, n, false, sum, centred);
}

INLINE void batch_norm_dx_loop(size_t rows, size_t c, const float *restrict x, const float *restrict dy,
	const struct batch_norm_channels *n, bool relu, bool add, float *restrict dx)
{
	const float *restrict mean = n->mean, *restrict factor = n->factor, *restrict bias = n->bias;
	const float *restrict average = n->average, *restrict slope = n->slope;

	for (size_t i = 0; i < rows * c; i += c)
		for (size_t j = 0; j < c; j++) {
			float g = relu_gradient(relu, x[i + j], mean[j], factor[j], bias[j], dy[i + j]);
			float d = factor[j] * (g - average[j] - (x[i + j] - mean[j]) * slope[j]);
			dx[i + j] = add ? dx[i + j] + d : d;
		}
}

/* dx (+)= factor * (g - average - (x - mean) * slope) */
SIMD static void batch_norm_dx(
	size_t rows, size_t c, const float *x, const float *dy, const struct batch_norm_channels *n, bool relu, bool add, float *dx)
{
	if (relu && add)
		batch_norm_dx_loop(rows, c, x, dy, n, true, true, dx);
	else if (relu)
		batch_norm_dx_loop(rows, c, x, dy, n, true, false, dx);
	else if (add)
		batch_norm_dx_loop(rows, c, x, dy, n, false, true, dx);
	else
		batch_norm_dx_loop(rows, c, x, dy, n, false, false, dx);
}

static const double EPS = 1e-5, MOMENTUM = .1;

struct batch_norm_op {
	struct tensor *x, *y, *skip;
	struct batch_norm *norm;
	size_t rows, c;
	bool relu, training, recomputing, add;
	float *mean, *rstd, *factor; /* [c] */
	float *average, *slope;      /* [c], backward */
	double *moments;             /* [runs, 2, c], forward */
	float *partials;             /* [runs, 2, c], backward */
};

static struct batch_norm_channels channels_of(const struct batch_norm_op *s)
{
	return (struct batch_norm_channels){ s->mean, s->factor, s->norm->bias.data, s->average, s->slope };
}

static struct range run_of(const struct batch_norm_op *s, size_t run)
{
	return pieces_range(s->rows, partials_rows(s->rows, s->c), run);
}

static void batch_norm_moments_piece(void *context, size_t run, size_t thread)
{
	const struct batch_norm_op *s = context;
	struct range rows = run_of(s, run);
	double *moments = s->moments + run * 2 * s->c;

	(void)thread;
	memset(moments, 0, 2 * s->c * sizeof *moments);
	batch_norm_moments(rows.end - rows.first, s->c, s->x->data + rows.first * s->c, s->x->data, moments, moments + s->c);
}

static void update_running(float *running, double value)
{
	*running = (float)((1 - MOMENTUM) * (double)*running + MOMENTUM * value);
}

/* Moments are taken of x minus the first row, so that sums of large, similar values keep their digits. */
static void batch_norm_statistics(struct batch_norm_op *s, size_t runs)
{
	double rows = (double)s->rows;

	for (size_t j = 0; j < s->c; j++) {
		double sum = 0, square = 0;
		for (size_t run = 0; run < runs; run++) {
			sum += s->moments[run * 2 * s->c + j];
			square += s->moments[(run * 2 + 1) * s->c + j];
		}
		double mean = (double)s->x->data[j] + sum / rows, spread = square - sum * sum / rows;
		spread = spread > 0 ? spread : 0;
		s->mean[j] = (float)mean;
		s->rstd[j] = (float)(1 / sqrt(spread / rows + EPS));
		if (s->recomputing)
			continue;
		update_running(&s->norm->running_mean.data[j], mean);
		update_running(&s->norm->running_var.data[j], spread / (rows > 1 ? rows - 1 : 1));
	}
}

static void running_statistics(struct batch_norm_op *s)
{
	for (size_t j = 0; j < s->c; j++) {
		s->mean[j] = s->norm->running_mean.data[j];
		s->rstd[j] = (float)(1 / sqrt((double)s->norm->running_var.data[j] + EPS));
	}
}

static void batch_norm_apply_piece(void *context, size_t piece, size_t thread)
{
	const struct batch_norm_op *s = context;
	const struct batch_norm_channels channels = channels_of(s);
	struct range rows = pieces_range(s->rows, pieces_rows(s->c), piece);
	size_t at = rows.first * s->c;

	(void)thread;
	batch_norm_apply(
		rows.end - rows.first, s->c, s->x->data + at, &channels, s->skip ? s->skip->data + at : NULL, s->relu, s->y->data + at);
}

/* With a skip, g is needed twice more, so it overwrites dy. */
static void batch_norm_sums_piece(void *context, size_t run, size_t thread)
{
	const struct batch_norm_op *s = context;
	const struct batch_norm_channels channels = channels_of(s);
	struct range rows = run_of(s, run);
	size_t at = rows.first * s->c, count = rows.end - rows.first;
	float *partial = s->partials + run * 2 * s->c;

	(void)thread;
	memset(partial, 0, 2 * s->c * sizeof *partial);
	if (s->skip && s->relu)
		batch_norm_mask(count * s->c, s->y->data + at, s->y->grad + at);
	batch_norm_sums(count, s->c, s->x->data + at, s->y->grad + at, &channels, s->relu && !s->skip, partial, partial + s->c);
}

static void batch_norm_dx_piece(void *context, size_t piece, size_t thread)
{
	const struct batch_norm_op *s = context;
	const struct batch_norm_channels channels = channels_of(s);
	struct range rows = pieces_range(s->rows, pieces_rows(s->c), piece);
	size_t at = rows.first * s->c;

	(void)thread;
	batch_norm_dx(
		rows.end - rows.first, s->c, s->x->data + at, s->y->grad + at, &channels, s->relu && !s->skip, s->add, s->x->grad + at);
}

/* From the sums of g and of g (x - mean): the gradients of gain and bias, and the averages that dx needs. */
static void batch_norm_use_sums(struct tape *tape, struct batch_norm_op *s, size_t runs)
{
	struct tensor *gain = &s->norm->gain, *bias = &s->norm->bias;

	bool dgain = tape_wants_sum(tape, gain), dbias = tape_wants_sum(tape, bias);

	partials_sum(runs, s->c, s->partials, 2 * s->c, false, s->average);
	partials_sum(runs, s->c, s->partials + s->c, 2 * s->c, false, s->slope);
	for (size_t j = 0; j < s->c; j++) {
		if (dbias)
			bias->grad[j] += s->average[j];
		if (dgain)
			gain->grad[j] += s->slope[j] * s->rstd[j];
		s->average[j] = s->training ? s->average[j] / (float)s->rows : 0;
		s->slope[j] = s->training ? s->slope[j] * s->rstd[j] * s->rstd[j] / (float)s->rows : 0;
	}
}

static void batch_norm_backward(struct tape *tape, void *saved)
{
	struct batch_norm_op *s = saved;
	size_t runs = partials_count(s->rows, s->c);

	s->partials = tape_floats(tape, runs * 2 * s->c);
	s->average = tape_floats(tape, s->c);
	s->slope = tape_floats(tape, s->c);
	if (!s->partials || !s->average || !s->slope)
		return;
	pool_run(tape->pool, runs, batch_norm_sums_piece, s);
	batch_norm_use_sums(tape, s, runs);
	if (tape_wants_grad(tape, s->x, &s->add))
		pool_run(tape->pool, pieces_count(s->rows, pieces_rows(s->c)), batch_norm_dx_piece, s);
	if (s->skip)
		tape_pass_grad(tape, s->y, s->skip);
}

static void batch_norm_forward(struct tape *tape, struct batch_norm_op *s)
{
	size_t runs = partials_count(s->rows, s->c);

	if (s->training) {
		pool_run(tape->pool, runs, batch_norm_moments_piece, s);
		batch_norm_statistics(s, runs);
	} else {
		running_statistics(s);
	}
	for (size_t j = 0; j < s->c; j++)
		s->factor[j] = s->rstd[j] * s->norm->gain.data[j];
	pool_run(tape->pool, pieces_count(s->rows, pieces_rows(s->c)), batch_norm_apply_piece, s);
}

struct tensor *op_batch_norm(struct tape *tape, struct tensor *x, struct batch_norm *norm, struct tensor *skip, bool relu)
{
	struct batch_norm_op s = {
		.x = x, .norm = norm, .skip = skip, .relu = relu, .training = tape->training, .recomputing = tape->recomputing
	};
	struct batch_norm_op *saved;

	if (!x)
		return tape_fail(tape);
	s.rows = tensor_rows(x);
	s.c = tensor_columns(x);
	assert(s.rows && tensor_size(&norm->gain) == s.c && (!skip || tensor_size(skip) == tensor_size(x)));
	s.y = tape_result(
		tape, x->rank, x->shape, x->wants_grad || norm->gain.wants_grad || norm->bias.wants_grad || (skip && skip->wants_grad));
	s.mean = tape_floats(tape, s.c);
	s.rstd = tape_floats(tape, s.c);
	s.factor = tape_floats(tape, s.c);
	s.moments = arena_alloc(tape->arena, partials_count(s.rows, s.c) * 2 * s.c * sizeof *s.moments);
	if (!s.y || !s.mean || !s.rstd || !s.factor || !s.moments || !(saved = tape_save(tape, &s, sizeof s)))
		return tape_fail(tape);
	batch_norm_forward(tape, saved);
	tape_record(tape, s.y, batch_norm_backward, saved);
	return s.y;
}
