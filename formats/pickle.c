#include "formats/pickle.h"

#include <string.h>

enum {
	MOST_VALUES = 1 << 20, /* a training checkpoint of RN50 has some ten thousand */
	MOST_MARKS = 1 << 10,
};

struct machine {
	struct span bytes;
	size_t at, opcode_at;
	pickle_knows *knows;
	struct arena *arena;
	struct err *err;
	size_t values;
	struct pickle *stack, *memo; /* lists */
	size_t marks[MOST_MARKS], mark_count;
};

static int wrong(struct machine *machine, const char *why)
{
	return err_set(machine->err, "byte %zu: %s", machine->opcode_at, why);
}

static int take(struct machine *machine, size_t size, struct span *taken)
{
	if (size > machine->bytes.size - machine->at)
		return wrong(machine, "the pickle is cut off");
	*taken = span_of(machine->bytes.data + machine->at, size);
	machine->at += size;
	return 0;
}

/* Little endian. */
static int take_number(struct machine *machine, size_t size, uint64_t *number)
{
	struct span bytes;

	if (take(machine, size, &bytes))
		return -1;
	*number = 0;
	for (size_t i = size; i-- > 0;)
		*number = *number << 8 | bytes.data[i];
	return 0;
}

static int take_line(struct machine *machine, struct span *line)
{
	const unsigned char *start = machine->bytes.data + machine->at;
	const unsigned char *end = memchr(start, '\n', machine->bytes.size - machine->at);
	struct span newline;

	if (!end)
		return wrong(machine, "the pickle is cut off");
	return take(machine, (size_t)(end - start), line) || take(machine, 1, &newline) ? -1 : 0;
}

static struct pickle *new_value(struct machine *machine, enum pickle_kind kind)
{
	struct pickle *value = NULL;

	if (++machine->values > MOST_VALUES)
		wrong(machine, "more than 1,048,576 values");
	else if (!(value = arena_zeroed(machine->arena, 1, sizeof *value)))
		err_memory(machine->err);
	else
		value->kind = kind;
	return value;
}

static int append(struct machine *machine, struct pickle *list, struct pickle *item)
{
	if (list->list.count == list->list.capacity) {
		size_t capacity = list->list.capacity ? 2 * list->list.capacity : 8;
		struct pickle **items = arena_zeroed(machine->arena, capacity, sizeof *items);
		if (!items)
			return err_memory(machine->err);
		if (list->list.count)
			memcpy(items, list->list.items, list->list.count * sizeof *items);
		list->list.items = items;
		list->list.capacity = capacity;
	}
	list->list.items[list->list.count++] = item;
	return 0;
}

static int push(struct machine *machine, struct pickle *value)
{
	if (!value)
		return -1;
	if (machine->stack->list.count == MOST_VALUES)
		return wrong(machine, "the stack is too deep");
	return append(machine, machine->stack, value);
}

static int push_kind(struct machine *machine, enum pickle_kind kind)
{
	return push(machine, new_value(machine, kind));
}

static int push_integer(struct machine *machine, enum pickle_kind kind, int64_t integer)
{
	struct pickle *value = new_value(machine, kind);

	if (value)
		value->integer = integer;
	return push(machine, value);
}

static int push_text(struct machine *machine, enum pickle_kind kind, struct span text)
{
	struct pickle *value = new_value(machine, kind);

	if (value)
		value->text = text;
	return push(machine, value);
}

/* How many values lie behind the last mark: nothing takes what is before it. */
static size_t within_reach(const struct machine *machine)
{
	return machine->stack->list.count - (machine->mark_count ? machine->marks[machine->mark_count - 1] : 0);
}

static struct pickle *pop(struct machine *machine)
{
	if (within_reach(machine) == 0) {
		wrong(machine, "takes from an empty stack");
		return NULL;
	}
	return machine->stack->list.items[--machine->stack->list.count];
}

static struct pickle *top(struct machine *machine)
{
	struct pickle *value = pop(machine);

	machine->stack->list.count += value != NULL;
	return value;
}

static int pop_mark(struct machine *machine, size_t *first)
{
	if (machine->mark_count == 0)
		return wrong(machine, "there is no mark on the stack");
	*first = machine->marks[--machine->mark_count];
	return 0;
}

static int push_sized_text(struct machine *machine, enum pickle_kind kind, size_t length_bytes)
{
	uint64_t size = 0;
	struct span text;

	if (take_number(machine, length_bytes, &size))
		return -1;
	if (size > machine->bytes.size)
		return wrong(machine, "the pickle is cut off");
	return take(machine, (size_t)size, &text) ? -1 : push_text(machine, kind, text);
}

static int push_real(struct machine *machine)
{
	struct pickle *value = new_value(machine, PICKLE_REAL);
	struct span bytes;
	uint64_t bits = 0;

	if (!value || take(machine, 8, &bytes))
		return -1;
	for (size_t i = 0; i < 8; i++)
		bits = bits << 8 | bytes.data[i];
	memcpy(&value->real, &bits, sizeof bits);
	return push(machine, value);
}

/* Two's complement of as many bytes as it takes; more than eight hold no number of ours. */
static int push_long(struct machine *machine, size_t length_bytes)
{
	uint64_t size = 0, number = 0;

	if (take_number(machine, length_bytes, &size))
		return -1;
	if (size > 8)
		return wrong(machine, "an integer of more than 64 bits");
	if (take_number(machine, (size_t)size, &number))
		return -1;
	if (size && size < 8 && number >> (8 * size - 1))
		number |= ~UINT64_C(0) << (8 * size);
	return push_integer(machine, PICKLE_INTEGER, (int64_t)number);
}

static int push_global(struct machine *machine, struct span module, struct span name)
{
	const size_t size = module.size + 1 + name.size;
	char *whole;

	if (module.size > 300 || name.size > 300)
		return wrong(machine, "a name of more than 300 bytes");
	if (!(whole = arena_alloc(machine->arena, size)))
		return err_memory(machine->err);
	memcpy(whole, module.data, module.size);
	whole[module.size] = '.';
	memcpy(whole + module.size + 1, name.data, name.size);
	if (!machine->knows(span_of(whole, size)))
		return err_set(machine->err, "byte %zu: it would call or make %.*s, which a checkpoint has no need of: refused, nothing was run",
			machine->opcode_at, (int)size, whole);
	return push_text(machine, PICKLE_GLOBAL, span_of(whole, size));
}

static int push_global_line(struct machine *machine)
{
	struct span module, name;

	return take_line(machine, &module) || take_line(machine, &name) ? -1 : push_global(machine, module, name);
}

static int push_global_stack(struct machine *machine)
{
	struct pickle *name = pop(machine), *module = name ? pop(machine) : NULL;

	if (!module)
		return -1;
	if (name->kind != PICKLE_STRING || module->kind != PICKLE_STRING)
		return wrong(machine, "a class whose name is no text");
	return push_global(machine, module->text, name->text);
}

/* The topmost `count` values become a tuple. */
static int push_tuple(struct machine *machine, size_t count)
{
	struct pickle *tuple = new_value(machine, PICKLE_LIST);

	if (!tuple)
		return -1;
	if (count > within_reach(machine))
		return wrong(machine, "takes from an empty stack");
	struct pickle **items = machine->stack->list.items + machine->stack->list.count - count;
	for (size_t i = 0; i < count; i++)
		if (append(machine, tuple, items[i]))
			return -1;
	machine->stack->list.count -= count;
	return push(machine, tuple);
}

static int push_marked(struct machine *machine, enum pickle_kind kind)
{
	size_t first = 0;

	if (pop_mark(machine, &first))
		return -1;
	const size_t count = machine->stack->list.count - first;
	if (kind == PICKLE_DICT && count % 2)
		return wrong(machine, "a key without a value");
	if (push_tuple(machine, count))
		return -1;
	machine->stack->list.items[first]->kind = kind;
	return 0;
}

/* Where items are put that are added to a value: an OrderedDict is an object which is filled like a dict. */
static struct pickle *filled(struct machine *machine, struct pickle *value, enum pickle_kind kind)
{
	if (value->kind == kind)
		return value;
	if (value->kind == PICKLE_OBJECT) {
		if (!value->object.filled)
			value->object.filled = new_value(machine, kind);
		if (!value->object.filled || value->object.filled->kind == kind)
			return value->object.filled;
	}
	wrong(machine, kind == PICKLE_DICT ? "keys are set in what is no dict" : "items are added to what is no list");
	return NULL;
}

/* The values from `first` on go into what lies below them. */
static int fill(struct machine *machine, size_t first, enum pickle_kind kind)
{
	struct pickle **items = machine->stack->list.items + first;
	const size_t count = machine->stack->list.count - first;

	machine->stack->list.count = first;
	struct pickle *target = top(machine);
	if (!target || !(target = filled(machine, target, kind)))
		return -1;
	if (kind == PICKLE_DICT && count % 2)
		return wrong(machine, "a key without a value");
	for (size_t i = 0; i < count; i++)
		if (append(machine, target, items[i]))
			return -1;
	return 0;
}

static int fill_marked(struct machine *machine, enum pickle_kind kind)
{
	size_t first = 0;

	return pop_mark(machine, &first) ? -1 : fill(machine, first, kind);
}

static int fill_few(struct machine *machine, size_t count, enum pickle_kind kind)
{
	if (within_reach(machine) < count)
		return wrong(machine, "takes from an empty stack");
	return fill(machine, machine->stack->list.count - count, kind);
}

static int push_object(struct machine *machine)
{
	struct pickle *object = new_value(machine, PICKLE_OBJECT), *with = pop(machine), *what = with ? pop(machine) : NULL;

	if (!object || !what)
		return -1;
	if (what->kind != PICKLE_GLOBAL)
		return wrong(machine, "calls what is no name");
	object->object.what = what;
	object->object.with = with;
	return push(machine, object);
}

static int set_state(struct machine *machine)
{
	struct pickle *state = pop(machine), *object = state ? top(machine) : NULL;

	if (!object)
		return -1;
	if (object->kind != PICKLE_OBJECT)
		return wrong(machine, "sets the state of what is no object");
	object->object.state = state;
	return 0;
}

static int push_persistent(struct machine *machine)
{
	struct pickle *value = new_value(machine, PICKLE_PERSISTENT), *with = pop(machine);

	if (!value || !with)
		return -1;
	value->object.with = with;
	return push(machine, value);
}

static int memo_put(struct machine *machine, uint64_t number)
{
	struct pickle *value = top(machine), *memo = machine->memo;

	if (!value)
		return -1;
	if (number > memo->list.count) /* Python counts */
		return wrong(machine, "a memo out of turn");
	if (number == memo->list.count)
		return append(machine, memo, value);
	memo->list.items[number] = value;
	return 0;
}

static int memo_put_numbered(struct machine *machine, size_t size)
{
	uint64_t number = 0;

	return take_number(machine, size, &number) ? -1 : memo_put(machine, number);
}

static int memo_get(struct machine *machine, size_t size)
{
	uint64_t number = 0;

	if (take_number(machine, size, &number))
		return -1;
	if (number >= machine->memo->list.count)
		return wrong(machine, "a memo that was not kept");
	return push(machine, machine->memo->list.items[number]);
}

static int mark(struct machine *machine)
{
	if (machine->mark_count == MOST_MARKS)
		return wrong(machine, "more than 1,024 containers within one another");
	machine->marks[machine->mark_count++] = machine->stack->list.count;
	return 0;
}

static int push_small(struct machine *machine, size_t size)
{
	uint64_t number = 0;

	if (take_number(machine, size, &number))
		return -1;
	return push_integer(machine, PICKLE_INTEGER, size == 4 ? (int32_t)number : (int64_t)number);
}

static int skip_number(struct machine *machine, size_t size)
{
	uint64_t number = 0;

	return take_number(machine, size, &number);
}

static int run_opcode(struct machine *machine, unsigned char opcode)
{
	size_t first = 0;

	switch (opcode) {
	case 0x80: return skip_number(machine, 1); /* PROTO */
	case 0x95: return skip_number(machine, 8); /* FRAME */
	case '(': return mark(machine);
	case '0': return pop(machine) ? 0 : -1;
	case '1':
		if (pop_mark(machine, &first))
			return -1;
		machine->stack->list.count = first;
		return 0;
	case '2': return push(machine, top(machine));
	case 'N': return push_kind(machine, PICKLE_NONE);
	case 0x88: return push_integer(machine, PICKLE_BOOL, 1);
	case 0x89: return push_integer(machine, PICKLE_BOOL, 0);
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
	case ']': case ')': case 0x8f: return push_kind(machine, PICKLE_LIST);
	case '}': return push_kind(machine, PICKLE_DICT);
	case 'l': case 't': case 0x91: return push_marked(machine, PICKLE_LIST);
	case 'd': return push_marked(machine, PICKLE_DICT);
	case 0x85: return push_tuple(machine, 1);
	case 0x86: return push_tuple(machine, 2);
	case 0x87: return push_tuple(machine, 3);
	case 'a': return fill_few(machine, 1, PICKLE_LIST);
	case 'e': case 0x90: return fill_marked(machine, PICKLE_LIST);
	case 's': return fill_few(machine, 2, PICKLE_DICT);
	case 'u': return fill_marked(machine, PICKLE_DICT);
	case 'c': return push_global_line(machine);
	case 0x93: return push_global_stack(machine);
	case 'R': case 0x81: return push_object(machine);
	case 'b': return set_state(machine);
	case 'Q': return push_persistent(machine);
	case 'q': return memo_put_numbered(machine, 1);
	case 'r': return memo_put_numbered(machine, 4);
	case 0x94: return memo_put(machine, machine->memo->list.count);
	case 'h': return memo_get(machine, 1);
	case 'j': return memo_get(machine, 4);
	}
	return err_set(machine->err, "byte %zu: opcode 0x%02x is none of those that checkpoints are made of", machine->opcode_at, opcode);
}

static struct pickle *run(struct machine *machine)
{
	struct span opcode;

	for (;;) {
		machine->opcode_at = machine->at;
		if (take(machine, 1, &opcode))
			return NULL;
		if (opcode.data[0] == '.')
			return pop(machine);
		if (run_opcode(machine, opcode.data[0]))
			return NULL;
	}
}

struct pickle *pickle_read(struct span bytes, pickle_knows *knows, struct arena *arena, struct err *err)
{
	struct machine machine = { .bytes = bytes, .knows = knows, .arena = arena, .err = err };

	machine.stack = new_value(&machine, PICKLE_LIST);
	machine.memo = new_value(&machine, PICKLE_LIST);
	return machine.stack && machine.memo ? run(&machine) : NULL;
}

struct pickle *pickle_get(const struct pickle *dict, const char *key)
{
	if (dict && dict->kind == PICKLE_OBJECT)
		dict = dict->object.filled;
	if (!dict || dict->kind != PICKLE_DICT)
		return NULL;
	for (size_t i = dict->list.count; i; i -= 2) /* the last one set is what Python has */
		if (dict->list.items[i - 2]->kind == PICKLE_STRING && span_is(dict->list.items[i - 2]->text, key))
			return dict->list.items[i - 1];
	return NULL;
}
