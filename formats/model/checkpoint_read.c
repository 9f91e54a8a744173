#include "formats/model/checkpoint.h"

#include "formats/text/json.h"
#include "formats/model/weights.h"

#include <stdlib.h>
#include <string.h>

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
	char there[SHAPE_TEXT], wanted[SHAPE_TEXT];

	if (!tensor)
		return err_set(err, "%s: is not in the file, but its configuration asks for it", parameter->name);
	parameter_shape(parameter, shape);
	if (strcmp(tensor->dtype, "F32") != 0)
		return err_set(err, "%s: is %s; only F32 is read", parameter->name, tensor->dtype);
	if ((tensor->rank != rank || memcmp(tensor->shape, shape, rank * sizeof *shape) != 0) && !is_one_number(parameter, tensor))
		return err_set(err, "%s: is %s in the file, but its configuration asks for %s", parameter->name,
			shape_text(there, tensor->rank, tensor->shape), shape_text(wanted, rank, shape));
	return 0;
}

/* What is no parameter and yet may be there. */
static bool is_other(const struct parameters *set, struct span name)
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

/* Before any memory is taken for values: what the configuration promises is what the file holds, no less and no more. */
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
		const struct parameter **place = bsearch(&name, sorted, set->count, sizeof *sorted, compare_name);
		if (place)
			found[place - sorted] = &file->tensors[i];
		else if (!is_other(set, name))
			status = err_set(
				err, "%.*s: is in the file, but its configuration has no place for it", span_shown(name, 200), name.data);
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
		return err_set(err, "its digest does not fit what it holds: it is damaged, or was edited (then remove `digest` "
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
		return err_set(err, "has no configuration in its metadata: it is no model of ours");
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
