/* The sources that a folder stands for: the CIFAR-10 batches, tars or img2dataset folders in it; else the tars of the only folder below
 * it that contains tars; else the folder itself, as a folder of files. */
#ifndef SOURCE_SOURCE_FOLDER_H
#define SOURCE_SOURCE_FOLDER_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

struct dirent;

typedef int source_part(void *context, const char *path, struct err *err);

/* Calls `take` with the path of every batch, tar or img2dataset folder, in the order of their names.  1: done; 0: the folder stands for
 * itself; -1: error.
 * Errors: CIFAR-10 in Python's format, tars together with images or folders, tars in several folders below, only files of other formats,
 * and without `subset` a crawl by img2dataset with a missing or unfinished shard. */
int source_folder_parts(const char *folder, bool subset, source_part *take, void *context, struct err *err);

/* Replaces the content of `path` by FOLDER/NAME.  Returns it as a string, borrowed until the buffer changes. */
const char *path_join(struct buf *path, const char *folder, const char *name);

/* Orders scandir's entries bytewise. */
int compare_entries(const struct dirent **a, const struct dirent **b);

#endif
