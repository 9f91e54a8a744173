/* A file of keys, one a line. */
#ifndef TOOLS_KEY_LIST_H
#define TOOLS_KEY_LIST_H

#include "core/err.h"
#include "core/map.h"

/* Adds the lines of a text; they are copied.  -1: there is none. */
int key_list_take(struct map *keys, struct span text, struct err *err);

#endif
