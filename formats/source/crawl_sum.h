/* What img2dataset says of several shards together. */
#ifndef SOURCE_CRAWL_SUM_H
#define SOURCE_CRAWL_SUM_H

#include "core/map.h"
#include "formats/source/crawl.h"

struct crawl_sum {
	uint64_t shards; /* that had their stats */
	struct crawl_stats stats; /* the sums; reasons in the arena */
	struct map names;         /* of the reasons, numbered as there */
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
