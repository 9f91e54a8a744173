/* Names of sources in arguments: patterns with braces, and files that list one source per line. */
#ifndef SOURCE_SOURCE_NAMES_H
#define SOURCE_SOURCE_NAMES_H

#include "core/arena.h"
#include "core/err.h"

struct names {
	char **items; /* in the arena */
	size_t count, capacity;
};

/* -1: out of memory. */
int names_add(struct names *names, const char *name, size_t size, struct arena *arena);

/* Expands "part-{0000..0127}.tar" and "{train,test}.tar" as shells do, and appends the results in order; with several pairs of braces
 * the last one varies fastest.  A range keeps the width of zero-padded numbers and may count down.  Braces that are neither a list nor
 * a range stay as they are.  Errors: too many pairs, too many names. */
int braces_expand(struct names *names, const char *pattern, struct arena *arena, struct err *err);

/* Calls `take` for every line of an @FILE ("-": standard input), without the white space around it; empty lines and lines that begin
 * with # are skipped.  Errors name the file and the line.  A file without any source is an error. */
int source_list_read(const char *path, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err);

#endif
