/* What a shard says of itself, as JSON text.
 * __cc__, the first member of each: the stream's header, this shard's number, its records and the sum of their digests.
 * __end__, the last member of the last: the number of shards, all records, the digest of what was read (the stream's tail had it)
 * and of what was written. */
#ifndef TAR_SHARD_INFO_H
#define TAR_SHARD_INFO_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/digest.h"
#include "formats/stream/limits.h"

struct shard_head {
	bool present;
	uint64_t shard;
	bool counted;         /* the two below are known: not where it was written to a pipe */
	uint64_t records;
	struct digest digest;
	struct value header;  /* of the stream, a map: what a reader passes on */
};

struct shard_end {
	bool present;
	uint64_t shards, records;
	struct digest written;
	bool has_source;
	struct digest source;
	struct value bad, progs; /* as in a stream's tail */
};

#define SHARD_HEAD_NAME "__cc__"
#define SHARD_END_NAME  "__end__"

/* They append the text, a newline at its end.  Of the head at least `size` bytes are made, with spaces: it is written before its
 * records are known, and once more when they are. */
int shard_head_write(struct buf *out, const struct shard_head *head, size_t size, struct err *err);
int shard_end_write(struct buf *out, const struct shard_end *end, struct err *err);

/* A hash of what all heads of a set have in common. */
int shard_head_hash(const struct shard_head *head, uint64_t *hash, struct err *err);

/* Everything lives in the arena. */
int shard_head_read(struct shard_head *head, struct span text, const struct limits *limits, struct arena *arena, struct err *err);
int shard_end_read(struct shard_end *end, struct span text, const struct limits *limits, struct arena *arena, struct err *err);

#endif
