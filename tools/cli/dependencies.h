/* What was read to make a file, as a rule for make: -MF FILE, as of the compilers. */
#ifndef CLI_DEPENDENCIES_H
#define CLI_DEPENDENCIES_H

#include "core/buf.h"
#include "tools/cli/options.h"

struct tool;

/* Notes that the path was read; what options and arguments name is noted by itself (.input in the options' tables, .files of
 * the tool).  Standard input, pipe: commands and what is not there are left out. */
int dependencies_add(struct tool *tool, const char *path);

/* Writes -MF, where it was given.  Comes before the target gets its name: then no target is without its rule. */
int dependencies_write(struct tool *tool);

/* Are -MF and -MT given as they belong together? */
int dependencies_check(struct tool *tool);

/* The path of an argument "FILE" or "NAME=FILE", and its name: without NAME, the file's own up to its first dot.  Both are parts
 * of the argument.  "A=B" is a file if that file exists. */
const char *named_file(const char *argument, struct span *name);

#endif
