/* What a folder stands for: CIFAR-10 batches or tars that lie in it, or else itself, a folder of files. */
#ifndef SHARD_SOURCE_FOLDER_H
#define SHARD_SOURCE_FOLDER_H

#include "core/err.h"

#include <stdbool.h>

/* Gives the path of every batch, or every tar, in their names' order: 1; 0: the folder stands for itself; -1.
 * Errors: Python's form of CIFAR-10, tars beside images and folders, and unless subset is all that is wanted, a crawl by img2dataset
 * that lacks a shard or is not done with one. */
int source_folder_parts(const char *folder, bool subset, int (*take)(void *context, const char *path, struct err *err), void *context,
	struct err *err);

#endif
