/* @FILE: sources, one a line. */
#ifndef SOURCE_SOURCE_LIST_H
#define SOURCE_SOURCE_LIST_H

#include "core/err.h"

/* Gives every line to `take`, without white space around it; those that are empty or begin with # are left out.  "-": standard
 * input.  Errors name the file and the line; a file that names nothing is one. */
int source_list_read(const char *path, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err);

#endif
