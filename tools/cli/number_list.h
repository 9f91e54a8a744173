/* What --list tells about the numbers of an attack or a policy. */
#ifndef CLI_NUMBER_LIST_H
#define CLI_NUMBER_LIST_H

#include "core/arena.h"
#include "core/number.h"

/* "NAME: ABOUT" and a line for each number. */
void number_list(struct buf *out, const char *name, const char *about, const struct number *numbers);

/* {"name", "about", "numbers"} */
struct value number_list_value(
	const char *name, const char *about, const struct number *numbers, struct arena *arena);

#endif
