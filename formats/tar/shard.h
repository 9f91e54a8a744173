/* A shard: a tar read as samples, with the members __cc__ and __end__ if cc-shard wrote it (formats/STREAM.md, section 7).
 * A CIFAR-10 batch inside a tar is read as samples, too. */
#ifndef TAR_SHARD_H
#define TAR_SHARD_H

#include "core/value.h"
#include "formats/stream/digest.h"
#include "formats/tar/cifar.h"
#include "formats/tar/sample_reader.h"
#include "formats/tar/tar.h"

#define SHARD_HEAD_NAME "__cc__"
#define SHARD_END_NAME  "__end__"

/* __cc__, the first member of each shard. */
struct shard_head {
	bool present;
	uint64_t shard;       /* number of this shard, from 0 */
	bool counted;         /* the two below are known; not if the shard was written to a pipe */
	uint64_t records;
	struct digest digest; /* sum over the records */
	struct value header;  /* of the stream: a map without counts */
};

/* __end__, the last member of the last shard. */
struct shard_end {
	bool present;
	uint64_t shards, records;
	struct digest written;
	bool has_source;
	struct digest source;    /* of the data that the set was made from, as the stream's tail had it */
	struct value bad, progs; /* as in a stream's tail */
};

/* Append the JSON text and a newline.  The head is padded with spaces to at least `size` bytes: it is written before its counts are known
 * and rewritten in place afterwards. */
int shard_head_write(struct buf *out, const struct shard_head *head, size_t size, struct err *err);
int shard_end_write(struct buf *out, const struct shard_end *end, struct err *err);

/* A hash of what the heads of a set have in common. */
int shard_head_hash(const struct shard_head *head, uint64_t *hash, struct err *err);

/* Values are allocated in the arena. */
int shard_head_read(struct shard_head *head, struct span text, const struct limits *limits, struct arena *arena, struct err *err);
int shard_end_read(struct shard_end *end, struct span text, const struct limits *limits, struct arena *arena, struct err *err);

struct shard {
	struct tar_reader tar;
	struct sample_reader samples; /* sample_read returns the records */
	struct key_set seen;
	struct shard_head head;
	struct shard_end end;   /* known after sample_read has returned SAMPLE_END */
	struct arena arena;     /* of head and end */
	struct limits limits;
	struct tar_member member;
	bool waiting;           /* the member was read ahead and not yet returned */
	bool pieces, in_rows, has_rows;
	struct cifar_rows rows; /* of a batch in the tar */
};

/* Reads the first members, so that the head is known and whether there are CIFAR rows.  fd is borrowed. */
int shard_open(struct shard *shard, int fd, const struct limits *limits, struct err *err);

/* A reader of samples at known places (samples.offset and samples.end of an earlier pass): shard_piece, then one sample_read. */
int shard_open_pieces(struct shard *shard, const struct limits *limits, struct err *err);
void shard_piece(struct shard *shard, int fd, uint64_t offset, uint64_t end);
void shard_close(struct shard *shard);

#endif
