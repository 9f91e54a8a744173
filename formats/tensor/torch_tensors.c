#include "formats/tensor/torch_pt.h"

#include "formats/tensor/safetensors.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 64, NAME_MAX_BYTES = 1024, TENSORS_MAX = 1 << 18, STEPS_MAX = 1 << 21 };

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

/* Types without a storage class: _rebuild_tensor_v3 names the type, and the length of its storage is in bytes. */
static const struct {
	const char *name, *dtype;
} untyped[] = { { "torch.uint16", "U16" }, { "torch.uint32", "U32" }, { "torch.uint64", "U64" }, { "torch.float8_e4m3fn", "F8_E4M3" },
	{ "torch.float8_e5m2", "F8_E5M2" } };

/* Container classes, which are searched for tensors. */
static const char *const containers[] = { "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "collections.deque",
	"builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset", "builtins.dict", "__builtin__.dict",
	"builtins.list", "__builtin__.list" };

/* Tensor classes without further data. */
static const char *const plain_tensors[] = { "torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter", "torch.nn.Parameter",
	"torch.nn.parameter.Buffer" };

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

static const char *dtype_of(struct span storage)
{
	for (size_t i = 0; i < sizeof storages / sizeof *storages; i++)
		if (span_is(storage, storages[i].storage))
			return storages[i].dtype;
	return NULL;
}

/* TorchScript's generated classes: their objects are searched like a dict of attributes. */
static bool is_scripted(struct span name)
{
	return name.size > 10 && memcmp(name.data, "__torch__.", 10) == 0;
}

struct walk {
	struct torch_pt *file;
	char name[NAME_MAX_BYTES];
	size_t name_size, depth, steps, capacity, inert_capacity;
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

/* Parses ("storage", class, key, device, numbers).  type: the type of the numbers if the storage's class does not imply it, or NULL.
 * tensor->dtype is NULL if the type is unknown. */
static int read_storage(
	struct torch_tensor *tensor, const struct pickle *value, const struct pickle *type, uint64_t *numbers, struct err *err)
{
	const struct pickle *id = value && value->kind == PICKLE_PERSISTENT ? value->object.with : NULL;
	const struct pickle *kind = item(id, 0), *class = item(id, 1), *key = item(id, 2);

	if (!kind || kind->kind != PICKLE_STRING || !span_is(kind->text, "storage") || !class || class->kind != PICKLE_GLOBAL || !key ||
		key->kind != PICKLE_STRING || count_of(item(id, 4), numbers))
		return err_set(err, "its storage is not (\"storage\", class, key, device, numbers)");
	tensor->storage = key->text;
	tensor->dtype = type ? NULL : dtype_of(class->text);
	for (size_t i = 0; type && type->kind == PICKLE_GLOBAL && i < sizeof untyped / sizeof *untyped; i++)
		if (span_is(type->text, untyped[i].name)) {
			tensor->dtype = untyped[i].dtype;
			*numbers /= safetensors_dtype_size(tensor->dtype);
		}
	return 0;
}

static int read_axes(struct torch_tensor *tensor, const struct pickle *shape, const struct pickle *stride, struct err *err)
{
	uint64_t size, step;

	if (!shape || shape->kind != PICKLE_LIST || !stride || stride->kind != PICKLE_LIST || shape->list.count != stride->list.count)
		return err_set(err, "shape and strides are not two tuples of the same length");
	if (shape->list.count > TORCH_PT_RANK)
		return err_set(err, "%zu axes, more than %d", shape->list.count, TORCH_PT_RANK);
	tensor->rank = shape->list.count;
	for (size_t i = 0; i < tensor->rank; i++) {
		if (count_of(item(shape, i), &size) || count_of(item(stride, i), &step))
			return err_set(err, "axis %zu: its size or stride is not a count", i);
		tensor->shape[i] = (size_t)size;
		tensor->stride[i] = (size_t)step;
	}
	return 0;
}

/* Checks that the tensor lies within its storage and has no more numbers than it. */
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
			return err_set(err, "is larger than its storage of %llu numbers", (unsigned long long)numbers);
		count *= size;
		last += steps * stride;
	}
	if (!empty && last >= numbers)
		return err_set(err, "extends beyond its storage of %llu numbers", (unsigned long long)numbers);
	if (numbers > (uint64_t)INT64_MAX / width)
		return err_set(err, "its storage of %llu numbers is too large", (unsigned long long)numbers);
	tensor->numbers = numbers;
	tensor->bytes = empty ? 0 : (size_t)count * width;
	return 0;
}

/* Doubles a full array in the file's arena.  NULL: too many items or no memory; err is set. */
static void *grow(struct walk *walk, void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	const size_t larger = *capacity ? 2 * *capacity : 256;
	void *more = larger > TENSORS_MAX ? NULL : arena_zeroed(&walk->file->arena, larger, size);
	if (!more) {
		err_set(walk->err, "more than %d tensors, or out of memory", TENSORS_MAX);
		return NULL;
	}
	if (count)
		memcpy(more, items, count * size);
	*capacity = larger;
	return more;
}

/* Copies a text into the file's arena. */
static int copy_text(struct walk *walk, struct span *to, struct span text)
{
	const char *copy = arena_string(&walk->file->arena, text.data, text.size);

	*to = span_of(copy, text.size);
	return copy ? 0 : err_memory(walk->err);
}

static struct span name_of(const struct walk *walk)
{
	return span_of(walk->name, walk->name_size);
}

static int add_inert(struct walk *walk, struct span maker)
{
	struct torch_pt *file = walk->file;
	struct torch_inert inert, *more;

	if (copy_text(walk, &inert.name, name_of(walk)) ||
		copy_text(walk, &inert.maker, maker.size ? maker : span_string("an unnamed function")))
		return -1;
	if (!(more = grow(walk, file->inert, file->inert_count, &walk->inert_capacity, sizeof *more)))
		return -1;
	file->inert = more;
	file->inert[file->inert_count++] = inert;
	return 0;
}

static const struct pickle *entry(const struct pickle *value, const char *name)
{
	return value ? pickle_get(value, name) : NULL;
}

/* Lazily conjugated or negated views: their storage holds different numbers. */
static bool is_lazy(const struct pickle *metadata)
{
	const struct pickle *conj = entry(metadata, "conj"), *neg = entry(metadata, "neg");

	return (conj && (conj->kind != PICKLE_BOOL || conj->integer)) || (neg && (neg->kind != PICKLE_BOOL || neg->integer));
}

/* args of _rebuild_tensor, _v2 and _v3: storage, offset, shape, strides, requires_grad, hooks, [dtype of v3,] metadata. */
static int add_tensor(struct walk *walk, const struct pickle *args, bool third)
{
	struct torch_tensor tensor = { 0 }, *more;
	struct torch_pt *file = walk->file;
	uint64_t numbers = 0;

	if (copy_text(walk, &tensor.name, name_of(walk)) ||
		read_storage(&tensor, item(args, 0), third ? item(args, 6) : NULL, &numbers, walk->err))
		return -1;
	if (!tensor.dtype || is_lazy(item(args, third ? 7 : 6)))
		return add_inert(walk, span_string(tensor.dtype ? "a conjugated or negated view" : "numbers of an unknown type"));
	if (read_axes(&tensor, item(args, 2), item(args, 3), walk->err))
		return -1;
	if (count_of(item(args, 1), &tensor.offset))
		return err_set(walk->err, "its offset in the storage is not a count");
	if (check_extent(&tensor, numbers, walk->err) || !(more = grow(walk, file->tensors, file->count, &walk->capacity, sizeof *more)))
		return -1;
	file->tensors = more;
	file->tensors[file->count++] = tensor;
	return 0;
}

/* Adds the result of a function of torch._utils, called with `args`.  If its storage is itself the result of an unknown call, only this
 * tensor becomes inert. */
static int visit_tensor(struct walk *walk, struct span what, const struct pickle *args)
{
	const struct pickle *storage = item(args, 0);
	const bool third = span_is(what, "torch._utils._rebuild_tensor_v3");

	if (!storage || storage->kind == PICKLE_OBJECT)
		return add_inert(walk, pickle_maker(storage).size ? pickle_maker(storage) : what);
	return add_tensor(walk, args, third) ? err_add(walk->err, "%.*s", walk->name_size ? (int)walk->name_size : 10,
						       walk->name_size ? walk->name : "the tensor")
					     : 0;
}

static bool is_tensor_function(struct span name)
{
	return span_is(name, "torch._utils._rebuild_tensor") || span_is(name, "torch._utils._rebuild_tensor_v2") ||
	       span_is(name, "torch._utils._rebuild_tensor_v3");
}

static bool is_parameter_function(struct span name)
{
	return span_is(name, "torch._utils._rebuild_parameter") || span_is(name, "torch._utils._rebuild_parameter_with_state");
}

static int visit(struct walk *walk, const struct pickle *value);

static int visit_named(struct walk *walk, struct span name, const struct pickle *value)
{
	const size_t before = walk->name_size;

	if (name.size + 1 > sizeof walk->name - before)
		return err_set(walk->err, "a name of more than %d bytes", NAME_MAX_BYTES);
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
		int status = key->kind == PICKLE_STRING || key->kind == PICKLE_BYTES ? visit_named(walk, key->text, value)
			     : key->kind == PICKLE_INTEGER                           ? visit_number(walk, key->integer, value)
										     : 0;
		if (status)
			return -1;
	}
	return 0;
}

/* _rebuild_from_type_v2(function, class, arguments, attributes): a tensor with attributes of its own. */
static int visit_typed(struct walk *walk, const struct pickle *args)
{
	const struct pickle *function = item(args, 0), *class = item(args, 1), *inner = item(args, 2);

	if (!function || function->kind != PICKLE_GLOBAL || !class || class->kind != PICKLE_GLOBAL ||
		!IS_ONE_OF(class->text, plain_tensors))
		return add_inert(walk, class && class->kind == PICKLE_GLOBAL ? class->text : span_of(NULL, 0));
	if (is_parameter_function(function->text) && item(inner, 0))
		return visit(walk, item(inner, 0));
	return is_tensor_function(function->text) ? visit_tensor(walk, function->text, inner) : add_inert(walk, function->text);
}

static int visit_object(struct walk *walk, const struct pickle *object)
{
	const struct span what = pickle_maker(object);
	const struct pickle *with = object->object.with, *state = object->object.state;

	if (is_tensor_function(what))
		return visit_tensor(walk, what, with);
	if (is_parameter_function(what))
		return item(with, 0) ? visit(walk, item(with, 0)) : 0;
	if (span_is(what, "torch._tensor._rebuild_from_type_v2"))
		return visit_typed(walk, with);
	if (is_scripted(what)) /* its state holds the attributes */
		return state && state->kind == PICKLE_DICT ? visit(walk, state) : 0;
	if (!IS_ONE_OF(what, containers))
		return add_inert(walk, what);
	/* set([..]), Counter({..}) and OrderedDict([(key, value)]) are filled by their argument; an OrderedDict's state describes modules */
	if (item(with, 0) && item(with, 0)->kind != PICKLE_GLOBAL && visit(walk, item(with, 0)))
		return -1;
	return object->object.filled ? visit(walk, object->object.filled) : 0;
}

static int visit(struct walk *walk, const struct pickle *value)
{
	int status = 0;

	if (++walk->steps > STEPS_MAX)
		return err_set(walk->err, "its pickle has too many references");
	if (++walk->depth > DEPTH_MAX)
		return err_set(walk->err, "more than %d nested containers", DEPTH_MAX);
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

	if (visit(&walk, root))
		return -1;
	if (file->count)
		return 0;
	if (file->inert_count == 0)
		return err_set(err, "no tensors");
	const struct span maker = file->inert[0].maker;
	return err_set(err, "no tensors, but an object of class %.*s, which only code can construct; save the model's state_dict() instead",
		span_shown(maker, 200), (const char *)maker.data);
}
