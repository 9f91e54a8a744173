/* What cc-view can do besides JSON lines.  Each is a main of its own; argv[0] is the verb. */
#ifndef VIEW_VERBS_H
#define VIEW_VERBS_H

#include "tools/cli/tool.h"

int view_sheet(int argc, char **argv);
int view_report(int argc, char **argv);
int view_tsne(int argc, char **argv);

/* ending: of what the verb writes, as ".svg".  -1: the name of -o's FILE has the ending of another kind of picture, page or table. */
int check_ending(struct tool *tool, const char *ending);

#endif
