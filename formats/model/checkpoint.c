#include "formats/model/checkpoint.h"
#include "formats/text/json.h"
#include "formats/model/model_pixels.h"
#include "formats/model/weights.h"

#include <stdlib.h>
#include <string.h>

/* text_cfg.vocab_size; 0: not stated. */
static size_t stated_vocab_size(const struct value *config)
{
	const struct value *model = value_get(config, "model_cfg");
	const struct value *text = value_get(model ? model : config, "text_cfg");
	int64_t size = value_integer_or(value_get(text, "vocab_size"), 0);

	return size > 0 ? (size_t)size : 0;
}

/* CLIP's own merges file lists more merges than its models use: only the first ones that fit vocab_size are kept. */
static int load_vocabulary(struct checkpoint *checkpoint, struct span merges, struct err *err)
{
	size_t stated = stated_vocab_size(&checkpoint->config);

	if (merges.size == 0)
		return 0;
	if (stated > BPE_BYTE_TOKENS + 2)
		merges = bpe_first_merges(merges, stated - BPE_BYTE_TOKENS - 2);
	checkpoint->vocabulary = span_of(arena_string(&checkpoint->arena, merges.data, merges.size), merges.size);
	if (!checkpoint->vocabulary.data)
		return err_memory(err);
	checkpoint->vocabulary_failed = true;
	if (bpe_load(&checkpoint->bpe, checkpoint->vocabulary, err))
		return err_add(err, "vocabulary");
	checkpoint->vocabulary_failed = false;
	size_t tokens = bpe_vocab_size(&checkpoint->bpe);
	if (stated && tokens > stated)
		return err_set(err, "text_cfg: vocab_size is %zu, but the vocabulary has %zu tokens", stated, tokens);
	return 0;
}

/* A shallow copy.  Values cannot be added to a map that the JSON reader made, only to one from value_map. */
static struct value copy_of_map(const struct value *map, struct arena *arena)
{
	struct value copy = value_map();

	for (size_t i = 0; i < map->list.count; i++) {
		struct span name = map->list.items[2 * i].string;
		char *key = arena_string(arena, name.data, name.size);
		if (key)
			value_add(&copy, span_of(key, name.size), map->list.items[2 * i + 1], arena);
	}
	return copy;
}

static int set_vocab_size(struct checkpoint *checkpoint, struct err *err)
{
	struct arena *arena = &checkpoint->arena;
	const struct value *model = value_get(&checkpoint->config, "model_cfg");
	const struct value *text = value_get(model ? model : &checkpoint->config, "text_cfg");

	if (stated_vocab_size(&checkpoint->config) || !text || text->kind != VALUE_MAP || value_get(text, "vocab_size") ||
		value_string_or(value_get(text, "hf_model_name"), "").size)
		return 0; /* stated, or invalid in a way that clip_config_read reports */
	if (checkpoint->vocabulary.size == 0)
		return err_set(err, "text_cfg: vocab_size: missing; add it, or give the vocabulary with --vocab FILE");
	struct value config = copy_of_map(&checkpoint->config, arena), new_text = copy_of_map(text, arena);
	value_set(&new_text, "vocab_size", value_integer((int64_t)bpe_vocab_size(&checkpoint->bpe)), arena);
	if (model) {
		struct value new_model = copy_of_map(model, arena);
		value_set(&new_model, "text_cfg", new_text, arena);
		value_set(&config, "model_cfg", new_model, arena);
	} else {
		value_set(&config, "text_cfg", new_text, arena);
	}
	checkpoint->config = config;
	return arena->failed ? err_memory(err) : 0;
}

int checkpoint_new(struct checkpoint *checkpoint, struct span config, struct span vocabulary, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct clip_config parsed;

	*checkpoint = (struct checkpoint){ .header = value_map() };
	if (json_read(config, &limits, &checkpoint->arena, &checkpoint->config, err) || load_vocabulary(checkpoint, vocabulary, err) ||
		set_vocab_size(checkpoint, err) || clip_config_read(&parsed, &checkpoint->config, err) ||
		model_pixels(&checkpoint->pixels, &checkpoint->config, err))
		return -1;
	checkpoint->clip = clip_new(&parsed, err);
	return checkpoint->clip ? 0 : -1;
}

struct value checkpoint_origin(const struct checkpoint *checkpoint, struct arena *arena)
{
	const struct value *header = &checkpoint->header;
	struct value map = value_map();
	char *hex = arena_zeroed(arena, 1, 33);

	if (!hex)
		return map;
	digest_hex(checkpoint->digest, hex);
	value_set(&map, "digest", value_string(hex), arena);
	for (size_t i = 0; i < header->list.count; i++) {
		const struct span name = header->list.items[2 * i].string;
		char *copy = arena_string(arena, name.data, name.size);
		if (copy && !span_is(name, "digest"))
			value_add(&map, span_of(copy, name.size), header->list.items[2 * i + 1], arena);
	}
	return map;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
	clip_free(checkpoint->clip);
	bpe_free(&checkpoint->bpe);
	arena_free(&checkpoint->arena);
	*checkpoint = (struct checkpoint){ 0 };
}

/* [], [1] and [1, 1] are the same number. */
static bool is_one_number(const struct parameter *parameter, const struct safetensor *tensor)
{
	size_t numbers = tensor_size(parameter->tensor);

	for (size_t i = 0; i < tensor->rank; i++)
		numbers *= tensor->shape[i];
	return numbers == 1;
}

static int check_tensor(const struct parameter *parameter, const struct safetensor *tensor, struct err *err)
{
	size_t shape[TENSOR_RANK], rank = parameter->tensor->rank;
	char found[SHAPE_TEXT], required[SHAPE_TEXT];

	if (!tensor)
		return err_set(err, "%s: missing from the file, but required by its configuration", parameter->name);
	parameter_shape(parameter, shape);
	if (strcmp(tensor->dtype, "F32") != 0)
		return err_set(err, "%s: has type %s; a model file holds F32 only", parameter->name, tensor->dtype);
	if ((tensor->rank != rank || memcmp(tensor->shape, shape, rank * sizeof *shape) != 0) && !is_one_number(parameter, tensor))
		return err_set(err, "%s: has shape %s in the file, but its configuration requires %s", parameter->name,
			shape_text(found, tensor->rank, tensor->shape), shape_text(required, rank, shape));
	return 0;
}

/* Tensors that are allowed although they are not parameters: batch norm's counters, and those of CHECKPOINT_MORE. */
static bool is_allowed(const struct parameters *set, struct span name)
{
	static const char prefix[] = CHECKPOINT_MORE;

	if (name.size >= sizeof prefix && memcmp(name.data, prefix, sizeof prefix - 1) == 0)
		return true;
	for (size_t i = 0; i < set->counter_count; i++)
		if (span_is(name, set->counters[i]))
			return true;
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(const struct parameter *const *)a)->name, (*(const struct parameter *const *)b)->name);
}

static int compare_name(const void *name, const void *parameter)
{
	return span_compare(*(const struct span *)name, span_string((*(const struct parameter *const *)parameter)->name));
}

/* Compares the file's tensors with the configuration's before any memory is allocated for values. */
static int check_tensors(const struct parameters *set, const struct safetensors *file, struct err *err)
{
	const struct parameter **sorted = malloc((set->count + 1) * sizeof *sorted);
	const struct safetensor **found = calloc(set->count + 1, sizeof *found);
	int status = sorted && found ? 0 : err_memory(err);

	for (size_t i = 0; status == 0 && i < set->count; i++)
		sorted[i] = &set->items[i];
	if (status == 0)
		qsort(sorted, set->count, sizeof *sorted, compare_names);
	for (size_t i = 0; status == 0 && i < file->count; i++) {
		struct span name = file->tensors[i].name;
		const struct parameter **match = bsearch(&name, sorted, set->count, sizeof *sorted, compare_name);
		if (match)
			found[match - sorted] = &file->tensors[i];
		else if (!is_allowed(set, name))
			status =
				err_set(err, "%.*s: unexpected; its configuration has no such parameter", span_shown(name, 200), name.data);
	}
	for (size_t i = 0; status == 0 && i < set->count; i++)
		status = check_tensor(sorted[i], found[i], err);
	free(sorted);
	free(found);
	return status;
}

static int read_tensor(const struct parameter *parameter, const struct safetensors *file, struct err *err)
{
	const struct safetensor *tensor = safetensors_find(file, parameter->name);

	if (!parameter->conv)
		return safetensors_read(file, tensor, parameter->tensor->data, err);
	float *values = malloc((size_t)(tensor->end - tensor->begin));
	int status = values ? safetensors_read(file, tensor, values, err) : err_memory(err);
	if (status == 0)
		parameter_import(parameter, values);
	free(values);
	return status;
}

static int read_tensors(struct parameters *set, const struct safetensors *file, struct err *err)
{
	const struct safetensor *counter = set->counter_count ? safetensors_find(file, set->counters[0]) : NULL;

	for (size_t i = 0; i < set->count; i++)
		if (read_tensor(&set->items[i], file, err))
			return -1;
	if (counter && strcmp(counter->dtype, "I64") == 0 && counter->rank == 0)
		return safetensors_read(file, counter, &set->batches, err);
	return 0;
}

static int check_digest(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err)
{
	struct span claimed = safetensors_metadata(file, "digest");
	char hex[33];

	if (checkpoint_digest(checkpoint, &checkpoint->digest, err))
		return -1;
	digest_hex(checkpoint->digest, hex);
	if (claimed.size && !span_is(claimed, hex))
		return err_set(err,
			"its digest does not match its contents: it is damaged or was edited (if you edited it, remove `digest` "
			"from its metadata)");
	return 0;
}

static int read_header(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct span text = safetensors_metadata(file, "provenance");

	if (text.size && json_read(text, &limits, &checkpoint->arena, &checkpoint->header, err))
		return err_add(err, "provenance");
	return 0;
}

int checkpoint_read_parameters(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err)
{
	struct parameters *set = &checkpoint->clip->parameters;

	return check_tensors(set, file, err) || read_tensors(set, file, err) || check_digest(checkpoint, file, err) ? -1 : 0;
}

static int read_file(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err)
{
	struct span config = safetensors_metadata(file, "config");

	if (config.size == 0)
		return err_set(err, "no configuration in its metadata, so it is not a CleanCLIP model; convert it with `cc-model import`");
	if (checkpoint_new(checkpoint, config, safetensors_metadata(file, "vocabulary"), err))
		return err_add(err, "configuration");
	if (check_tensors(&checkpoint->clip->parameters, file, err) || clip_allocate(checkpoint->clip, err) ||
		read_tensors(&checkpoint->clip->parameters, file, err) || read_header(checkpoint, file, err))
		return -1;
	return check_digest(checkpoint, file, err);
}

int checkpoint_read(struct checkpoint *checkpoint, const char *path, struct err *err)
{
	struct safetensors file;

	*checkpoint = (struct checkpoint){ 0 };
	if (safetensors_open(&file, path, err))
		return -1;
	int status = read_file(checkpoint, &file, err);
	safetensors_close(&file);
	return status ? err_add(err, "%s", path) : 0;
}
