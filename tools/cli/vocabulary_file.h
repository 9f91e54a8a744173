/* The file of --vocab in each published form: merges, also packed by gzip; merges.txt and vocab.json; tokenizer.json. */
#ifndef TOOLS_VOCABULARY_FILE_H
#define TOOLS_VOCABULARY_FILE_H

#include "tools/cli/tool.h"

#define VOCABULARY_FORMS "bpe_simple_vocab_16e6.txt or .txt.gz, merges.txt, vocab.json (with merges.txt beside it) or tokenizer.json"

/* Appends the merges.  merges.txt and vocab.json are checked against each other where they lie in one folder.  Errors name the file. */
int vocabulary_file_read(struct tool *tool, const char *path, struct buf *merges);

/* The path of a vocabulary in the folder of `path`, in the tool's arena; NULL: there is none, or out of memory. */
const char *vocabulary_file_beside(struct tool *tool, const char *path);

/* Appends the configuration that an option names: a file, whose digest stands for its path in the header, or a published name. */
int model_config_option(struct tool *tool, const char *option, const char *path, struct buf *config);

/* NAME in the folder of `path`, in the arena; NULL: out of memory. */
const char *path_beside(struct arena *arena, const char *path, const char *name);

#endif
