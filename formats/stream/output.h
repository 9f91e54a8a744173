/* An output file that appears complete or not at all: it has no name, or a random temporary one next to its path, until it is committed.
 * Pipes, devices and open descriptors (/dev/stdout, /dev/fd/3) are written directly.  If the path is a symbolic link, the file it leads to
 * is replaced.  The new file gets the owner and mode of the old one. */
#ifndef STREAM_OUTPUT_H
#define STREAM_OUTPUT_H

#include "core/buf.h"
#include "core/err.h"
#include "formats/stream/file_kind.h"

#include <stdbool.h>
#include <stdint.h>

struct output {
	int fd;            /* -1: not open */
	char *name;        /* as given, for messages */
	char *path;        /* after links; NULL: written directly */
	char *temporary;   /* temporary name, next to path */
	bool named;        /* the file has that name now */
	uint64_t reserved; /* bytes */
};

#define OUTPUT_CLOSED ((struct output){ .fd = -1 })

/* kind: of the new file.  An existing file of another kind is not overwritten: see file_kind_replaces. */
int output_open(struct output *output, const char *path, enum file_kind kind, struct err *err);

/* Allocates disk space now, so that a full disk is reported before the work.  Does nothing on file systems that cannot. */
int output_reserve(struct output *output, uint64_t bytes, struct err *err);
int output_write(struct output *output, struct span content, struct err *err);

/* Flushes the file to disk, names it and flushes its folder.  Leaves nothing behind on error.  Allocates no memory. */
int output_commit(struct output *output, struct err *err);
void output_discard(struct output *output); /* may be called when closed */

/* Opens, writes and commits. */
int output_write_file(const char *path, enum file_kind kind, struct span content, struct err *err);

/* Removes temporary files that killed processes left next to path, which no running process may be writing. */
void output_clean(const char *path);

/* Whether both paths lead to the same regular file, which need not exist. */
bool output_is_same(const char *a, const char *b);

#endif
