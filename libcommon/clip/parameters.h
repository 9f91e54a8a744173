/* A model's parameters: one table that says of each tensor what it is called elsewhere, how it lies on disk, how it
 * begins and who may change it.  All gradients lie in one piece of memory, and so do all values. */
#ifndef CLIP_PARAMETERS_H
#define CLIP_PARAMETERS_H

#include "core/arena.h"
#include "core/err.h"
#include "nn/ops.h"

#include <stdint.h>

/* Parts of a model that may be frozen one by one. */
enum parameter_part { PART_IMAGE = 1, PART_TEXT = 2, PART_LOGIT_SCALE = 4, PART_HEAD = 8 };

struct parameter {
	const char *name;      /* open_clip's */
	struct tensor *tensor; /* in the tower */
	enum parameter_part part;
	bool statistic;  /* of batch norm: never has a gradient */
	bool conv;       /* [out, h, w, in] here, [out, in, h, w] on disk */
	float mean, std; /* it begins as N(mean, std); std 0: all the same */
};

struct parameters {
	struct parameter *items;
	size_t count;
	enum parameter_part part; /* of what is declared next */
	struct arena arena;       /* names, and the towers' own structs */
	float *values, *grads;    /* in `memory`; grads: NULL until they are wanted */
	void *memory[2];          /* owned */
	size_t floats, grad_floats;
	bool failed;

	const char **counters; /* batch norms' num_batches_tracked: all of them are `batches` */
	size_t counter_count;
	int64_t batches;
	struct parameter spare; /* what a declaration that failed is given */
};

/* Declares a tensor that begins as zeros.  What is returned may be changed until the next declaration.  Failure (no
 * memory, a size that overflows) is told by parameters_allocate. */
struct parameter *parameters_add(struct parameters *set, struct tensor *tensor, size_t rank, const size_t *shape, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* A convolution without bias, [out, kernel, kernel, in], that begins as torch.nn.Conv2d does. */
void parameters_add_conv(struct parameters *set, struct tensor *weight, size_t out, size_t kernel, size_t in, const char *name);

/* PREFIX.weight = gain, .bias, .running_mean, .running_var, .num_batches_tracked; and of a layer norm the first two. */
void parameters_add_batch_norm(struct parameters *set, struct batch_norm *norm, size_t channels, float gain, const char *prefix);
void parameters_add_layer_norm(struct parameters *set, struct tensor *gain, struct tensor *bias, size_t width, const char *prefix);

/* Memory for all values, not initialised. */
int parameters_allocate(struct parameters *set, struct err *err);

/* An error names the first parameter with a number that is not finite: whatever such a model computes is worthless. */
int parameters_check_finite(const struct parameters *set, struct err *err);

/* They begin anew: a function of the seed and of each one's name. */
void parameters_initialise(struct parameters *set, uint64_t seed);

/* Gradients for the parts in the mask, none for the others. */
int parameters_train(struct parameters *set, unsigned parts, struct err *err);

/* Before a step: all gradients are zero. */
void parameters_zero_grads(struct parameters *set);

const struct parameter *parameters_find(const struct parameters *set, const char *name);
void parameters_free(struct parameters *set);

/* As on disk: the shape, and the values. */
void parameter_shape(const struct parameter *parameter, size_t shape[TENSOR_RANK]);
void parameter_export(const struct parameter *parameter, float *values);
void parameter_import(const struct parameter *parameter, const float *values);

#endif
