/* Statistics of img2dataset.  When a shard is complete (NNNNN.tar, or by default a folder NNNNN of files) it writes NNNNN_stats.json next
 * to it: the number of links, the number of images stored, and the reasons why the others were not. */
#ifndef SOURCE_CRAWL_H
#define SOURCE_CRAWL_H

#include "core/err.h"
#include "core/value.h"
#include "core/map.h"

struct crawl_stats {
	uint64_t links, stored, not_downloaded, not_resized;
	struct value reasons; /* {reason: n}; "success" counts the stored images */
};

/* Reads the statistics of the shard NNNNN.tar or NNNNN.  1: found; 0: the shard has none; -1: error.  Values live in the arena. */
int crawl_stats_read(const char *shard, struct crawl_stats *stats, struct arena *arena, struct err *err);

/* Is the last part of the path a number, like a shard folder's? */
bool crawl_is_folder(const char *path);

/* The output format of a crawl, by the names in its folder. */
enum crawl_form {
	CRAWL_NONE,
	CRAWL_TARS,
	CRAWL_FOLDERS,
	CRAWL_PARQUET,
	CRAWL_TFRECORD,
	CRAWL_LOST /* statistics without shards */
};
enum crawl_form crawl_form_of(const char *const *names, size_t count);

/* Checks that every shard has statistics and the reverse, if any shard has them; otherwise a shard is unfinished or missing.
 * names: sorted bytewise.  folders: the shards are folders. */
int crawl_check_folder(const char *folder, const char *const *names, size_t count, bool folders, struct err *err);

/* Totals over several shards. */
struct crawl_sum {
	uint64_t shards; /* with statistics */
	struct crawl_stats stats; /* totals; the reasons live in the arena */
	struct map names; /* reason to index in stats.reasons */
	struct arena arena;
};

/* Adds the statistics of a shard, if it has any. */
int crawl_sum_add(struct crawl_sum *sum, const char *tar, struct err *err);

/* {"shards", "links", "stored", "not_downloaded", "not_resized", "reasons": {reason: n}}; borrows from the sum. */
struct value crawl_sum_value(const struct crawl_sum *sum, struct arena *arena);

/* The same as lines of text, with the most frequent reasons only. */
void crawl_sum_print(const struct crawl_sum *sum, struct buf *out);
void crawl_sum_free(struct crawl_sum *sum);

#endif
