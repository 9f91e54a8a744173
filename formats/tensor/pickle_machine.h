/* The stack machine that executes a pickle's opcodes: input bytes, a stack with marks, and a memo.  Functions that return int return 0,
 * or -1 with err set, which names the byte of the opcode; functions that return a value return NULL then. */
#ifndef TENSOR_PICKLE_MACHINE_H
#define TENSOR_PICKLE_MACHINE_H

#include "formats/tensor/pickle.h"

enum { PICKLE_MARKS_MAX = 1 << 10 };

struct pickle_machine {
	struct span bytes;
	size_t at, opcode_at;
	struct arena *arena;
	struct err *err;
	size_t values;
	struct pickle *stack, *memo; /* lists */
	size_t marks[PICKLE_MARKS_MAX], mark_count;
};

/* Sets err to "byte N: why".  Returns -1. */
int pickle_wrong(struct pickle_machine *machine, const char *why);

/* Consume input: bytes; a little-endian number of at most 8 bytes; a line, without its newline. */
int pickle_take(struct pickle_machine *machine, size_t size, struct span *taken);
int pickle_take_number(struct pickle_machine *machine, size_t size, uint64_t *number);
int pickle_take_line(struct pickle_machine *machine, struct span *line);

struct pickle *pickle_new(struct pickle_machine *machine, enum pickle_kind kind);
int pickle_append(struct pickle_machine *machine, struct pickle *list, struct pickle *item);

/* value NULL: an error that has been set; returns -1. */
int pickle_push(struct pickle_machine *machine, struct pickle *value);
int pickle_push_kind(struct pickle_machine *machine, enum pickle_kind kind);
int pickle_push_integer(struct pickle_machine *machine, enum pickle_kind kind, int64_t integer);
int pickle_push_text(struct pickle_machine *machine, enum pickle_kind kind, struct span text);

/* Number of values above the last mark; values below it cannot be popped. */
size_t pickle_available(const struct pickle_machine *machine);
struct pickle *pickle_pop(struct pickle_machine *machine);
struct pickle *pickle_top(struct pickle_machine *machine);

/* *first: number of values below the mark. */
int pickle_mark(struct pickle_machine *machine);
int pickle_pop_mark(struct pickle_machine *machine, size_t *first);

#endif
