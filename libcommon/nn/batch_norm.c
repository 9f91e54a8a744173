/* Batch norm over [rows,c]: each channel gets the mean and the (biased) variance of the batch taken out of it, or,
 * where the tape is not training, the running ones.  backward, with g = dy behind the relu and n = (x - mean) rstd:
 *     dbias = sum g   dgain = sum g n   dx = gain rstd (g - mean of g - n * mean of g n)    dskip = g
 * Running statistics are constants: then dx = gain rstd g. */
#include "nn/batch_norm_rows.h"

#include "nn/ops.h"
#include "nn/pieces.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double EPS = 1e-5, MOMENTUM = .1;

struct saved {
	struct tensor *x, *y, *skip;
	struct batch_norm *norm;
	size_t rows, c;
	bool relu, training, again, add;
	float *mean, *rstd, *factor; /* [c] */
	float *average, *slope;      /* [c], backward */
	double *moments;             /* [runs, 2, c], forward */
	float *partials;             /* [runs, 2, c], backward */
};

static struct batch_norm_channels channels_of(const struct saved *s)
{
	return (struct batch_norm_channels){ s->mean, s->factor, s->norm->bias.data, s->average, s->slope };
}

static struct range run_of(const struct saved *s, size_t run)
{
	return pieces_range(s->rows, partials_rows(s->rows, s->c), run);
}

static void batch_norm_moments_piece(void *context, size_t run, size_t thread)
{
	const struct saved *s = context;
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

/* The first row was the shift of all moments. */
static void batch_norm_statistics(struct saved *s, size_t runs)
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
		if (s->again)
			continue;
		update_running(&s->norm->running_mean.data[j], mean);
		update_running(&s->norm->running_var.data[j], spread / (rows > 1 ? rows - 1 : 1));
	}
}

static void running_statistics(struct saved *s)
{
	for (size_t j = 0; j < s->c; j++) {
		s->mean[j] = s->norm->running_mean.data[j];
		s->rstd[j] = (float)(1 / sqrt((double)s->norm->running_var.data[j] + EPS));
	}
}

static void batch_norm_apply_piece(void *context, size_t piece, size_t thread)
{
	const struct saved *s = context;
	const struct batch_norm_channels channels = channels_of(s);
	struct range rows = pieces_range(s->rows, pieces_rows(s->c), piece);
	size_t at = rows.first * s->c;

	(void)thread;
	batch_norm_apply(
		rows.end - rows.first, s->c, s->x->data + at, &channels, s->skip ? s->skip->data + at : NULL, s->relu, s->y->data + at);
}

/* With a skip, the gradient behind the relu is needed twice more, so it takes dy's place. */
static void batch_norm_sums_piece(void *context, size_t run, size_t thread)
{
	const struct saved *s = context;
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
	const struct saved *s = context;
	const struct batch_norm_channels channels = channels_of(s);
	struct range rows = pieces_range(s->rows, pieces_rows(s->c), piece);
	size_t at = rows.first * s->c;

	(void)thread;
	batch_norm_dx(
		rows.end - rows.first, s->c, s->x->data + at, s->y->grad + at, &channels, s->relu && !s->skip, s->add, s->x->grad + at);
}

/* From the sums of g and of g (x - mean): gradients of gain and bias, and what dx needs. */
static void batch_norm_use_sums(struct tape *tape, struct saved *s, size_t runs)
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
	struct saved *s = saved;
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

static void batch_norm_forward(struct tape *tape, struct saved *s)
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
	struct saved s = { .x = x, .norm = norm, .skip = skip, .relu = relu, .training = tape->training, .again = tape->again };
	struct saved *saved;

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
