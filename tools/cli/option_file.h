/* Small files named by options: templates, classes, keys, vocabularies, configurations. */
#ifndef CLI_OPTION_FILE_H
#define CLI_OPTION_FILE_H

#include "tools/cli/tool.h"
#include "text/template.h"

/* "xxh3:" and the XXH3-128 digest of the bytes, in hexadecimal. */
enum { INPUT_DIGEST_TEXT = sizeof "xxh3:00000000000000000000000000000000" };
void input_digest_text(struct span content, char text[INPUT_DIGEST_TEXT]);

/* Reads the file, at most --max-record bytes.  prog shows its digest instead of its path, since only the content changes the records. */
int tool_option_file(struct tool *tool, const char *option, const char *path, struct buf *content);

/* The same for a text with one item per line.  expected: "a list of classes".  JSON, web pages and Git LFS pointers are refused; their lines
 * would pass as items. */
int tool_option_list(struct tool *tool, const char *option, const char *path, const char *expected, struct buf *content);

/* Makes prog show the digest of the bytes instead of the option's argument. */
int option_file_show(struct tool *tool, const char *option, struct span content);

/* Reads the file of --templates; 'default' means CLIP's 80.  The templates borrow from text. */
int tool_option_templates(struct tool *tool, const char *value, struct buf *text, struct templates *templates);

/* Warns if both are known and differ: "WHAT 10 templates (..), OTHER CLIP's 80 templates: HINT". */
void tool_compare_templates(struct tool *tool, const char *what, const struct templates *ours, const char *other,
	const struct templates *theirs, const char *hint);

#define VOCABULARY_FORMS                                                                                                                   \
	"bpe_simple_vocab_16e6.txt or .txt.gz, merges.txt, vocab.json (with merges.txt in the same folder) or tokenizer.json"

/* Appends the merges of the file of --vocab, in any of these forms.  merges.txt and vocab.json in one folder are checked against each
 * other.  Errors name the file. */
int vocabulary_file_read(struct tool *tool, const char *path, struct buf *merges);

/* Path of a vocabulary file in the folder of `path`, in the tool's arena; NULL: not found, or out of memory. */
const char *vocabulary_file_find(struct tool *tool, const char *path);

/* Appends a model configuration: a file (prog shows its digest), or that of a published name. */
int model_config_option(struct tool *tool, const char *option, const char *path, struct buf *config);

/* Path of NAME in the folder of `path`, in the arena; NULL: out of memory. */
const char *sibling_path(struct arena *arena, const char *path, const char *name);

#endif
