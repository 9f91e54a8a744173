/* An op under test: inputs of given shapes, and a function that puts the op on a tape. */
#ifndef TESTS_NN_CASE_H
#define TESTS_NN_CASE_H

#include "core/rng.h"
#include "nn/ops.h"

#include <stdlib.h>

enum { INPUTS = 5 };

struct nn_input {
	size_t rank;
	size_t shape[TENSOR_RANK];
	bool constant;   /* wants no gradient */
	float low, high; /* values are uniform in this range; 0, 0: -1 .. 1 */
};

struct nn_case {
	const char *name;
	struct tensor *(*build)(struct tape *tape, struct tensor **inputs, const struct nn_case *self);
	struct nn_input inputs[INPUTS]; /* rank 0 terminates */
	size_t number[4];               /* for the build function: stride, pad, heads, ... */
	bool relu, causal, eval;
};

static inline size_t nn_case_inputs(const struct nn_case *c)
{
	size_t count = 0;

	while (count < INPUTS && c->inputs[count].rank)
		count++;
	return count;
}

static inline void nn_fill(size_t size, float *data, struct rng *rng, float low, float high)
{
	for (size_t i = 0; i < size; i++)
		data[i] = low + (high - low) * rng_uniform(rng);
}

/* A parameter in memory of its own, with a gradient that is filled with values.  The caller frees with nn_input_free. */
static inline struct tensor nn_input_new(const struct nn_input *input, struct rng *rng)
{
	struct tensor tensor = { .rank = input->rank, .shape = { 1, 1, 1, 1 } };
	bool given = input->low < 0 || input->high > 0;

	for (size_t i = 0; i < input->rank; i++)
		tensor.shape[i] = input->shape[i];
	size_t size = tensor_size(&tensor);
	tensor.data = malloc(size * sizeof(float));
	nn_fill(size, tensor.data, rng, given ? input->low : -1, given ? input->high : 1);
	tensor.wants_grad = !input->constant;
	if (tensor.wants_grad) {
		tensor.grad = malloc(size * sizeof(float));
		nn_fill(size, tensor.grad, rng, -1, 1);
	}
	return tensor;
}

static inline void nn_input_free(struct tensor *tensor)
{
	free(tensor->data);
	free(tensor->grad);
}

/* Build functions.  numbers: stride, pad | heads | k | classes seed, ... */
static inline struct tensor *build_conv(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_conv2d(t, in[0], in[1], c->number[0], c->number[1]);
}

/* Inputs x, gain, bias, skip (optional); running statistics are made up, in the arena. */
static inline struct tensor *build_batch_norm(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	size_t channels = tensor_columns(in[0]);
	struct batch_norm *norm = arena_zeroed(t->arena, 1, sizeof *norm);

	t->training = !c->eval;
	for (int i = 1; i < 3; i++) /* the struct takes copies */
		tape_wants_sum(t, in[i]);
	*norm = (struct batch_norm){ *in[1], *in[2], *tape_tensor(t, 1, &channels, false), *tape_tensor(t, 1, &channels, false) };
	for (size_t j = 0; j < channels; j++) {
		norm->running_mean.data[j] = .1f * (float)(j % 5);
		norm->running_var.data[j] = .5f + .1f * (float)(j % 3);
	}
	return op_batch_norm(t, in[0], norm, in[3], c->relu);
}

static inline struct tensor *build_layer_norm(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_layer_norm(t, in[0], in[1], in[2]);
}

static inline struct tensor *build_linear(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_linear(t, in[0], in[1], in[2]);
}

static inline struct tensor *build_project(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_project(t, in[0], in[1]);
}

static inline struct tensor *build_attention(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_attention(t, in[0], c->number[0], c->causal);
}

static inline struct tensor *build_cross_attention(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_cross_attention(t, in[0], in[1], in[2], c->number[0]);
}

/* Inputs x, first, positions. */
static inline struct tensor *build_tokens(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_tokens(t, in[0], in[1], in[2]);
}

/* Inputs x, positions. */
static inline struct tensor *build_mean_token(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_tokens(t, in[0], NULL, in[1]);
}

static inline struct tensor *build_relu(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_relu(t, in[0]);
}

static inline struct tensor *build_gelu(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_gelu(t, in[0]);
}

static inline struct tensor *build_quick_gelu(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_quick_gelu(t, in[0]);
}

static inline struct tensor *build_add(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_add(t, in[0], in[1]);
}

static inline struct tensor *build_add_to_itself(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_add(t, in[0], in[0]);
}

static inline struct tensor *build_avg_pool(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_avg_pool2d(t, in[0], c->number[0]);
}

static inline struct tensor *build_global_pool(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_global_avg_pool(t, in[0]);
}

/* Inputs table, positions; numbers n, t.  Some ids are used often. */
static inline struct tensor *build_embedding(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	size_t count = c->number[0] * c->number[1], words = tensor_rows(in[0]);
	int32_t *ids = arena_alloc(t->arena, count * sizeof *ids);

	for (size_t i = 0; i < count; i++)
		ids[i] = (int32_t)(i * i * 7 % words);
	return op_embedding(t, ids, c->number[0], c->number[1], in[0], in[1]);
}

/* number: of rows; some are used twice, some not at all. */
static inline struct tensor *build_gather(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	size_t *index = arena_alloc(t->arena, c->number[0] * sizeof *index);

	for (size_t i = 0; i < c->number[0]; i++)
		index[i] = i * i % tensor_rows(in[0]);
	return op_gather_rows(t, in[0], index, c->number[0]);
}

static inline struct tensor *build_slice(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_slice(t, in[0], c->number[0], c->number[1]);
}

/* Two overlapping views of one tensor. */
static inline struct tensor *build_slices(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_add(t, op_slice(t, in[0], 0, c->number[0]), op_slice(t, in[0], 1, c->number[0]));
}

static inline struct tensor *build_l2_normalise(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_l2_normalise(t, in[0]);
}

static inline struct tensor *build_cross_entropy(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	size_t rows = tensor_rows(in[0]), columns = tensor_columns(in[0]);
	int32_t *targets = arena_alloc(t->arena, rows * sizeof *targets);

	(void)c;
	for (size_t i = 0; i < rows; i++)
		targets[i] = (int32_t)(i * 5 % columns);
	return op_cross_entropy(t, in[0], targets);
}

/* Inputs rows, columns, logit_scale; number: first. */
/* number: the target, in tenths. */
static inline struct tensor *build_standardise(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_standardise(t, in[0], (const float[]){ .4f, .5f, .6f }, (const float[]){ .25f, .5f, 2 });
}

static inline struct tensor *build_squared_distance(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	(void)c;
	return op_squared_distance(t, in[0], in[1]);
}

static inline struct tensor *build_cosine_target(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_cosine_target(t, in[0], in[1], (float)c->number[0] / 10 - 1);
}

static inline struct tensor *build_info_nce(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	return op_info_nce(t, in[0], in[1], c->number[0], in[2]);
}

static inline struct tensor *build_info_nce_groups(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	static const uint32_t groups[] = { 0, 1, 0, 3, 1, 0, 6, 3, 3 };

	return op_info_nce_groups(t, in[0], in[1], c->number[0], groups, in[2]);
}

static inline struct tensor *build_weighted_sum(struct tape *t, struct tensor **in, const struct nn_case *c)
{
	struct tensor *const losses[] = { in[0], in[1], in[0] };

	(void)c;
	return op_weighted_sum(t, 3, losses, (const float[]){ .5f, -2, .25f });
}

#endif
