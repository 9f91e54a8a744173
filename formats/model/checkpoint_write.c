#include "formats/model/checkpoint.h"

#include "formats/text/json.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* All parameters in the file's layout.  Convolutions are copied as [out,in,h,w]; the others point at the model's data. */
struct exported {
	struct safetensors_item *items;
	size_t count;
	struct arena arena;
};

static int export_one(struct exported *exported, const struct parameter *parameter)
{
	struct safetensors_item *item = &exported->items[exported->count++];
	size_t size = tensor_size(parameter->tensor);

	*item = (struct safetensors_item){ .name = parameter->name, .dtype = "F32", .rank = parameter->tensor->rank };
	parameter_shape(parameter, item->shape);
	item->data = parameter->tensor->data;
	if (!parameter->conv)
		return 0;
	float *values = arena_alloc(&exported->arena, size * sizeof *values);
	if (!values)
		return -1;
	parameter_export(parameter, values);
	item->data = values;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct safetensors_item *)a)->name, ((const struct safetensors_item *)b)->name);
}

static void exported_free(struct exported *exported)
{
	free(exported->items);
	arena_free(&exported->arena);
}

/* The parameters, sorted by name, with capacity for the counters and `more` items after them. */
static int export_parameters(struct exported *exported, const struct parameters *set, size_t more, struct err *err)
{
	*exported = (struct exported){ .items = calloc(set->count + set->counter_count + more + 1, sizeof *exported->items) };
	int status = exported->items ? 0 : -1;

	for (size_t i = 0; status == 0 && i < set->count; i++)
		status = export_one(exported, &set->items[i]);
	if (status) {
		exported_free(exported);
		return err_memory(err);
	}
	qsort(exported->items, exported->count, sizeof *exported->items, by_name);
	return 0;
}

static void hash_span(XXH3_state_t *state, const void *data, size_t size)
{
	const uint64_t length = size;

	XXH3_128bits_update(state, &length, sizeof length);
	if (size)
		XXH3_128bits_update(state, data, size);
}

static void hash_item(XXH3_state_t *state, const struct safetensors_item *item)
{
	size_t bytes = sizeof(float);

	for (size_t i = 0; i < item->rank; i++)
		bytes *= item->shape[i];
	hash_span(state, item->name, strlen(item->name));
	hash_span(state, item->shape, item->rank * sizeof *item->shape);
	hash_span(state, item->data, bytes);
}

static int digest_of(const struct checkpoint *checkpoint, const struct exported *exported, struct digest *digest, struct err *err)
{
	XXH3_state_t *state = XXH3_createState();
	struct buf config = { 0 };
	int status = state ? json_write(&checkpoint->config, &config, err) : err_memory(err);

	if (status == 0) {
		XXH3_128bits_reset(state);
		hash_span(state, config.data, config.size);
		hash_span(state, checkpoint->vocabulary.data, checkpoint->vocabulary.size);
		for (size_t i = 0; i < exported->count; i++)
			hash_item(state, &exported->items[i]);
		XXH128_hash_t hash = XXH3_128bits_digest(state);
		*digest = (struct digest){ hash.high64, hash.low64 };
	}
	buf_free(&config);
	XXH3_freeState(state);
	return status;
}

int checkpoint_digest(const struct checkpoint *checkpoint, struct digest *digest, struct err *err)
{
	struct exported exported;

	if (export_parameters(&exported, &checkpoint->clip->parameters, 0, err))
		return -1;
	int status = digest_of(checkpoint, &exported, digest, err);
	exported_free(&exported);
	return status;
}

static int set_json(
	struct value *metadata, const char *name, const struct value *value, struct buf *text, struct arena *arena, struct err *err)
{
	buf_clear(text);
	if (json_write(value, text, err))
		return -1;
	char *copy = arena_string(arena, text->data, text->size);
	return copy && value_set(metadata, name, value_span(span_of(copy, text->size)), arena) == 0 ? 0 : err_memory(err);
}

/* transformers requires "format". */
static int make_metadata(const struct checkpoint *checkpoint, struct value *metadata, struct arena *arena, struct err *err)
{
	struct buf text = { 0 };
	char *hex = arena_zeroed(arena, 1, 33);
	int status = hex ? 0 : err_memory(err);

	*metadata = value_map();
	if (status == 0) {
		digest_hex(checkpoint->digest, hex);
		status = set_json(metadata, "config", &checkpoint->config, &text, arena, err) ||
			 set_json(metadata, "provenance", &checkpoint->header, &text, arena, err);
	}
	if (status == 0 && (value_set(metadata, "vocabulary", value_span(checkpoint->vocabulary), arena) ||
				   value_set(metadata, "digest", value_string(hex), arena) ||
				   value_set(metadata, "format", value_string("pt"), arena)))
		status = err_memory(err);
	buf_free(&text);
	return status;
}

static void add_counters(struct exported *exported, const struct parameters *set)
{
	for (size_t i = 0; i < set->counter_count; i++)
		exported->items[exported->count++] =
			(struct safetensors_item){ .name = set->counters[i], .dtype = "I64", .data = &set->batches };
}

static int add_more(
	struct exported *exported, struct value *metadata, const struct checkpoint_more *more, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < more->count; i++)
		exported->items[exported->count++] = more->items[i];
	for (size_t i = 0; i < more->metadata.list.count; i++) {
		const struct value *pair = &more->metadata.list.items[2 * i];
		char *name = arena_string(arena, pair[0].string.data, pair[0].string.size);
		if (!name || value_set(metadata, name, pair[1], arena))
			return err_memory(err);
	}
	return 0;
}

int checkpoint_write_with(struct checkpoint *checkpoint, const struct checkpoint_more *more, int fd, struct err *err)
{
	struct arena arena = { 0 };
	struct exported exported;
	struct value metadata;

	if (export_parameters(&exported, &checkpoint->clip->parameters, more->count, err))
		return -1;
	int status = digest_of(checkpoint, &exported, &checkpoint->digest, err) || make_metadata(checkpoint, &metadata, &arena, err);
	if (status == 0) {
		add_counters(&exported, &checkpoint->clip->parameters);
		status = add_more(&exported, &metadata, more, &arena, err) ||
			 safetensors_write(fd, &metadata, exported.items, exported.count, err);
	}
	exported_free(&exported);
	arena_free(&arena);
	return status ? -1 : 0;
}

int checkpoint_write(struct checkpoint *checkpoint, int fd, struct err *err)
{
	const struct checkpoint_more nothing = { .metadata = value_map() };

	return checkpoint_write_with(checkpoint, &nothing, fd, err);
}

size_t checkpoint_size(const struct checkpoint *checkpoint)
{
	const struct parameters *set = &checkpoint->clip->parameters;
	size_t bytes = checkpoint->vocabulary.size + set->counter_count * sizeof set->batches;

	for (size_t i = 0; i < set->count; i++)
		bytes += tensor_size(set->items[i].tensor) * sizeof(float);
	return bytes;
}
