/* Is a set of our shards whole?  Fed shard by shard, in ascending order; it remembers one set at a time.
 * A shard that is neither read nor there is lost; one that is there and is not read was left out on purpose.  A shard of another run
 * is stale: its header differs, or the sums of what the shards say of themselves do not meet what __end__ says. */
#ifndef DATASET_SET_CHECK_H
#define DATASET_SET_CHECK_H

#include "formats/tar/shard_info.h"

struct set_check {
	bool heads_only;       /* the shards' ends are not seen: only what their beginnings tell is judged */
	bool open;             /* there is a set at hand */
	bool part;             /* some of it was left out on purpose */
	bool ended;            /* __end__ was seen */
	bool counted;          /* all heads so far had their sums */
	char *path;            /* of the last shard */
	uint64_t shard;        /* its number */
	uint64_t header;       /* hash of what all heads of the set have in common */
	uint64_t records;
	struct digest digest;
	uint64_t named, unnamed; /* shards of all sets so far: seen, and not asked for though they are there */
	char *first_unnamed;     /* the path of one of these */
};

/* A shard begins; head NULL: it is none of ours. */
int set_check_head(struct set_check *check, const char *path, const struct shard_head *head, struct err *err);

/* That shard has been gone through; end NULL: it had no __end__. */
int set_check_end(struct set_check *check, const struct shard_end *end, struct err *err);

/* There are no more. */
int set_check_finish(struct set_check *check, struct err *err);
void set_check_free(struct set_check *check);

/* The path of another shard of the same set: the number in the path's last part that is `shard` becomes `other`.  The caller frees it.
 * NULL: no such number stands in it. */
char *set_path(const char *path, uint64_t shard, uint64_t other);

#endif
