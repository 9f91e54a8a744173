/* A file that appears whole or not at all: it is written without a name (or under a temporary one that cannot be foreseen) and gets its own
 * at the end.  What is no regular file (a pipe, /dev/null), and what is open already (/dev/stdout), is written to directly.
 * Where links lead to a file, that one is replaced; the new one may be read and written by whom the old one could be. */
#ifndef STREAM_OUTPUT_H
#define STREAM_OUTPUT_H

#include "core/buf.h"
#include "core/err.h"
#include "formats/stream/file_kind.h"

#include <stdbool.h>
#include <stdint.h>

struct output {
	int fd; /* -1: not open */
	char *name; /* as it was given */
	char *path; /* NULL: not to be renamed */
	char *temporary; /* the name that it has beside path where it must have one before the end */
	bool named; /* it has that name now */
	int folder; /* of path; -1: it cannot be read */
	uint64_t reserved; /* bytes */
};

#define OUTPUT_CLOSED ((struct output){ .fd = -1, .folder = -1 })

/* kind: what it will be.  A file of another kind that is there is not overwritten: see file_kind_replaces. */
int output_open(struct output *output, const char *path, enum file_kind kind, struct err *err);
/* Removes the temporary files that killed processes left beside a path.  For a file that no other process writes. */
void output_clean(const char *path);
/* Takes the room that it will need now, so that a full disk is told before the work and not after it.  Where the file
 * system cannot do that nothing happens. */
int output_reserve(struct output *output, uint64_t bytes, struct err *err);
/* Flushes it to the disk, gives it its name and flushes the folder.  On error nothing is left behind. */
int output_commit(struct output *output, struct err *err);
void output_discard(struct output *output); /* a closed one is fine */

/* All of it in one call. */
int output_write_file(const char *path, enum file_kind kind, struct span content, struct err *err);
int output_write(struct output *output, struct span content, struct err *err);

#endif
