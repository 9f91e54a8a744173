/* The file of --vocab in each published form: merges, also packed by gzip; merges.txt and vocab.json; tokenizer.json. */
#ifndef TOOLS_VOCABULARY_FILE_H
#define TOOLS_VOCABULARY_FILE_H

#include "tools/common/tool.h"

#define VOCABULARY_FORMS "bpe_simple_vocab_16e6.txt or .txt.gz, merges.txt, vocab.json (with merges.txt beside it) or tokenizer.json"

/* Appends the merges.  merges.txt and vocab.json are checked against each other where they lie in one folder.  Errors name the file. */
int vocabulary_file_read(struct tool *tool, const char *path, struct buf *merges);

/* The path of a vocabulary in the folder of `path`, in the tool's arena; NULL: there is none, or out of memory. */
const char *vocabulary_file_beside(struct tool *tool, const char *path);

/* NAME in the folder of `path`, in the arena; NULL: out of memory. */
const char *path_beside(struct arena *arena, const char *path, const char *name);

#endif
