/* A model's configuration and vocabulary, without its parameters. */
#ifndef MODEL_MODEL_FILE_H
#define MODEL_MODEL_FILE_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct model_file {
	bool is_config;                /* only a configuration (open_clip's JSON), not a checkpoint */
	struct buf config, vocabulary; /* JSON; BPE merges, or empty */
};

/* Reads a checkpoint or a configuration file or, if no such file exists, the published architecture of that name ("ViT-B-32").
 * The caller frees with model_file_free, also after an error. */
int model_file_read(struct model_file *file, const char *path, struct err *err);
void model_file_free(struct model_file *file);

/* *is_config: path is a configuration file or the name of a published architecture, not a checkpoint or an index of one. */
int model_file_is_config(const char *path, bool *is_config, struct err *err);

/* Appends the configuration in a file of at most `most` bytes or, if no such file exists, of the published architecture of that
 * name (*is_file: false).  The error lists the names. */
int model_config_read(const char *path, size_t most, struct buf *config, bool *is_file, struct err *err);

#endif
