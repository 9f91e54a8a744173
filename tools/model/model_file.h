/* What a model is told to be, without reading its numbers. */
#ifndef TOOLS_MODEL_FILE_H
#define TOOLS_MODEL_FILE_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct model_file {
	bool is_config;                /* nothing but a configuration: open_clip's JSON */
	struct buf config, vocabulary; /* JSON; merges, or empty */
};

/* Of a checkpoint or of a configuration.  The caller frees with model_file_free, also after an error. */
int model_file_read(struct model_file *file, const char *path, struct err *err);
void model_file_free(struct model_file *file);

#endif
