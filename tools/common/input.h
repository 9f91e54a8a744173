/* Small files that options name: templates, classes, keys. */
#ifndef TOOLS_INPUT_H
#define TOOLS_INPUT_H

#include "tools/common/tool.h"

/* Appends the whole file; more than `most` bytes are an error. */
int input_read_file(const char *path, size_t most, struct buf *content, struct err *err);

/* "xxh3:" and the digest of these bytes. */
enum { INPUT_DIGEST_TEXT = sizeof "xxh3:00000000000000000000000000000000" };
void input_digest_text(struct span content, char text[INPUT_DIGEST_TEXT]);

/* The file that the option names, at most as large as a record may be.  The header's prog shows its digest, not its
 * path: what changes the records is what it holds. */
int tool_option_file(struct tool *tool, const char *option, const char *path, struct buf *content);

#endif
