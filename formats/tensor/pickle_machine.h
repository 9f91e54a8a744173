/* What a pickle's opcodes work on: its bytes, and the values on a stack with marks.  Every function that returns int is 0, or -1
 * with err set, which names the byte of the opcode; every one that returns a value is NULL then. */
#ifndef TENSOR_PICKLE_MACHINE_H
#define TENSOR_PICKLE_MACHINE_H

#include "formats/tensor/pickle.h"

enum { PICKLE_MOST_MARKS = 1 << 10 };

struct pickle_machine {
	struct span bytes;
	size_t at, opcode_at;
	struct arena *arena;
	struct err *err;
	size_t values;
	struct pickle *stack, *memo; /* lists */
	size_t marks[PICKLE_MOST_MARKS], mark_count;
};

/* Always -1. */
int pickle_wrong(struct pickle_machine *machine, const char *why);

/* The next bytes; a number is little endian, of at most 8 bytes; a line is without its end. */
int pickle_take(struct pickle_machine *machine, size_t size, struct span *taken);
int pickle_take_number(struct pickle_machine *machine, size_t size, uint64_t *number);
int pickle_take_line(struct pickle_machine *machine, struct span *line);

struct pickle *pickle_new(struct pickle_machine *machine, enum pickle_kind kind);
int pickle_append(struct pickle_machine *machine, struct pickle *list, struct pickle *item);

/* value: NULL is an error that was set before. */
int pickle_push(struct pickle_machine *machine, struct pickle *value);
int pickle_push_kind(struct pickle_machine *machine, enum pickle_kind kind);
int pickle_push_integer(struct pickle_machine *machine, enum pickle_kind kind, int64_t integer);
int pickle_push_text(struct pickle_machine *machine, enum pickle_kind kind, struct span text);

/* How many values lie behind the last mark: nothing takes what is before it. */
size_t pickle_within_reach(const struct pickle_machine *machine);
struct pickle *pickle_pop(struct pickle_machine *machine);
struct pickle *pickle_top(struct pickle_machine *machine);

/* *first: how many values lie below the mark. */
int pickle_mark(struct pickle_machine *machine);
int pickle_pop_mark(struct pickle_machine *machine, size_t *first);

#endif
