/* The kind of a file, by its first bytes. */
#ifndef STREAM_FILE_KIND_H
#define STREAM_FILE_KIND_H

#include "core/buf.h"
#include "core/err.h"

enum file_kind {
	FILE_STREAM, /* also an empty file, and a pipe, which cannot be inspected */
	FILE_CHECKPOINT,
	FILE_JSON,
	FILE_TAR, /* plain or compressed */
	FILE_IMAGE,
	FILE_OTHER,
};

enum { FILE_KIND_BYTES = 264 }; /* the bytes that decide */

enum file_kind file_kind_of(struct span start);
enum file_kind file_kind(int fd);

/* May a file of that kind replace the file at path?  Only if that is missing, empty or of the same kind, so that a mistyped name
 * destroys nothing.  JSON and OTHER are one kind, text.  -1: "PATH: exists and is not ...". */
int file_kind_replaces(enum file_kind kind, const char *path, struct err *err);

/* Sets the error "PATH: KIND, not a record stream; ..." with the command to use instead.  fd is the file.  Returns -1. */
int file_kind_refuse(enum file_kind kind, int fd, const char *path, const char *tool, struct err *err);

#endif
