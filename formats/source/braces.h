/* "part-{0000..0127}.tar" and "{train,test}.tar", as shells write them; several pairs multiply. */
#ifndef SOURCE_BRACES_H
#define SOURCE_BRACES_H

#include "core/arena.h"
#include "core/err.h"

struct names {
	char **items; /* in the arena */
	size_t count, capacity;
};

int names_add(struct names *names, const char *name, size_t size, struct arena *arena);

/* Appends what the pattern stands for, in order, the last pair turning fastest.  A range keeps the width of its numbers' zeros and
 * may run downwards.  Braces that are neither a list nor a range stay as they are. */
int braces_expand(struct names *names, const char *pattern, struct arena *arena, struct err *err);

#endif
