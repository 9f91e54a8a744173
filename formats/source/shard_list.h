/* JSON files that list shards and their numbers of samples: a wids index (version 1), and sizes.json as webdataset and open_clip use it.
 *	{"wids_version": 1, "shardlist": [{"url": "a.tar", "nsamples": 7, "filesize": 10240}], "datasets": [{"shardlist": [..]}]}
 *	{"a.tar": 7} */
#ifndef SOURCE_SHARD_LIST_H
#define SOURCE_SHARD_LIST_H

#include "core/err.h"
#include "core/value.h"

struct listed_shard {
	const char *path; /* a relative path is made relative to the list's folder */
	uint64_t records;
	bool sized;       /* `bytes` is known */
	uint64_t bytes;
};

/* Does the name end in .json? */
bool shard_list_is(const char *path);

/* Calls `take` for every shard.  Errors name the file and the entry: not a list, an empty list, a path that is not a local file. */
int shard_list_read(
	const char *path, int (*take)(void *context, const struct listed_shard *shard, struct err *err), void *context, struct err *err);

/* Reads sizes.json as a map.  1: read; 0: no such file; -1: error. */
int shard_sizes_read(const char *path, struct value *sizes, struct arena *arena, struct err *err);

/* Numbers of samples of tars that cc-shard did not write, from files next to them: sizes.json (webdataset, open_clip) or NNNNN_stats.json
 * (img2dataset). */
struct side_counts {
	char *folder;        /* whose sizes.json was read last; NULL: none */
	struct value sizes;  /* its content */
	struct arena arena;
};

/* *declared_by: the path of that file, in the caller's arena; NULL: there is no such file, and *records is not set. */
int side_count_find(
	struct side_counts *sides, const char *tar, uint64_t *records, const char **declared_by, struct arena *arena, struct err *err);
void side_counts_free(struct side_counts *sides);

#endif
