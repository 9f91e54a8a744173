/* Checks that sets of shards by cc-shard write, and the parts of a split, are complete. */
#ifndef DATASET_SET_CHECK_H
#define DATASET_SET_CHECK_H

#include "formats/tar/shard.h"

/* Is a set of shards complete?  Call set_check_head and set_check_end for every shard in ascending order; only one set is remembered at a
 * time.  A shard that was not read and does not exist is missing; one that exists was left out on purpose.  A shard of another run is
 * stale: its header differs, or the totals of the shards differ from those in __end__. */
struct set_check {
	bool heads_only;       /* only the beginnings of shards are seen, not their ends */
	bool open;             /* a set is being checked */
	bool part;             /* some of its shards were left out on purpose */
	bool ended;            /* __end__ was seen */
	bool counted;          /* all heads so far had totals */
	char *path;            /* of the last shard */
	uint64_t shard;        /* its number */
	uint64_t header;       /* hash of what all heads of the set have in common */
	uint64_t records;
	struct digest digest;
	uint64_t shards_read, shards_unread; /* over all sets: shards that were read, and existing ones that were not */
	char *first_unread;     /* path of the first of the latter */
};

/* A shard begins.  head NULL: cc-shard write did not make it. */
int set_check_head(struct set_check *check, const char *path, const struct shard_head *head, struct err *err);

/* The shard was read to its end.  end NULL: it has no __end__. */
int set_check_end(struct set_check *check, const struct shard_end *end, struct err *err);

/* There are no more shards. */
int set_check_finish(struct set_check *check, struct err *err);
void set_check_free(struct set_check *check);

/* The path of another shard of the same set: replaces the number `shard` in the last part of the path by `other`.  The caller frees it.
 * NULL: the number does not occur. */
char *set_path(const char *path, uint64_t shard, uint64_t other);

/* Are all parts of a split present?  `cc-shard read --split I/N` makes each part a set of its own, and the headers of its shards say which
 * part it is.  One part alone was chosen on purpose; of several parts none may be missing, and a part of another run in the same folder
 * is stale.  Call part_check_head for every shard; only one split is remembered at a time. */
struct part_check {
	uint64_t parts;       /* number of parts of the current split; 0: none */
	uint64_t part, seen;  /* the last part, and how many different ones were seen */
	uint64_t header;      /* hash of what the headers of all parts have in common */
	unsigned char *which; /* a bit for each part: seen */
	char *path;           /* first shard of the last part */
};

/* A shard begins.  head NULL: cc-shard write did not make it. */
int part_check_head(struct part_check *check, const char *path, const struct shard_head *head, struct err *err);

/* There are no more shards. */
int part_check_finish(struct part_check *check, struct err *err);

/* Were all parts of the current split seen? */
bool part_check_is_whole(const struct part_check *check);

/* Makes the header of one part that of all parts together, without the split.  False: not possible, because --skip or --take counted
 * within a part. */
bool part_check_join(struct value *header, struct arena *arena);
void part_check_free(struct part_check *check);

#endif
