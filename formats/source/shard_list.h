/* JSON files that list shards with their numbers of samples: a wids index of version 1, and sizes.json, which webdataset's and
 * open_clip's users keep beside their shards.
 *	{"wids_version": 1, "shardlist": [{"url": "a.tar", "nsamples": 7, "filesize": 10240}], "datasets": [{"shardlist": [..]}]}
 *	{"a.tar": 7} */
#ifndef SOURCE_SHARD_LIST_H
#define SOURCE_SHARD_LIST_H

#include "core/err.h"
#include "core/value.h"

struct listed_shard {
	const char *path; /* the list's folder before it, where it is relative */
	uint64_t records;
	bool sized;       /* bytes is known */
	uint64_t bytes;
};

/* Is it a list by its name, which ends in .json? */
bool shard_list_is(const char *path);

/* Gives every shard to `take`.  Errors name the file and the entry: one that is no list, lists nothing, or names what is on no disk. */
int shard_list_read(
	const char *path, int (*take)(void *context, const struct listed_shard *shard, struct err *err), void *context, struct err *err);

/* sizes.json as a map; 0: there is no such file; 1; -1. */
int shard_sizes_read(const char *path, struct value *sizes, struct arena *arena, struct err *err);

/* Number of samples of a foreign tar, from a file beside it: sizes.json (webdataset, open_clip), or img2dataset's NNNNN_stats.json. */
struct side_counts {
	char *folder;        /* whose sizes.json is at hand; NULL: none was looked for */
	struct value sizes;  /* of it */
	struct arena arena;  /* of the two, and of a shard's stats */
};

/* *told_by: the path of that file, in the caller's arena; NULL: there is no such file. */
int side_count_find(
	struct side_counts *sides, const char *tar, uint64_t *records, const char **told_by, struct arena *arena, struct err *err);
void side_counts_free(struct side_counts *sides);

#endif
