/* A file that appears whole or not at all: it is written without a name (or under a temporary one) and gets its own
 * at the end.  What is no regular file (a pipe, /dev/null) is written to directly. */
#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct output {
	int fd; /* -1: not open */
	char *path;      /* NULL: not to be renamed */
	char *temporary; /* its name beside path, once it has one */
};

#define OUTPUT_CLOSED ((struct output){ .fd = -1 })

int output_open(struct output *output, const char *path, struct err *err);
/* Flushes it to the disk and gives it its name.  On error nothing is left behind. */
int output_commit(struct output *output, struct err *err);
void output_discard(struct output *output); /* a closed one is fine */

/* All of it in one call. */
int output_write_file(const char *path, struct span content, struct err *err);
int output_write(struct output *output, struct span content, struct err *err);

#endif
