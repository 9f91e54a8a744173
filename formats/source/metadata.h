/* A folder of images with a table beside them, as Hugging Face's imagefolder has it: metadata.jsonl or metadata.csv in the folder, or
 * in the folders in it (train/metadata.jsonl). */
#ifndef SOURCE_METADATA_H
#define SOURCE_METADATA_H

#include "core/err.h"
#include "formats/stream/limits.h"

struct sources;
struct table_options;

/* Gives the path of each table, and what its keys begin with ("train/"): 1; 0: there is none; -1.
 * Errors: two tables in one folder, a table that is not text (metadata.parquet). */
int metadata_find(const char *folder, int (*take)(void *context, const char *path, const char *prefix, struct err *err), void *context,
	struct err *err);

/* Gives the path, below its folder, of every image that no row names.  -1: a table or a folder that cannot be read, or take failed. */
int metadata_unlisted(const struct sources *sources, const struct table_options *options, const struct limits *limits,
	int (*take)(void *context, const char *path, const char *folder, struct err *err), void *context, struct err *err);

#endif
