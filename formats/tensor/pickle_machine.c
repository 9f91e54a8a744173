#include "formats/tensor/pickle_machine.h"

#include <string.h>

enum { VALUES_MAX = 1 << 20 }; /* a training checkpoint of RN50 has about 10,000 */

int pickle_wrong(struct pickle_machine *machine, const char *why)
{
	return err_set(machine->err, "byte %zu: %s", machine->opcode_at, why);
}

int pickle_take(struct pickle_machine *machine, size_t size, struct span *taken)
{
	if (size > machine->bytes.size - machine->at)
		return pickle_wrong(machine, "the pickle is truncated");
	*taken = span_of(machine->bytes.data + machine->at, size);
	machine->at += size;
	return 0;
}

int pickle_take_number(struct pickle_machine *machine, size_t size, uint64_t *number)
{
	struct span bytes;

	if (pickle_take(machine, size, &bytes))
		return -1;
	*number = 0;
	for (size_t i = size; i-- > 0;)
		*number = *number << 8 | bytes.data[i];
	return 0;
}

int pickle_take_line(struct pickle_machine *machine, struct span *line)
{
	const unsigned char *start = machine->bytes.data + machine->at;
	const unsigned char *end = memchr(start, '\n', machine->bytes.size - machine->at);
	struct span newline;

	if (!end)
		return pickle_wrong(machine, "the pickle is truncated");
	return pickle_take(machine, (size_t)(end - start), line) || pickle_take(machine, 1, &newline) ? -1 : 0;
}

struct pickle *pickle_new(struct pickle_machine *machine, enum pickle_kind kind)
{
	struct pickle *value = NULL;

	if (++machine->values > VALUES_MAX)
		pickle_wrong(machine, "more than 1,048,576 values");
	else if (!(value = arena_zeroed(machine->arena, 1, sizeof *value)))
		err_memory(machine->err);
	else
		value->kind = kind;
	return value;
}

int pickle_append(struct pickle_machine *machine, struct pickle *list, struct pickle *item)
{
	if (list->list.count >= VALUES_MAX) /* the same value may be appended any number of times */
		return pickle_wrong(machine, "a list or memo of more than 1,048,576 values");
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

int pickle_push(struct pickle_machine *machine, struct pickle *value)
{
	if (!value)
		return -1;
	if (machine->stack->list.count == VALUES_MAX)
		return pickle_wrong(machine, "the stack is too deep");
	return pickle_append(machine, machine->stack, value);
}

int pickle_push_kind(struct pickle_machine *machine, enum pickle_kind kind)
{
	return pickle_push(machine, pickle_new(machine, kind));
}

int pickle_push_integer(struct pickle_machine *machine, enum pickle_kind kind, int64_t integer)
{
	struct pickle *value = pickle_new(machine, kind);

	if (value)
		value->integer = integer;
	return pickle_push(machine, value);
}

int pickle_push_text(struct pickle_machine *machine, enum pickle_kind kind, struct span text)
{
	struct pickle *value = pickle_new(machine, kind);

	if (value)
		value->text = text;
	return pickle_push(machine, value);
}

size_t pickle_available(const struct pickle_machine *machine)
{
	return machine->stack->list.count - (machine->mark_count ? machine->marks[machine->mark_count - 1] : 0);
}

struct pickle *pickle_pop(struct pickle_machine *machine)
{
	if (pickle_available(machine) == 0) {
		pickle_wrong(machine, "stack underflow");
		return NULL;
	}
	return machine->stack->list.items[--machine->stack->list.count];
}

struct pickle *pickle_top(struct pickle_machine *machine)
{
	struct pickle *value = pickle_pop(machine);

	machine->stack->list.count += value != NULL;
	return value;
}

int pickle_pop_mark(struct pickle_machine *machine, size_t *first)
{
	if (machine->mark_count == 0)
		return pickle_wrong(machine, "no mark on the stack");
	*first = machine->marks[--machine->mark_count];
	return 0;
}

int pickle_mark(struct pickle_machine *machine)
{
	if (machine->mark_count == PICKLE_MARKS_MAX)
		return pickle_wrong(machine, "more than 1,024 nested containers");
	machine->marks[machine->mark_count++] = machine->stack->list.count;
	return 0;
}
