/* What a file is, told by its first bytes. */
#ifndef STREAM_FILE_KIND_H
#define STREAM_FILE_KIND_H

#include "core/buf.h"
#include "core/err.h"

enum file_kind {
	FILE_STREAM, /* or empty, or something that cannot be looked into, such as a pipe */
	FILE_CHECKPOINT,
	FILE_JSON,
	FILE_TAR, /* perhaps compressed */
	FILE_IMAGE,
	FILE_OTHER,
};

enum { FILE_KIND_BYTES = 264 }; /* so many are looked at */

enum file_kind file_kind_of(struct span start);
enum file_kind file_kind(int fd);

/* May what is at path, if anything, be replaced by a file of that kind?  Only what is empty or of the same kind, so that a name typed
 * wrongly costs nothing: text (JSON, OTHER) by text, a tar by a tar.  -1: "PATH: is there ...". */
int file_kind_replaces(enum file_kind kind, const char *path, struct err *err);

/* "PATH: ..., not a record stream; ..." with the command to begin with; fd is the file.  Returns -1. */
int file_kind_refuse(enum file_kind kind, int fd, const char *path, const char *tool, struct err *err);

#endif
