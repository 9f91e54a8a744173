/* A picture or page whose name says that it is another kind of file. */
#ifndef VIEW_ENDING_H
#define VIEW_ENDING_H

#include "tools/cli/tool.h"

/* -1: -o's FILE ends as a picture, page or table of another kind does than ".svg", which is what it will be. */
int check_ending(struct tool *tool, const char *ending);

#endif
