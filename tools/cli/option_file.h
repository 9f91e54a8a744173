/* Small files that options name: templates, classes, keys.  (io_read_file of formats/stream/io reads one.) */
#ifndef CLI_OPTION_FILE_H
#define CLI_OPTION_FILE_H

#include "tools/cli/tool.h"
#include "text/template.h"

/* "xxh3:" and the digest of these bytes. */
enum { INPUT_DIGEST_TEXT = sizeof "xxh3:00000000000000000000000000000000" };
void input_digest_text(struct span content, char text[INPUT_DIGEST_TEXT]);

/* The file that the option names, at most as large as a record may be.  The header's prog shows its digest, not its
 * path: what changes the records is what it holds. */
int tool_option_file(struct tool *tool, const char *option, const char *path, struct buf *content);

/* The same for a text of one item a line, `expected`: "a list of classes".  A web page or a Git LFS pointer would make names, too: it is
 * an error. */
int tool_option_list(struct tool *tool, const char *option, const char *path, const char *expected, struct buf *content);

/* The header's prog shows the digest of these bytes in place of the option's argument. */
int option_file_show(struct tool *tool, const char *option, struct span content);

/* The caption templates of an option, of data and of models, and whether they agree. */

/* Reads the file that --templates names; 'default' is CLIP's 80.  text holds the sentences. */
int tool_option_templates(struct tool *tool, const char *value, struct buf *text, struct templates *templates);

/* Warns where both are known and differ: "WHAT 10 templates (..), OTHER CLIP's 80 templates: HINT". */
void tool_compare_templates(struct tool *tool, const char *what, const struct templates *ours, const char *other,
	const struct templates *theirs, const char *hint);

/* The file of --vocab in each published form: merges, also packed by gzip; merges.txt and vocab.json; tokenizer.json. */

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
