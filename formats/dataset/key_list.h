/* A file of keys, one a line. */
#ifndef DATASET_KEY_LIST_H
#define DATASET_KEY_LIST_H

#include "core/err.h"
#include "core/map.h"

#include <stdbool.h>

/* Adds the lines of a text in the normal form of names; they are copied.  -1: there is none. */
int key_list_take(struct map *keys, struct span text, struct err *err);

/* Is the key, in its normal form, among them? */
bool key_list_has(const struct map *keys, struct span key);

#endif
