/* What a folder stands for: CIFAR-10 batches, tars or img2dataset's folders of files that lie in it, the tars of the only folder below it that
 * holds some, or else itself, a folder of files. */
#ifndef SOURCE_SOURCE_FOLDER_H
#define SOURCE_SOURCE_FOLDER_H

#include "core/err.h"

#include <stdbool.h>

typedef int source_part(void *context, const char *path, struct err *err);

/* Gives the path of every batch, tar or shard of a crawl, in their names' order: 1; 0: the folder stands for itself; -1.
 * Errors: Python's form of CIFAR-10, tars beside images and folders, tars in several folders below, nothing but files of other formats,
 * and unless subset is all that is wanted, a crawl by img2dataset that lacks a shard or is not done with one. */
int source_folder_parts(const char *folder, bool subset, source_part *take, void *context, struct err *err);

#endif
