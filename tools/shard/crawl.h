/* What img2dataset leaves beside each shard NNNNN.tar when it is done with it: NNNNN_stats.json, with how many links there were,
 * how many images it stored, and why it did not store the others. */
#ifndef SHARD_CRAWL_H
#define SHARD_CRAWL_H

#include "core/err.h"
#include "core/value.h"

struct crawl_stats {
	uint64_t links, stored, not_downloaded, not_resized;
	struct value reasons; /* {reason: n}, the images that were stored among them as "success" */
};

/* Of the shard NNNNN.tar: 1; 0: nothing lies beside it; -1. */
int crawl_stats_read(const char *tar, struct crawl_stats *stats, struct arena *arena, struct err *err);

/* The names in a folder, sorted bytewise: has each shard its stats, and each stats its shard, where one of them has?  Else one is unfinished or lost. */
int crawl_check_folder(const char *folder, const char *const *names, size_t count, struct err *err);

#endif
