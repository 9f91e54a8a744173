#include "clip/parameters.h"
#include "core/float_types.h"
#include "core/rng.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 256, LINE = 16 /* floats in a cache line, to which tensors are aligned */ };

/* A list of `count` items with space for one more; its capacity doubles when it is full. */
static void *grown(struct arena *arena, void *items, size_t count, size_t size)
{
	bool full = count == 0 || (count >= 16 && (count & (count - 1)) == 0);

	if (!full)
		return items;
	void *more = arena_zeroed(arena, count ? 2 * count : 16, size);
	if (more && count)
		memcpy(more, items, count * size);
	return more;
}

static char *name_print(struct parameters *set, const char *format, va_list args)
{
	char name[NAME_SIZE];
	int size = vsnprintf(name, sizeof name, format, args);

	return size < 0 || size >= NAME_SIZE ? NULL : arena_string(&set->arena, name, (size_t)size);
}

/* A tensor's size, including padding; 0: overflow. */
static size_t padded_size(size_t rank, const size_t *shape)
{
	size_t size = 1;

	for (size_t i = 0; i < rank; i++) {
		if (shape[i] == 0 || size > SIZE_MAX / 64 / shape[i])
			return 0;
		size *= shape[i];
	}
	return (size + LINE - 1) / LINE * LINE;
}

struct parameter *parameters_add(struct parameters *set, struct tensor *tensor, size_t rank, const size_t *shape, const char *format, ...)
{
	size_t size = padded_size(rank, shape);
	struct parameter *items = grown(&set->arena, set->items, set->count, sizeof *items);
	va_list args;

	va_start(args, format);
	const char *name = name_print(set, format, args);
	va_end(args);
	if (!items || !name || !size || size > SIZE_MAX / 64 - set->floats) {
		set->failed = true;
		return &set->spare;
	}
	*tensor = (struct tensor){ .rank = rank, .shape = { 1, 1, 1, 1 } };
	for (size_t i = 0; i < rank; i++)
		tensor->shape[i] = shape[i];
	set->items = items;
	set->floats += size;
	items[set->count] = (struct parameter){ .name = name, .tensor = tensor, .part = set->part };
	return &items[set->count++];
}

static void add_counter(struct parameters *set, const char *prefix)
{
	const char **counters = grown(&set->arena, set->counters, set->counter_count, sizeof *counters);
	char name[NAME_SIZE];
	int size = snprintf(name, sizeof name, "%s.num_batches_tracked", prefix);
	const char *copy = size < 0 || size >= NAME_SIZE ? NULL : arena_string(&set->arena, name, (size_t)size);

	if (!counters || !copy) {
		set->failed = true;
		return;
	}
	set->counters = counters;
	set->counters[set->counter_count++] = copy;
}

void parameters_add_conv(struct parameters *set, struct tensor *weight, size_t out, size_t kernel, size_t in, const char *name)
{
	struct parameter *parameter = parameters_add(set, weight, 4, (size_t[]){ out, kernel, kernel, in }, "%s", name);

	parameter->conv = true;
	parameter->std = 1 / sqrtf(3 * (float)(in * kernel * kernel));
}

void parameters_add_batch_norm(struct parameters *set, struct batch_norm *norm, size_t channels, float gain, const char *prefix)
{
	parameters_add(set, &norm->gain, 1, &channels, "%s.weight", prefix)->mean = gain;
	parameters_add(set, &norm->bias, 1, &channels, "%s.bias", prefix);
	parameters_add(set, &norm->running_mean, 1, &channels, "%s.running_mean", prefix)->statistic = true;
	struct parameter *variance = parameters_add(set, &norm->running_var, 1, &channels, "%s.running_var", prefix);
	variance->statistic = true;
	variance->mean = 1;
	add_counter(set, prefix);
}

void parameters_add_layer_norm(struct parameters *set, struct tensor *gain, struct tensor *bias, size_t width, const char *prefix)
{
	parameters_add(set, gain, 1, &width, "%s.weight", prefix)->mean = 1;
	parameters_add(set, bias, 1, &width, "%s.bias", prefix);
}

static size_t floats_of(const struct tensor *tensor)
{
	return padded_size(tensor->rank, tensor->shape);
}

/* Zeroed, so that padding is zero.  The system provides large memory only when it is written to. */
static float *allocate_floats(size_t count, void **memory)
{
	const size_t line = LINE * sizeof(float);
	char *bytes = calloc(count + 2 * LINE, sizeof(float));

	free(*memory);
	*memory = bytes;
	return bytes ? (float *)(void *)(bytes + (line - (uintptr_t)bytes % line) % line) : NULL;
}

/* Twice the largest known CLIP.  On systems that overcommit memory only this limit refuses a larger model. */
static const size_t most_floats = (size_t)1 << 35;

int parameters_allocate(struct parameters *set, struct err *err)
{
	size_t used = 0;

	if (set->failed || set->floats > most_floats)
		return err_set(err, "a model of %zu parameters is too large, or out of memory", set->floats);
	set->values = allocate_floats(set->floats, &set->memory[0]);
	if (!set->values)
		return err_set(err, "out of memory for %zu parameters", set->floats);
	for (size_t i = 0; i < set->count; i++) {
		struct tensor *tensor = set->items[i].tensor;
		tensor->data = set->values + used;
		used += floats_of(tensor);
	}
	return 0;
}

void parameters_initialise(struct parameters *set, uint64_t seed)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct parameter *parameter = &set->items[i];
		struct rng rng = rng_for(seed, span_string(parameter->name), 0, "initial parameters");
		size_t size = tensor_size(parameter->tensor);
		float *values = parameter->tensor->data;
		for (size_t k = 0; k < size; k++)
			values[k] = parameter->mean + (parameter->std > 0 ? parameter->std * rng_normal(&rng) : 0);
	}
	set->batches = 0;
}

static bool is_trained(const struct parameter *parameter, unsigned parts)
{
	return !parameter->statistic && (parameter->part & parts);
}

int parameters_train(struct parameters *set, unsigned parts, struct err *err)
{
	free(set->memory[1]);
	set->memory[1] = NULL;
	set->grads = NULL;
	set->grad_floats = 0;
	for (size_t i = 0; i < set->count; i++)
		if (is_trained(&set->items[i], parts))
			set->grad_floats += floats_of(set->items[i].tensor);
	if (set->grad_floats && !(set->grads = allocate_floats(set->grad_floats, &set->memory[1])))
		return err_set(err, "out of memory for %zu gradients", set->grad_floats);
	float *next = set->grads;
	for (size_t i = 0; i < set->count; i++) {
		struct tensor *tensor = set->items[i].tensor;
		bool trained = is_trained(&set->items[i], parts);
		tensor->wants_grad = tensor->stale = trained;
		tensor->grad = trained ? next : NULL;
		next += trained ? floats_of(tensor) : 0;
	}
	return 0;
}

void parameters_zero_grads(struct parameters *set)
{
	for (size_t i = 0; i < set->count; i++)
		set->items[i].tensor->stale = set->items[i].tensor->wants_grad;
}

int parameters_check_finite(const struct parameters *set, struct err *err)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct tensor *tensor = set->items[i].tensor;
		const size_t size = tensor_size(tensor);
		if (floats_not_finite(tensor->data, size) < size)
			return err_set(err, "%s: contains a number that is not finite", set->items[i].name);
	}
	return 0;
}

size_t parameters_statistics(const struct parameters *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += set->items[i].statistic ? tensor_size(set->items[i].tensor) : 0;
	return count;
}

const struct parameter *parameters_find(const struct parameters *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->items[i].name, name) == 0)
			return &set->items[i];
	return NULL;
}

void parameters_free(struct parameters *set)
{
	free(set->memory[0]);
	free(set->memory[1]);
	arena_free(&set->arena);
	memset(set, 0, sizeof *set);
}

void parameter_shape(const struct parameter *parameter, size_t shape[TENSOR_RANK])
{
	const size_t *axes = parameter->tensor->shape;

	memcpy(shape, axes, TENSOR_RANK * sizeof *shape);
	if (parameter->conv) {
		shape[1] = axes[3];
		shape[2] = axes[1];
		shape[3] = axes[2];
	}
}

/* The offset of element [o, h, w, i] on disk, where convolutions have their axes in PyTorch's order. */
static size_t place_on_disk(const size_t axes[4], size_t o, size_t pixel, size_t i)
{
	return (o * axes[3] + i) * axes[1] * axes[2] + pixel;
}

static void convert(const struct parameter *parameter, float *to, const float *from)
{
	const size_t *axes = parameter->tensor->shape;
	float *value = parameter->tensor->data;

	for (size_t o = 0; o < axes[0]; o++)
		for (size_t pixel = 0; pixel < axes[1] * axes[2]; pixel++)
			for (size_t i = 0; i < axes[3]; i++, value++) {
				size_t place = place_on_disk(axes, o, pixel, i);
				if (to)
					to[place] = *value;
				else
					*value = from[place];
			}
}

void parameter_export(const struct parameter *parameter, float *values)
{
	if (parameter->conv)
		convert(parameter, values, NULL);
	else
		memcpy(values, parameter->tensor->data, tensor_size(parameter->tensor) * sizeof *values);
}

void parameter_import(const struct parameter *parameter, const float *values)
{
	if (parameter->conv)
		convert(parameter, NULL, values);
	else
		memcpy(parameter->tensor->data, values, tensor_size(parameter->tensor) * sizeof *values);
}
