/* The path of an image in a table: the key of its sample, the field it becomes, its content. */
#ifndef SOURCE_IMAGE_PATH_H
#define SOURCE_IMAGE_PATH_H

#include "core/buf.h"
#include "core/err.h"

#include <stdint.h>

/* Why the path cannot name a local file: it is an absolute Windows path or a URL.  NULL: no problem. */
const char *image_path_problem(struct span path);

/* Turns backslashes into slashes. */
void image_path_slashes(struct buf *path);

/* Appends the path as a key, without its extension: see name_of_path. */
void image_path_key(struct buf *key, struct span path);

/* The extension if it is an image field ("jpg"), borrowed from the path; else empty. */
struct span image_path_field(struct span path);

/* The image field that the file's first bytes indicate; "jpg" if they are of no known format. */
const char *image_file_field(const char *path);

/* Bytes; 0 if there is no such file. */
uint64_t image_file_size(const char *path);

/* Appends the content of the file.  -1: not readable, or not a regular file; FIFOs and devices are never waited for. */
int image_file_read(const char *path, struct buf *content, size_t most, struct err *err);

#endif
