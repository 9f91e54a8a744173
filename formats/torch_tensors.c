#include "formats/torch_tensors.h"

#include "formats/safetensors.h"

#include <stdio.h>
#include <string.h>

enum { DEEPEST = 64, LONGEST_NAME = 1024, MOST_TENSORS = 1 << 18, MOST_STEPS = 1 << 21 };

static const struct {
	const char *storage, *dtype;
} storages[] = {
	{ "torch.FloatStorage", "F32" },
	{ "torch.HalfStorage", "F16" },
	{ "torch.BFloat16Storage", "BF16" },
	{ "torch.DoubleStorage", "F64" },
	{ "torch.LongStorage", "I64" },
	{ "torch.IntStorage", "I32" },
	{ "torch.ShortStorage", "I16" },
	{ "torch.CharStorage", "I8" },
	{ "torch.ByteStorage", "U8" },
	{ "torch.BoolStorage", "BOOL" },
};

static const char *const names[] = {
	"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
	"collections.OrderedDict", "collections.defaultdict", "builtins.set", "__builtin__.set", "builtins.dict", "__builtin__.dict",
	"torch.Size", "torch.device", "torch.serialization._get_layout",
	"torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist", "torch.jit._pickle.build_doublelist",
	"torch.jit._pickle.build_boollist", "torch.jit._pickle.restore_type_tag", "torch.jit._pickle.build_tensor_from_id",
};

static const char *dtype_of(struct span storage)
{
	for (size_t i = 0; i < sizeof storages / sizeof *storages; i++)
		if (span_is(storage, storages[i].storage))
			return storages[i].dtype;
	return NULL;
}

/* TorchScript's classes have names of their own; an object of such a class is a bag of attributes, and stays one. */
bool torch_knows(struct span name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(name, names[i]))
			return true;
	return dtype_of(name) || (name.size > 10 && memcmp(name.data, "__torch__.", 10) == 0);
}

struct walk {
	struct torch_pt *file;
	char name[LONGEST_NAME];
	size_t name_size, depth, steps, capacity;
	struct err *err;
};

static const struct pickle *item(const struct pickle *list, size_t i)
{
	return list && list->kind == PICKLE_LIST && i < list->list.count ? list->list.items[i] : NULL;
}

static int count_of(const struct pickle *value, uint64_t *count)
{
	if (!value || value->kind != PICKLE_INTEGER || value->integer < 0)
		return -1;
	*count = (uint64_t)value->integer;
	return 0;
}

/* ("storage", class, key, device, numbers) */
static int read_storage(struct torch_tensor *tensor, const struct pickle *value, uint64_t *numbers, struct err *err)
{
	const struct pickle *id = value && value->kind == PICKLE_PERSISTENT ? value->object.with : NULL;
	const struct pickle *kind = item(id, 0), *class = item(id, 1), *key = item(id, 2);

	if (!kind || kind->kind != PICKLE_STRING || !span_is(kind->text, "storage") || !class || class->kind != PICKLE_GLOBAL ||
		!key || key->kind != PICKLE_STRING || count_of(item(id, 4), numbers))
		return err_set(err, "its storage is not (\"storage\", class, key, device, numbers)");
	tensor->dtype = dtype_of(class->text);
	if (!tensor->dtype)
		return err_set(err, "%.*s: a storage of numbers that are not known", (int)class->text.size, class->text.data);
	tensor->storage = key->text;
	return 0;
}

static int read_axes(struct torch_tensor *tensor, const struct pickle *shape, const struct pickle *stride, struct err *err)
{
	uint64_t size, step;

	if (!shape || shape->kind != PICKLE_LIST || !stride || stride->kind != PICKLE_LIST || shape->list.count != stride->list.count)
		return err_set(err, "shape and strides are not two tuples of one length");
	if (shape->list.count > TORCH_PT_RANK)
		return err_set(err, "%zu axes, more than %d", shape->list.count, TORCH_PT_RANK);
	tensor->rank = shape->list.count;
	for (size_t i = 0; i < tensor->rank; i++) {
		if (count_of(item(shape, i), &size) || count_of(item(stride, i), &step))
			return err_set(err, "axis %zu: its size or stride is no count", i);
		tensor->shape[i] = (size_t)size;
		tensor->stride[i] = (size_t)step;
	}
	return 0;
}

/* Every number lies in the storage, and there are no more numbers than the storage has. */
static int check_extent(struct torch_tensor *tensor, uint64_t numbers, struct err *err)
{
	const size_t width = safetensors_dtype_size(tensor->dtype);
	uint64_t count = 1, last = tensor->offset;
	bool empty = false;

	for (size_t i = 0; i < tensor->rank; i++)
		empty |= tensor->shape[i] == 0;
	for (size_t i = 0; !empty && i < tensor->rank; i++) {
		uint64_t size = tensor->shape[i], steps = size - 1, stride = tensor->stride[i];
		if (size > numbers / count || (steps && stride > numbers / steps) || last > numbers)
			return err_set(err, "it is larger than its storage of %llu numbers", (unsigned long long)numbers);
		count *= size;
		last += steps * stride;
	}
	if (!empty && last >= numbers)
		return err_set(err, "it reaches beyond its storage of %llu numbers", (unsigned long long)numbers);
	if (numbers > (uint64_t)INT64_MAX / width)
		return err_set(err, "a storage of %llu numbers", (unsigned long long)numbers);
	tensor->numbers = numbers;
	tensor->bytes = empty ? 0 : (size_t)count * width;
	return 0;
}

static int add_tensor(struct walk *walk, const struct pickle *args)
{
	struct torch_tensor tensor = { 0 };
	struct torch_pt *file = walk->file;
	uint64_t numbers = 0;
	char *name = arena_string(&file->arena, walk->name, walk->name_size);

	if (!name)
		return err_memory(walk->err);
	tensor.name = span_of(name, walk->name_size);
	if (read_storage(&tensor, item(args, 0), &numbers, walk->err) || read_axes(&tensor, item(args, 2), item(args, 3), walk->err))
		return -1;
	if (count_of(item(args, 1), &tensor.offset))
		return err_set(walk->err, "its place in its storage is no count");
	if (check_extent(&tensor, numbers, walk->err))
		return -1;
	if (file->count == walk->capacity) {
		size_t capacity = walk->capacity ? 2 * walk->capacity : 256;
		struct torch_tensor *more = capacity > MOST_TENSORS ? NULL : arena_zeroed(&file->arena, capacity, sizeof *more);
		if (!more)
			return err_set(walk->err, "more tensors than memory, or than %d", MOST_TENSORS);
		if (file->count)
			memcpy(more, file->tensors, file->count * sizeof *more);
		file->tensors = more;
		walk->capacity = capacity;
	}
	file->tensors[file->count++] = tensor;
	return 0;
}

static int visit(struct walk *walk, const struct pickle *value);

static int visit_named(struct walk *walk, struct span name, const struct pickle *value)
{
	const size_t before = walk->name_size;

	if (name.size + 1 > sizeof walk->name - before)
		return err_set(walk->err, "a name of more than %d bytes", LONGEST_NAME);
	if (before)
		walk->name[walk->name_size++] = '.';
	memcpy(walk->name + walk->name_size, name.data, name.size);
	walk->name_size += name.size;
	int status = visit(walk, value);
	walk->name_size = before;
	return status;
}

static int visit_number(struct walk *walk, int64_t number, const struct pickle *value)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%lld", (long long)number);
	return visit_named(walk, span_string(digits), value);
}

static int visit_list(struct walk *walk, const struct pickle *list)
{
	for (size_t i = 0; i < list->list.count; i++)
		if (visit_number(walk, (int64_t)i, list->list.items[i]))
			return -1;
	return 0;
}

static int visit_dict(struct walk *walk, const struct pickle *dict)
{
	for (size_t i = 0; i < dict->list.count; i += 2) {
		const struct pickle *key = dict->list.items[i], *value = dict->list.items[i + 1];
		int status = key->kind == PICKLE_STRING ? visit_named(walk, key->text, value)
			: key->kind == PICKLE_INTEGER   ? visit_number(walk, key->integer, value)
							: 0;
		if (status)
			return -1;
	}
	return 0;
}

static int visit_object(struct walk *walk, const struct pickle *object)
{
	const struct span what = object->object.what->text;

	if (span_is(what, "torch._utils._rebuild_tensor") || span_is(what, "torch._utils._rebuild_tensor_v2"))
		return add_tensor(walk, object->object.with) 
			? err_add(walk->err, "%.*s", walk->name_size ? (int)walk->name_size : 10, walk->name_size ? walk->name : "the tensor")
			: 0;
	if (span_is(what, "torch._utils._rebuild_parameter"))
		return item(object->object.with, 0) ? visit(walk, item(object->object.with, 0)) : 0;
	if (object->object.filled && visit(walk, object->object.filled))
		return -1;
	/* an OrderedDict's state is about modules (_metadata); a TorchScript object's state is its attributes */
	return object->object.state && object->object.state->kind == PICKLE_DICT ? visit(walk, object->object.state) : 0;
}

static int visit(struct walk *walk, const struct pickle *value)
{
	int status = 0;

	if (++walk->steps > MOST_STEPS)
		return err_set(walk->err, "its pickle is a maze");
	if (++walk->depth > DEEPEST)
		return err_set(walk->err, "more than %d containers within one another", DEEPEST);
	if (value->kind == PICKLE_LIST)
		status = visit_list(walk, value);
	else if (value->kind == PICKLE_DICT)
		status = visit_dict(walk, value);
	else if (value->kind == PICKLE_OBJECT)
		status = visit_object(walk, value);
	walk->depth--;
	return status;
}

int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err)
{
	struct walk walk = { .file = file, .err = err };

	return visit(&walk, root);
}
