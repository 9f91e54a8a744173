/* Small files that options name: templates, classes, keys.  (io_read_file of formats/stream/io reads one.) */
#ifndef CLI_OPTION_FILE_H
#define CLI_OPTION_FILE_H

#include "tools/cli/tool.h"

/* "xxh3:" and the digest of these bytes. */
enum { INPUT_DIGEST_TEXT = sizeof "xxh3:00000000000000000000000000000000" };
void input_digest_text(struct span content, char text[INPUT_DIGEST_TEXT]);

/* The file that the option names, at most as large as a record may be.  The header's prog shows its digest, not its
 * path: what changes the records is what it holds. */
int tool_option_file(struct tool *tool, const char *option, const char *path, struct buf *content);

/* The header's prog shows the digest of these bytes in place of the option's argument. */
int option_file_show(struct tool *tool, const char *option, struct span content);

#endif
