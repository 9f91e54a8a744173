/* A file that appears whole or not at all: written under a temporary name beside it, then renamed.
 * What exists and is no regular file (/dev/null, a named pipe) is written to as it is. */
#ifndef FORMATS_WHOLE_FILE_H
#define FORMATS_WHOLE_FILE_H

#include "core/err.h"

#include <stddef.h>

struct whole_file {
	int fd;          /* -1: not open */
	char *path;      /* what it will be called: links are followed */
	char *temporary; /* NULL: path itself is written to */
};

/* Errors name the path. */
int whole_file_create(struct whole_file *file, const char *path, struct err *err);
int whole_file_write(struct whole_file *file, const void *data, size_t size, struct err *err);

/* Flushes to the disk and gives it its name.  After an error nothing is left. */
int whole_file_finish(struct whole_file *file, struct err *err);

/* Leaves nothing.  Fine after finish, and on a zeroed struct whose fd is -1. */
void whole_file_abandon(struct whole_file *file);

/* All of a buffer at once. */
int whole_file_save(const char *path, const void *data, size_t size, struct err *err);

#endif
