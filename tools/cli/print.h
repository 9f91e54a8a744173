/* Text as a result: to -o FILE, which appears whole or not at all, or to standard output. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "tools/cli/tool.h"

/* On a terminal what could steer it is escaped (text/printable.h), line feeds and tabs excepted.  text is whole characters.
 * May be called again and again; tool_finish gives the file its name. */
int tool_print(struct tool *tool, struct span text);

/* Opens -o FILE now and not with the first text, so that nothing but writing can fail later. */
int tool_print_ready(struct tool *tool);

#endif
