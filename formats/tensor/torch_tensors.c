#include "formats/tensor/torch_pt.h"

#include "formats/tensor/safetensors.h"

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

/* Numbers without a storage class of their own: _rebuild_tensor_v3 names the type, and its storage counts bytes. */
static const struct {
	const char *name, *dtype;
} untyped[] = { { "torch.uint16", "U16" }, { "torch.uint32", "U32" }, { "torch.uint64", "U64" }, { "torch.float8_e4m3fn", "F8_E4M3" },
	{ "torch.float8_e5m2", "F8_E5M2" } };

/* Classes of the standard library and of PyTorch whose objects hold what was put into them. */
static const char *const containers[] = { "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "collections.deque",
	"builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset", "builtins.dict", "__builtin__.dict",
	"builtins.list", "__builtin__.list" };

/* Classes of tensors that add nothing to the numbers. */
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

/* TorchScript's classes have names of their own; an object of such a class is a bag of attributes. */
static bool is_scripted(struct span name)
{
	return name.size > 10 && memcmp(name.data, "__torch__.", 10) == 0;
}

struct walk {
	struct torch_pt *file;
	char name[LONGEST_NAME];
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

/* ("storage", class, key, device, numbers).  type: the numbers' type where the storage's class does not say it, or NULL.
 * tensor->dtype is NULL where the type is unknown. */
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

/* Doubles an array in the file's arena when it is full.  NULL: no room for another item; err is set. */
static void *with_room(struct walk *walk, void *items, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return items;
	const size_t larger = *capacity ? 2 * *capacity : 256;
	void *more = larger > MOST_TENSORS ? NULL : arena_zeroed(&walk->file->arena, larger, size);
	if (!more) {
		err_set(walk->err, "more than %d tensors, or out of memory", MOST_TENSORS);
		return NULL;
	}
	if (count)
		memcpy(more, items, count * size);
	*capacity = larger;
	return more;
}

/* The name of what is visited, in the file's arena. */
static int keep_text(struct walk *walk, struct span *to, struct span text)
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

	if (keep_text(walk, &inert.name, name_of(walk)) ||
		keep_text(walk, &inert.maker, maker.size ? maker : span_string("an unnamed function")))
		return -1;
	if (!(more = with_room(walk, file->inert, file->inert_count, &walk->inert_capacity, sizeof *more)))
		return -1;
	file->inert = more;
	file->inert[file->inert_count++] = inert;
	return 0;
}

static const struct pickle *entry(const struct pickle *value, const char *name)
{
	return value ? pickle_get(value, name) : NULL;
}

/* Views that are conjugated or negated when they are read: their storage holds other numbers. */
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

	if (keep_text(walk, &tensor.name, name_of(walk)) ||
		read_storage(&tensor, item(args, 0), third ? item(args, 6) : NULL, &numbers, walk->err))
		return -1;
	if (!tensor.dtype || is_lazy(item(args, third ? 7 : 6)))
		return add_inert(walk, span_string(tensor.dtype ? "a conjugated or negated view" : "numbers of an unknown type"));
	if (read_axes(&tensor, item(args, 2), item(args, 3), walk->err))
		return -1;
	if (count_of(item(args, 1), &tensor.offset))
		return err_set(walk->err, "its offset in its storage is not a count");
	if (check_extent(&tensor, numbers, walk->err) ||
		!(more = with_room(walk, file->tensors, file->count, &walk->capacity, sizeof *more)))
		return -1;
	file->tensors = more;
	file->tensors[file->count++] = tensor;
	return 0;
}

/* The result of a function of torch._utils, called with `args`.  An unusual one of their arguments (a storage that is itself the result of an
 * unknown call) makes the tensor inert, and only it. */
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
	if (is_scripted(what)) /* its state is its attributes */
		return state && state->kind == PICKLE_DICT ? visit(walk, state) : 0;
	if (!IS_ONE_OF(what, containers))
		return add_inert(walk, what);
	/* set([..]), Counter({..}) and OrderedDict([(key, value)]) are filled by their argument; an OrderedDict's state is about modules */
	if (item(with, 0) && item(with, 0)->kind != PICKLE_GLOBAL && visit(walk, item(with, 0)))
		return -1;
	return object->object.filled ? visit(walk, object->object.filled) : 0;
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

	if (visit(&walk, root))
		return -1;
	if (file->count)
		return 0;
	if (file->inert_count == 0)
		return err_set(err, "no tensors");
	const struct span maker = file->inert[0].maker;
	return err_set(err, "no tensors, but an object of %.*s, which only code could make: save the model's state_dict() instead",
		span_shown(maker, 200), (const char *)maker.data);
}
