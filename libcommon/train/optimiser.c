#include "train/optimiser.h"

#include "core/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

double schedule_rate(enum schedule schedule, double lr, uint64_t warmup, uint64_t steps, uint64_t step)
{
	if (step < warmup)
		return lr * (double)(step + 1) / (double)warmup;
	if (step >= steps)
		return 0;
	const double done = (double)(step - warmup), all = (double)(steps - warmup);
	if (schedule == SCHEDULE_COSINE)
		return lr * .5 * (1 + cos(pi * done / all));
	return lr * (2 * done < all ? 1 - 1.8 * done / all : .05 * (1 + cos(pi * (2 * done / all - 1))));
}

int schedule_steps(uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err)
{
	uint64_t each = records / batch;

	if (each == 0)
		return records > 1 ? err_set(err, "%llu records cannot fill one batch of %llu; use --batch %llu or less",
					     (unsigned long long)records, (unsigned long long)batch, (unsigned long long)records)
				   : err_set(err, "%llu record%s cannot fill one batch of %llu", (unsigned long long)records,
					     records ? "" : "s", (unsigned long long)batch);
	if (epochs > INT64_MAX / each)
		return err_set(err, "%llu epochs of %llu records: too many", (unsigned long long)epochs, (unsigned long long)records);
	*steps = epochs * each;
	return 0;
}

int schedule_warmup(const char *text, uint64_t steps, uint64_t *warmup, struct err *err)
{
	char *end;
	double number = strtod(text, &end);
	bool share = strcmp(end, "%") == 0;

	if (end == text || (*end && !share) || !(number >= 0) || (share ? number > 100 : floor(number) != number || number > 1e15))
		return err_set(err, "'%s' is neither a number of steps nor a share like 10%%", text);
	*warmup = share ? (uint64_t)llround(number / 100 * (double)steps) : (uint64_t)number;
	return 0;
}

enum { PIECE = 1 << 14 }; /* floats */

struct adamw_piece {
	const struct parameter *parameter;
	float *value, *grad, *first, *second;
	size_t size;
	double squares;
};

static size_t adamw_pieces_of(const struct tensor *tensor)
{
	return tensor->wants_grad ? (tensor_size(tensor) + PIECE - 1) / PIECE : 0;
}

static void adamw_add_pieces(struct adamw *adamw, const struct parameter *parameter)
{
	const struct tensor *tensor = parameter->tensor;
	size_t size = tensor_size(tensor), offset = (size_t)(tensor->grad - adamw->set->grads);

	for (size_t at = 0; at < size; at += PIECE)
		adamw->pieces[adamw->count++] = (struct adamw_piece){
			.parameter = parameter,
			.value = tensor->data + at,
			.grad = tensor->grad + at,
			.first = adamw->first + offset + at,
			.second = adamw->second + offset + at,
			.size = size - at < PIECE ? size - at : PIECE,
		};
}

int adamw_init(struct adamw *adamw, struct parameters *set, struct err *err)
{
	size_t pieces = 0;

	for (size_t i = 0; i < set->count; i++)
		pieces += adamw_pieces_of(set->items[i].tensor);
	*adamw = (struct adamw){ .set = set };
	adamw->first = calloc(set->grad_floats + 1, sizeof *adamw->first);
	adamw->second = calloc(set->grad_floats + 1, sizeof *adamw->second);
	adamw->pieces = calloc(pieces + 1, sizeof *adamw->pieces);
	if (!adamw->first || !adamw->second || !adamw->pieces)
		return err_set(err, "not enough memory for the optimiser's %zu moments", 2 * set->grad_floats);
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].tensor->wants_grad)
			adamw_add_pieces(adamw, &set->items[i]);
	return 0;
}

void adamw_free(struct adamw *adamw)
{
	free(adamw->first);
	free(adamw->second);
	free(adamw->pieces);
	*adamw = (struct adamw){ 0 };
}

/* Eight independent sums hide the latency of the additions. */
SIMD static double adamw_squares(size_t size, const float *x)
{
	double sums[8] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + 8 <= size; i += 8)
		for (size_t k = 0; k < 8; k++)
			sums[k] += (double)x[i + k] * (double)x[i + k];
	for (; i < size; i++)
		sum += (double)x[i] * (double)x[i];
	for (size_t k = 0; k < 8; k++)
		sum += sums[k];
	return sum;
}

static void adamw_norm_piece(void *context, size_t piece, size_t thread)
{
	struct adamw_piece *p = &((struct adamw *)context)->pieces[piece];

	(void)thread;
	p->squares = adamw_squares(p->size, p->grad);
}

void adamw_clear_stale(struct adamw *adamw)
{
	for (size_t i = 0; i < adamw->set->count; i++)
		if (adamw->set->items[i].tensor->wants_grad)
			tensor_clear_stale(adamw->set->items[i].tensor);
}

int adamw_norm(struct adamw *adamw, struct pool *pool, double *sum, struct err *err)
{
	adamw_clear_stale(adamw);
	pool_run(pool, adamw->count, adamw_norm_piece, adamw);
	*sum = 0;
	for (size_t i = 0; i < adamw->count; i++) {
		if (!isfinite(adamw->pieces[i].squares))
			return err_set(err, "the gradient of %s is not finite", adamw->pieces[i].parameter->name);
		*sum += adamw->pieces[i].squares;
	}
	return 0;
}

struct adamw_update {
	const struct adamw *adamw;
	float rate, decay, beta1, beta2, epsilon;
	float rest1, rest2; /* 1 - beta, computed in double: in float the relative error would be 1e-5 */
	float step_size, second_scale; /* rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t) */
};

/* Bound by memory bandwidth: 28 bytes per parameter. */
SIMD static void adamw_update_floats(const struct adamw_update *u, size_t size, float decay, float *restrict value,
	const float *restrict grad, float *restrict first, float *restrict second)
{
	for (size_t i = 0; i < size; i++) {
		first[i] = u->beta1 * first[i] + u->rest1 * grad[i];
		second[i] = u->beta2 * second[i] + u->rest2 * grad[i] * grad[i];
		float divisor = sqrtf(second[i]) * u->second_scale + u->epsilon;
		value[i] = value[i] * decay - u->step_size * first[i] / divisor;
	}
}

static void adamw_update_piece(void *context, size_t piece, size_t thread)
{
	const struct adamw_update *u = context;
	struct adamw_piece *p = &u->adamw->pieces[piece];
	bool decays = p->parameter->tensor->rank >= 2;

	(void)thread;
	adamw_update_floats(u, p->size, decays ? 1 - u->rate * u->decay : 1, p->value, p->grad, p->first, p->second);
	p->squares = adamw_squares(p->size, p->value); /* still in the cache */
}

int adamw_step(struct adamw *adamw, struct pool *pool, const struct train_options *options, double rate, struct err *err)
{
	double t = (double)++adamw->steps;
	struct adamw_update u = { .adamw = adamw,
		.rate = (float)rate,
		.decay = (float)options->weight_decay,
		.beta1 = (float)options->beta1,
		.beta2 = (float)options->beta2,
		.epsilon = (float)options->epsilon,
		.rest1 = (float)(1 - options->beta1),
		.rest2 = (float)(1 - options->beta2),
		.step_size = (float)(rate / (1 - pow(options->beta1, t))),
		.second_scale = (float)(1 / sqrt(1 - pow(options->beta2, t))) };

	pool_run(pool, adamw->count, adamw_update_piece, &u);
	for (size_t i = 0; i < adamw->count; i++)
		if (!isfinite(adamw->pieces[i].squares))
			return err_set(err, "%s is not finite after the update; a lower --lr may help", adamw->pieces[i].parameter->name);
	return 0;
}
