/* A model's parameters: a table with each tensor's name in open_clip, its layout on disk, its initial values and the part of the
 * model that it belongs to.  All values are in one block of memory, and all gradients in another. */
#ifndef CLIP_PARAMETERS_H
#define CLIP_PARAMETERS_H

#include "core/arena.h"
#include "core/err.h"
#include "nn/ops.h"

#include <stdint.h>

/* Parts of a model that can be frozen separately. */
enum parameter_part { PART_IMAGE = 1, PART_TEXT = 2, PART_LOGIT_SCALE = 4, PART_HEAD = 8 };

struct parameter {
	const char *name;      /* open_clip's */
	struct tensor *tensor; /* in the tower */
	enum parameter_part part;
	bool statistic;  /* a running statistic of a batch norm: never has a gradient */
	bool conv;       /* [out, h, w, in] here, [out, in, h, w] on disk */
	float mean, std; /* initial values: N(mean, std); std 0: all equal mean */
};

struct parameters {
	struct parameter *items;
	size_t count;
	enum parameter_part part; /* of the tensors declared next */
	struct arena arena;       /* names, and the towers' structs */
	float *values, *grads;    /* in `memory`; grads: NULL until parameters_train */
	void *memory[2];          /* owned */
	size_t floats, grad_floats;
	bool failed;

	const char **counters; /* names of the batch norms' num_batches_tracked; the value of all is `batches` */
	size_t counter_count;
	int64_t batches;
	struct parameter spare; /* returned by a failed declaration */
};

/* Declares a tensor with initial values 0.  The returned entry may be changed until the next declaration.  A failure (out of memory,
 * a size that overflows) is reported by parameters_allocate. */
struct parameter *parameters_add(struct parameters *set, struct tensor *tensor, size_t rank, const size_t *shape, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* A convolution without bias, [out, kernel, kernel, in], initialised like torch.nn.Conv2d. */
void parameters_add_conv(struct parameters *set, struct tensor *weight, size_t out, size_t kernel, size_t in, const char *name);

/* PREFIX.weight = gain, .bias, .running_mean, .running_var, .num_batches_tracked; a layer norm has only the first two. */
void parameters_add_batch_norm(struct parameters *set, struct batch_norm *norm, size_t channels, float gain, const char *prefix);
void parameters_add_layer_norm(struct parameters *set, struct tensor *gain, struct tensor *bias, size_t width, const char *prefix);

/* Allocates all values, not initialised. */
int parameters_allocate(struct parameters *set, struct err *err);

/* The error names the first parameter with a number that is not finite. */
int parameters_check_finite(const struct parameters *set, struct err *err);

/* Sets the initial values: a function of the seed and of each parameter's name. */
void parameters_initialise(struct parameters *set, uint64_t seed);

/* Allocates gradients for the parts in the mask; the others get none. */
int parameters_train(struct parameters *set, unsigned parts, struct err *err);

/* Zeroes all gradients, before a step. */
void parameters_zero_grads(struct parameters *set);

/* Number of floats in running statistics; 0: the model has no batch norms. */
size_t parameters_statistics(const struct parameters *set);

const struct parameter *parameters_find(const struct parameters *set, const char *name);
void parameters_free(struct parameters *set);

/* The shape and the values in the layout on disk (PyTorch's). */
void parameter_shape(const struct parameter *parameter, size_t shape[TENSOR_RANK]);
void parameter_export(const struct parameter *parameter, float *values);
void parameter_import(const struct parameter *parameter, const float *values);

#endif
