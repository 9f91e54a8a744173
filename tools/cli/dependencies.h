/* -MF FILE: a make rule that lists the input files of the output, as compilers write it. */
#ifndef CLI_DEPENDENCIES_H
#define CLI_DEPENDENCIES_H

#include "core/buf.h"
#include "tools/cli/options.h"

struct tool;

/* Adds a file to the rule.  Files named by options (.input) and arguments (tool_about.files) are added automatically.  Standard input,
 * pipe: commands and missing files are ignored. */
int dependencies_add(struct tool *tool, const char *path);

/* Writes the rule if -MF was given.  To be called before the output gets its name, so that no target exists without its rule. */
int dependencies_write(struct tool *tool);

/* Refuses -MT without -MF, and -MF without a target. */
int dependencies_check(struct tool *tool);

/* The path of an argument "FILE" or "NAME=FILE", and its name: without NAME, the file's own up to its first dot.  Both are parts
 * of the argument.  "A=B" is a file if that file exists. */
const char *named_file(const char *argument, struct span *name);

#endif
