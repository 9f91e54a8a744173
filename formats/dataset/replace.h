/* May a shard take the place of what is there under its name?  Of an earlier shard of ours, yes.  Not of a file that is no tar, nor of
 * a tar that others wrote, nor of a shard that the stream at hand was made from: it may still be read. */
#ifndef DATASET_REPLACE_H
#define DATASET_REPLACE_H

#include "core/err.h"
#include "core/value.h"

/* header: of the stream, with this program's own entry.  0: nothing is there, or what may go.  1: the same, and something is there.
 * -1: err says what is there. */
int replace_check(const char *path, const struct value *header, struct err *err);

#endif
