/* A path in a table that names an image: the sample's key, the field it becomes, its content. */
#ifndef SOURCE_IMAGE_PATH_H
#define SOURCE_IMAGE_PATH_H

#include "core/buf.h"
#include "core/err.h"

#include <stdint.h>

/* Why the path cannot lead to a file here: it is absolute on Windows, or a URL.  NULL: it may. */
const char *image_path_problem(struct span path);

/* The separators of Windows become ours. */
void image_path_slashes(struct buf *path);

/* Appends the path as a key, without its ending: see name_of_path. */
void image_path_key(struct buf *key, struct span path);

/* The ending where it is a field's name of images (borrowed; "jpg"), or empty. */
struct span image_path_field(struct span path);

/* What the file's first bytes tell; "jpg" where they tell nothing. */
const char *image_file_field(const char *path);

/* 0 where there is no such file. */
uint64_t image_file_size(const char *path);

/* The file's content, appended.  -1: also where it is no regular file; nothing is opened that would wait or act. */
int image_file_read(const char *path, struct buf *content, size_t most, struct err *err);

#endif
