/* A folder of images with a table, as in Hugging Face's imagefolder format: metadata.jsonl or metadata.csv in the folder itself or in
 * its subfolders (train/metadata.jsonl). */
#ifndef SOURCE_METADATA_H
#define SOURCE_METADATA_H

#include "core/err.h"
#include "formats/stream/limits.h"

struct sources;
struct table_options;

/* Calls `take` with the path of each table and the prefix of its keys ("train/").  1: found; 0: no table; -1: error.
 * Errors: two tables in one folder, metadata.parquet. */
int metadata_find(const char *folder, int (*take)(void *context, const char *path, const char *prefix, struct err *err), void *context,
	struct err *err);

/* Calls `take` with the path, relative to its folder, of every image that no row names.
 * -1: a table or folder cannot be read, or `take` failed. */
int metadata_unlisted(const struct sources *sources, const struct table_options *options, const struct limits *limits,
	int (*take)(void *context, const char *path, const char *folder, struct err *err), void *context, struct err *err);

#endif
