/* How many samples a tar of others has, as a file beside it says: sizes.json (webdataset, open_clip), or img2dataset's NNNNN_stats.json. */
#ifndef SOURCE_SIDE_COUNT_H
#define SOURCE_SIDE_COUNT_H

#include "core/err.h"
#include "core/value.h"

struct side_counts {
	char *folder;        /* whose sizes.json is at hand; NULL: none was looked for */
	struct value sizes;  /* of it */
	struct arena arena;  /* of the two, and of a shard's stats */
};

/* *told_by: the file's path, in the caller's arena, or NULL where nothing says it. */
int side_count_find(struct side_counts *sides, const char *tar, uint64_t *records, const char **told_by, struct arena *arena, struct err *err);
void side_counts_free(struct side_counts *sides);

#endif
