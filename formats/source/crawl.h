/* What img2dataset leaves beside each shard NNNNN.tar, or folder NNNNN of files (its default), when it is done with it: NNNNN_stats.json,
 * with how many links there were, how many images it stored, and why it did not store the others. */
#ifndef SOURCE_CRAWL_H
#define SOURCE_CRAWL_H

#include "core/err.h"
#include "core/value.h"
#include "core/map.h"

struct crawl_stats {
	uint64_t links, stored, not_downloaded, not_resized;
	struct value reasons; /* {reason: n}, the images that were stored among them as "success" */
};

/* Of the shard NNNNN.tar or NNNNN: 1; 0: nothing lies beside it; -1. */
int crawl_stats_read(const char *shard, struct crawl_stats *stats, struct arena *arena, struct err *err);

/* Is the last part of the path a number, as that of a shard that is a folder? */
bool crawl_is_folder(const char *path);

/* What a folder of these names holds, by its names. */
enum crawl_form {
	CRAWL_NONE,
	CRAWL_TARS,
	CRAWL_FOLDERS,
	CRAWL_PARQUET,
	CRAWL_TFRECORD,
	CRAWL_LOST /* stats of shards that are not there */
};
enum crawl_form crawl_form_of(const char *const *names, size_t count);

/* The names in a folder, sorted bytewise (folders: its shards are folders): has each shard its stats, and each stats its shard, where one of them has?  Else one is unfinished or lost. */
int crawl_check_folder(const char *folder, const char *const *names, size_t count, bool folders, struct err *err);

/* The statistics of several shards, added up. */
struct crawl_sum {
	uint64_t shards; /* that had their stats */
	struct crawl_stats stats; /* the sums; reasons in the arena */
	struct map names; /* of the reasons, numbered as there */
	struct arena arena;
};

/* Adds what lies beside the shard, if anything does. */
int crawl_sum_add(struct crawl_sum *sum, const char *tar, struct err *err);

/* {"shards", "links", "stored", "not_downloaded", "not_resized", "reasons": {reason: n}}, borrowed from the sum. */
struct value crawl_sum_value(const struct crawl_sum *sum, struct arena *arena);

/* The same as lines of text, the most frequent reasons alone. */
void crawl_sum_print(const struct crawl_sum *sum, struct buf *out);
void crawl_sum_free(struct crawl_sum *sum);

#endif
