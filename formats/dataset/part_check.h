/* Are all parts of a split here?  What cc-shard read --split I/N began is a set of shards of its own, whole in itself; that a whole set
 * was lost only the others can tell: their headers say of how many they are one.  Fed the heads of all shards, it remembers one split
 * at a time.  Where names have I-of-N in them, as in part-00000-of-00003.tar, a part that is neither read nor there is lost; one that
 * is there and is not read was left out on purpose.  Where they have not, one part alone was chosen, and of several none may be missing. */
#ifndef DATASET_PART_CHECK_H
#define DATASET_PART_CHECK_H

#include "formats/tar/shard_info.h"

struct part_check {
	uint64_t parts;       /* of the split at hand; 0: there is none */
	uint64_t part, seen;  /* the last one, and how many there were */
	uint64_t header;      /* hash of what the heads of all parts have in common */
	unsigned char *which; /* a bit each */
	char *path;           /* of the last one's first shard */
};

/* A shard begins; head NULL: it is none of ours. */
int part_check_head(struct part_check *check, const char *path, const struct shard_head *head, struct err *err);

/* There are no more. */
int part_check_finish(struct part_check *check, struct err *err);

/* All parts of a split were fed.  Nothing of the split need be told then, and what one of them says of itself becomes what they are
 * together.  false: it cannot, for its --skip or --take counted within a part. */
bool part_check_is_whole(const struct part_check *check);
bool part_check_join(struct value *header, struct arena *arena);
void part_check_free(struct part_check *check);

#endif
