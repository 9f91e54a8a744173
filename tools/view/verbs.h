/* The verbs of cc-view.  Each is a main() of its own; argv[0] is the verb. */
#ifndef VIEW_VERBS_H
#define VIEW_VERBS_H

#include "tools/cli/tool.h"

int view_sheet(int argc, char **argv);
int view_report(int argc, char **argv);
int view_tsne(int argc, char **argv);

/* Does the name of -o end with this suffix, or a longer one (.htm: .html, too)?  Case is ignored. */
bool output_ends_with(const struct tool *tool, const char *suffix);

/* extensions: of the files that the verb writes, ended by NULL.  -1: -o FILE has the extension of another kind of file. */
int check_extension(struct tool *tool, const char *const *extensions);

#endif
