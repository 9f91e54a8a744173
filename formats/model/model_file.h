/* A model's configuration and vocabulary, without its numbers. */
#ifndef MODEL_MODEL_FILE_H
#define MODEL_MODEL_FILE_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct model_file {
	bool is_config;                /* nothing but a configuration: open_clip's JSON */
	struct buf config, vocabulary; /* JSON; merges, or empty */
};

/* Of a checkpoint, of a configuration's file, or, where no such file exists, of a published name ("ViT-B-32").  The caller frees
 * with model_file_free, also after an error. */
int model_file_read(struct model_file *file, const char *path, struct err *err);
void model_file_free(struct model_file *file);

/* *is_config: it is a configuration's file or a published name, not a checkpoint or the index of one. */
int model_file_is_config(const char *path, bool *is_config, struct err *err);

/* Appends a configuration: of a file of at most `most` bytes, or of a published name where no such file exists (then *is_file is
 * false).  The error lists the names. */
int model_config_read(const char *path, size_t most, struct buf *config, bool *is_file, struct err *err);

#endif
