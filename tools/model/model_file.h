/* A model's configuration and vocabulary, without its numbers. */
#ifndef TOOLS_MODEL_FILE_H
#define TOOLS_MODEL_FILE_H

#include "tools/common/tool.h"

struct model_file {
	bool is_config;                /* nothing but a configuration: open_clip's JSON */
	struct buf config, vocabulary; /* JSON; merges, or empty */
};

/* Of a checkpoint, of a configuration's file, or, where no such file exists, of a published name ("ViT-B-32").  The caller frees with model_file_free, also after an error. */
int model_file_read(struct model_file *file, const char *path, struct err *err);
void model_file_free(struct model_file *file);

/* *is_config: it is a configuration's file or a published name, not a checkpoint or the index of one. */
int model_file_is_config(const char *path, bool *is_config, struct err *err);

/* Appends the configuration that an option names: a file, or a published name where no such file exists.  The error lists the names. */
int model_config_option(struct tool *tool, const char *option, const char *path, struct buf *config);

#endif
