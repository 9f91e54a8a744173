#include "formats/training/state_tensors.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { LONGEST_NAME = 512 };
static const char removal_name[] = CHECKPOINT_MORE "removal";

static void add(struct state_tensors *tensors, const char *kind, const struct parameter *parameter, float *data)
{
	char name[LONGEST_NAME];
	int size = snprintf(name, sizeof name, CHECKPOINT_MORE "%s%s", kind, parameter->name);
	char *copy = size > 0 && size < LONGEST_NAME ? arena_string(&tensors->arena, name, (size_t)size) : NULL;

	tensors->items[tensors->count++] = (struct state_tensor){ .name = copy, .shape = parameter->tensor, .data = data };
	tensors->arena.failed |= !copy;
}

static void add_moments(struct state_tensors *tensors, const struct adamw *adamw)
{
	const struct parameters *set = adamw->set;

	for (size_t i = 0; i < set->count; i++) {
		const struct tensor *tensor = set->items[i].tensor;
		if (!tensor->wants_grad)
			continue;
		add(tensors, "first.", &set->items[i], adamw->first + (tensor->grad - set->grads));
		add(tensors, "second.", &set->items[i], adamw->second + (tensor->grad - set->grads));
	}
}

int state_tensors_init(struct state_tensors *tensors, const struct trainer *trainer, struct err *err)
{
	const struct parameters *head = trainer->head ? &trainer->head->parameters : NULL;
	size_t most = 2 * trainer->clip->parameters.count + (head ? 3 * head->count : 0);

	*tensors = (struct state_tensors){ 0 };
	tensors->items = arena_zeroed(&tensors->arena, most + 1, sizeof *tensors->items);
	if (!tensors->items)
		return err_memory(err);
	add_moments(tensors, &trainer->model_adamw);
	for (size_t i = 0; head && i < head->count; i++)
		add(tensors, "", &head->items[i], head->items[i].tensor->data);
	if (head)
		add_moments(tensors, &trainer->head_adamw);
	return tensors->arena.failed ? err_memory(err) : 0;
}

void state_tensors_free(struct state_tensors *tensors)
{
	buf_free(&tensors->removal);
	arena_free(&tensors->arena);
}

int state_tensors_digest(const struct state_tensors *tensors, struct span text, struct digest *digest, struct err *err)
{
	XXH3_state_t *hash = XXH3_createState();

	if (!hash)
		return err_memory(err);
	XXH3_128bits_reset(hash);
	XXH3_128bits_update(hash, text.data, text.size);
	for (size_t i = 0; i < tensors->count; i++) {
		const struct state_tensor *item = &tensors->items[i];
		XXH3_128bits_update(hash, item->name, strlen(item->name) + 1);
		XXH3_128bits_update(hash, item->data, tensor_size(item->shape) * sizeof *item->data);
	}
	XXH3_128bits_update(hash, tensors->removal.data, tensors->removal.size);
	XXH128_hash_t sum = XXH3_128bits_digest(hash);
	*digest = (struct digest){ sum.high64, sum.low64 };
	XXH3_freeState(hash);
	return 0;
}

const struct safetensors_item *state_tensors_items(struct state_tensors *tensors, size_t *count)
{
	struct safetensors_item *items = arena_zeroed(&tensors->arena, tensors->count + 1, sizeof *items);

	for (size_t i = 0; items && i < tensors->count; i++) {
		const struct state_tensor *from = &tensors->items[i];
		items[i] = (struct safetensors_item){ .name = from->name, .dtype = "F32", .rank = from->shape->rank,
			.data = from->data };
		memcpy(items[i].shape, from->shape->shape, from->shape->rank * sizeof *items[i].shape);
	}
	*count = tensors->count;
	if (items && tensors->removal.size)
		items[(*count)++] = (struct safetensors_item){ .name = removal_name, .dtype = "U8", .rank = 1,
			.shape = { tensors->removal.size }, .data = tensors->removal.data };
	return items;
}

static int read_one(const struct state_tensor *item, const struct safetensors *file, struct err *err)
{
	const struct safetensor *tensor = safetensors_find(file, item->name);
	size_t rank = item->shape->rank;

	if (!tensor)
		return err_set(err, "%s: is not in the file", item->name);
	if (strcmp(tensor->dtype, "F32") != 0 || tensor->rank != rank ||
		memcmp(tensor->shape, item->shape->shape, rank * sizeof *tensor->shape) != 0)
		return err_set(err, "%s: is not of the parameter's shape", item->name);
	return safetensors_read(file, tensor, item->data, err);
}

static int read_removal(struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	const struct safetensor *tensor = safetensors_find(file, removal_name);
	unsigned char *bytes;

	buf_clear(&tensors->removal);
	if (!tensor || tensor->end == tensor->begin)
		return 0;
	bytes = buf_reserve(&tensors->removal, (size_t)(tensor->end - tensor->begin));
	if (!bytes)
		return err_memory(err);
	tensors->removal.size = (size_t)(tensor->end - tensor->begin);
	return safetensors_read(file, tensor, bytes, err);
}

int state_tensors_read(struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	for (size_t i = 0; i < tensors->count; i++)
		if (read_one(&tensors->items[i], file, err))
			return -1;
	return read_removal(tensors, file, err);
}
