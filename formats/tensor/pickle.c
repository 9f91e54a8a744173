#include "formats/tensor/pickle.h"

#include "formats/tensor/pickle_machine.h"

#include <string.h>

static int push_sized_text(struct pickle_machine *machine, enum pickle_kind kind, size_t length_bytes)
{
	uint64_t size = 0;
	struct span text;

	if (pickle_take_number(machine, length_bytes, &size))
		return -1;
	if (size > machine->bytes.size)
		return pickle_wrong(machine, "the pickle is truncated");
	return pickle_take(machine, (size_t)size, &text) ? -1 : pickle_push_text(machine, kind, text);
}

static int skip_bytes(struct pickle_machine *machine, uint64_t size)
{
	struct span skipped;

	return size > machine->bytes.size ? pickle_wrong(machine, "the pickle is truncated") : pickle_take(machine, (size_t)size, &skipped);
}

static int push_real(struct pickle_machine *machine)
{
	struct pickle *value = pickle_new(machine, PICKLE_REAL);
	struct span bytes;
	uint64_t bits = 0;

	if (!value || pickle_take(machine, 8, &bytes))
		return -1;
	for (size_t i = 0; i < 8; i++)
		bits = bits << 8 | bytes.data[i];
	memcpy(&value->real, &bits, sizeof bits);
	return pickle_push(machine, value);
}

/* Two's complement of any length.  More than eight bytes are unsupported: no size, stride or offset needs them. */
static int push_long(struct pickle_machine *machine, size_t length_bytes)
{
	uint64_t size = 0, number = 0;

	if (pickle_take_number(machine, length_bytes, &size))
		return -1;
	if (size > 8)
		return skip_bytes(machine, size) || pickle_push_kind(machine, PICKLE_OTHER) ? -1 : 0;
	if (pickle_take_number(machine, (size_t)size, &number))
		return -1;
	if (size && size < 8 && number >> (8 * size - 1))
		number |= ~UINT64_C(0) << (8 * size);
	return pickle_push_integer(machine, PICKLE_INTEGER, (int64_t)number);
}

static int push_global(struct pickle_machine *machine, struct span module, struct span name)
{
	const size_t size = module.size + 1 + name.size;
	char *whole;

	if (module.size > 300 || name.size > 300)
		return pickle_wrong(machine, "a name of more than 300 bytes");
	if (!(whole = arena_alloc(machine->arena, size)))
		return err_memory(machine->err);
	memcpy(whole, module.data, module.size);
	whole[module.size] = '.';
	memcpy(whole + module.size + 1, name.data, name.size);
	return pickle_push_text(machine, PICKLE_GLOBAL, span_of(whole, size));
}

static int push_global_line(struct pickle_machine *machine)
{
	struct span module, name;

	return pickle_take_line(machine, &module) || pickle_take_line(machine, &name) ? -1 : push_global(machine, module, name);
}

static int push_global_stack(struct pickle_machine *machine)
{
	struct pickle *name = pickle_pop(machine), *module = name ? pickle_pop(machine) : NULL;

	if (!module)
		return -1;
	if (name->kind != PICKLE_STRING || module->kind != PICKLE_STRING)
		return pickle_wrong(machine, "a class name is not text");
	return push_global(machine, module->text, name->text);
}

/* Replaces the top `count` values by a tuple of them. */
static int push_tuple(struct pickle_machine *machine, size_t count)
{
	struct pickle *tuple = pickle_new(machine, PICKLE_LIST);

	if (!tuple)
		return -1;
	if (count > pickle_available(machine))
		return pickle_wrong(machine, "stack underflow");
	struct pickle **items = machine->stack->list.items + machine->stack->list.count - count;
	for (size_t i = 0; i < count; i++)
		if (pickle_append(machine, tuple, items[i]))
			return -1;
	machine->stack->list.count -= count;
	return pickle_push(machine, tuple);
}

static int push_marked(struct pickle_machine *machine, enum pickle_kind kind)
{
	size_t first = 0;

	if (pickle_pop_mark(machine, &first))
		return -1;
	const size_t count = machine->stack->list.count - first;
	if (kind == PICKLE_DICT && count % 2)
		return pickle_wrong(machine, "a key without a value");
	if (push_tuple(machine, count))
		return -1;
	machine->stack->list.items[first]->kind = kind;
	return 0;
}

/* The container that receives items added to a value; an OrderedDict is an object that is filled like a dict. */
static struct pickle *fill_target(struct pickle_machine *machine, struct pickle *value, enum pickle_kind kind)
{
	if (value->kind == kind)
		return value;
	if (value->kind == PICKLE_OBJECT) {
		if (!value->object.filled)
			value->object.filled = pickle_new(machine, kind);
		if (!value->object.filled || value->object.filled->kind == kind)
			return value->object.filled;
	}
	pickle_wrong(machine, kind == PICKLE_DICT ? "adds keys to a value that is not a dict" : "adds items to a value that is not a list");
	return NULL;
}

/* Adds the values from `first` on to the value below them. */
static int fill(struct pickle_machine *machine, size_t first, enum pickle_kind kind)
{
	struct pickle **items = machine->stack->list.items + first;
	const size_t count = machine->stack->list.count - first;

	machine->stack->list.count = first;
	struct pickle *target = pickle_top(machine);
	if (!target || !(target = fill_target(machine, target, kind)))
		return -1;
	if (kind == PICKLE_DICT && count % 2)
		return pickle_wrong(machine, "a key without a value");
	for (size_t i = 0; i < count; i++)
		if (pickle_append(machine, target, items[i]))
			return -1;
	return 0;
}

static int fill_marked(struct pickle_machine *machine, enum pickle_kind kind)
{
	size_t first = 0;

	return pickle_pop_mark(machine, &first) ? -1 : fill(machine, first, kind);
}

static int fill_few(struct pickle_machine *machine, size_t count, enum pickle_kind kind)
{
	if (pickle_available(machine) < count)
		return pickle_wrong(machine, "stack underflow");
	return fill(machine, machine->stack->list.count - count, kind);
}

static int push_object(struct pickle_machine *machine)
{
	struct pickle *object = pickle_new(machine, PICKLE_OBJECT), *with = pickle_pop(machine), *what = with ? pickle_pop(machine) : NULL;

	if (!object || !what)
		return -1;
	object->object.what = what;
	object->object.with = with;
	return pickle_push(machine, object);
}

/* cls.__new__(cls, *args, **kwargs): `with` becomes (args, kwargs). */
static int push_object_with_keywords(struct pickle_machine *machine)
{
	return push_tuple(machine, 2) || push_object(machine) ? -1 : 0;
}

static int set_state(struct pickle_machine *machine)
{
	struct pickle *state = pickle_pop(machine), *object = state ? pickle_top(machine) : NULL;

	if (!object)
		return -1;
	if (object->kind != PICKLE_OBJECT)
		return pickle_wrong(machine, "sets the state of a value that is not an object");
	object->object.state = state;
	return 0;
}

static int push_persistent(struct pickle_machine *machine)
{
	struct pickle *value = pickle_new(machine, PICKLE_PERSISTENT), *with = pickle_pop(machine);

	if (!value || !with)
		return -1;
	value->object.with = with;
	return pickle_push(machine, value);
}

static int memo_put(struct pickle_machine *machine, uint64_t number)
{
	struct pickle *value = pickle_top(machine), *memo = machine->memo;

	if (!value)
		return -1;
	if (number > memo->list.count) /* Python numbers memo entries consecutively */
		return pickle_wrong(machine, "a memo entry is out of order");
	if (number == memo->list.count)
		return pickle_append(machine, memo, value);
	memo->list.items[number] = value;
	return 0;
}

static int memo_put_numbered(struct pickle_machine *machine, size_t size)
{
	uint64_t number = 0;

	return pickle_take_number(machine, size, &number) ? -1 : memo_put(machine, number);
}

static int memo_get(struct pickle_machine *machine, size_t size)
{
	uint64_t number = 0;

	if (pickle_take_number(machine, size, &number))
		return -1;
	if (number >= machine->memo->list.count)
		return pickle_wrong(machine, "a memo entry that does not exist");
	return pickle_push(machine, machine->memo->list.items[number]);
}

static int push_small(struct pickle_machine *machine, size_t size)
{
	uint64_t number = 0;

	if (pickle_take_number(machine, size, &number))
		return -1;
	return pickle_push_integer(machine, PICKLE_INTEGER, size == 4 ? (int32_t)number : (int64_t)number);
}

static int skip_number(struct pickle_machine *machine, size_t size)
{
	uint64_t number = 0;

	return pickle_take_number(machine, size, &number);
}

static int run_opcode(struct pickle_machine *machine, unsigned char opcode)
{
	size_t first = 0;

	switch (opcode) {
	case 0x80: return skip_number(machine, 1); /* PROTO */
	case 0x95: return skip_number(machine, 8); /* FRAME */
	case '(': return pickle_mark(machine);
	case '0': return pickle_pop(machine) ? 0 : -1;
	case '1':
		if (pickle_pop_mark(machine, &first))
			return -1;
		machine->stack->list.count = first;
		return 0;
	case '2': return pickle_push(machine, pickle_top(machine));
	case 'N': return pickle_push_kind(machine, PICKLE_NONE);
	case 0x88: return pickle_push_integer(machine, PICKLE_BOOL, 1);
	case 0x89: return pickle_push_integer(machine, PICKLE_BOOL, 0);
	case 'K': return push_small(machine, 1);
	case 'M': return push_small(machine, 2);
	case 'J': return push_small(machine, 4);
	case 0x8a: return push_long(machine, 1);
	case 0x8b: return push_long(machine, 4);
	case 'G': return push_real(machine);
	case 'X': return push_sized_text(machine, PICKLE_STRING, 4);
	case 0x8c: return push_sized_text(machine, PICKLE_STRING, 1);
	case 0x8d: return push_sized_text(machine, PICKLE_STRING, 8);
	case 'U': return push_sized_text(machine, PICKLE_BYTES, 1);
	case 'T': return push_sized_text(machine, PICKLE_BYTES, 4);
	case 'C': return push_sized_text(machine, PICKLE_BYTES, 1);
	case 'B': return push_sized_text(machine, PICKLE_BYTES, 4);
	case 0x8e:
	case 0x96: return push_sized_text(machine, PICKLE_BYTES, 8); /* BINBYTES8, BYTEARRAY8 */
	case ']':
	case ')':
	case 0x8f: return pickle_push_kind(machine, PICKLE_LIST);
	case '}': return pickle_push_kind(machine, PICKLE_DICT);
	case 'l':
	case 't':
	case 0x91: return push_marked(machine, PICKLE_LIST);
	case 'd': return push_marked(machine, PICKLE_DICT);
	case 0x85: return push_tuple(machine, 1);
	case 0x86: return push_tuple(machine, 2);
	case 0x87: return push_tuple(machine, 3);
	case 'a': return fill_few(machine, 1, PICKLE_LIST);
	case 'e':
	case 0x90: return fill_marked(machine, PICKLE_LIST);
	case 's': return fill_few(machine, 2, PICKLE_DICT);
	case 'u': return fill_marked(machine, PICKLE_DICT);
	case 'c': return push_global_line(machine);
	case 0x93: return push_global_stack(machine);
	case 'R':
	case 0x81: return push_object(machine);
	case 0x92: return push_object_with_keywords(machine);
	case 'b': return set_state(machine);
	case 'Q': return push_persistent(machine);
	case 'q': return memo_put_numbered(machine, 1);
	case 'r': return memo_put_numbered(machine, 4);
	case 0x94: return memo_put(machine, machine->memo->list.count);
	case 'h': return memo_get(machine, 1);
	case 'j': return memo_get(machine, 4);
	}
	return err_set(machine->err, "byte %zu: opcode 0x%02x is not one that PyTorch writes", machine->opcode_at, opcode);
}

static struct pickle *run(struct pickle_machine *machine)
{
	struct span opcode;

	for (;;) {
		machine->opcode_at = machine->at;
		if (pickle_take(machine, 1, &opcode))
			return NULL;
		if (opcode.data[0] == '.')
			return pickle_pop(machine);
		if (run_opcode(machine, opcode.data[0]))
			return NULL;
	}
}

struct pickle *pickle_read(struct span bytes, struct arena *arena, struct err *err)
{
	struct pickle_machine machine = { .bytes = bytes, .arena = arena, .err = err };

	machine.stack = pickle_new(&machine, PICKLE_LIST);
	machine.memo = pickle_new(&machine, PICKLE_LIST);
	return machine.stack && machine.memo ? run(&machine) : NULL;
}

struct span pickle_maker(const struct pickle *value)
{
	const struct pickle *what = value && value->kind == PICKLE_OBJECT ? value->object.what : NULL;

	return what && what->kind == PICKLE_GLOBAL ? what->text : span_of(NULL, 0);
}

struct pickle *pickle_get(const struct pickle *dict, const char *key)
{
	if (dict && dict->kind == PICKLE_OBJECT)
		dict = dict->object.filled;
	if (!dict || dict->kind != PICKLE_DICT)
		return NULL;
	for (size_t i = dict->list.count; i; i -= 2) /* Python keeps the last value of a key */
		if (dict->list.items[i - 2]->kind == PICKLE_STRING && span_is(dict->list.items[i - 2]->text, key))
			return dict->list.items[i - 1];
	return NULL;
}
