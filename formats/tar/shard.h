/* One shard: a tar read as samples, with what it says of itself where it is one of ours; or a CIFAR-10 batch. */
#ifndef TAR_SHARD_H
#define TAR_SHARD_H

#include "formats/tar/cifar.h"
#include "formats/tar/sample_reader.h"
#include "formats/tar/shard_info.h"
#include "formats/tar/tar.h"

struct shard {
	struct tar_reader tar;
	struct sample_reader samples; /* sample_read gives the records */
	struct key_set seen;
	struct shard_head head;
	struct shard_end end;   /* known once sample_read has returned SAMPLE_END */
	struct arena arena;     /* of the two */
	struct limits limits;
	struct tar_member member;
	bool waiting;           /* the member was looked at, and not yet handed out */
	bool pieces, in_rows, has_rows;
	struct cifar_rows rows; /* of a batch within the tar */
};

/* Looks at the first members, so that head is known, and whether there are CIFAR rows.  fd is borrowed. */
int shard_open(struct shard *shard, int fd, const struct limits *limits, struct err *err);

/* A reader of samples at places that an earlier pass found (samples.offset, samples.end): shard_piece, then one sample_read. */
int shard_open_pieces(struct shard *shard, const struct limits *limits, struct err *err);
void shard_piece(struct shard *shard, int fd, uint64_t offset, uint64_t end);
void shard_close(struct shard *shard);

#endif
