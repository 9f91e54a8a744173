/* A set of shards: rolls over, says in each what it is, ends the last with the sums.  Each appears whole or not at all. */
#ifndef DATASET_SET_WRITER_H
#define DATASET_SET_WRITER_H

#include "core/record.h"
#include "formats/stream/key_set.h"
#include "formats/tar/shard_info.h"
#include "formats/tar/tar_writer.h"
#include "formats/stream/output.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The name of a shard by its number: "train-%04d.tar".  Never a printf format: it is taken apart here. */
struct pattern {
	struct span before, after; /* the number; borrowed from the text, with %% still double */
	int width;                 /* of the number, with zeros in front */
	bool numbered;             /* false: one shard of that name */
};

/* At most one %d or %0Nd, and any number of %%. */
int pattern_parse(struct pattern *pattern, const char *text, struct err *err);

/* Appends the name, and a zero byte that is not counted. */
void pattern_name(const struct pattern *pattern, uint64_t number, struct buf *name);

struct set_writer {
	struct pattern pattern; /* "-": standard output */
	uint64_t max_bytes, max_count; /* of a shard; only where the pattern has a number */
	struct value header;    /* of the stream */
	bool dry;               /* nothing is written: what would be stands in `plan`, a line a shard */
	struct buf plan;

	bool open, replaces;    /* something is there under this shard's name */
	struct output output;
	struct tar_writer tar;
	struct shard_head head;
	struct shard_end end;   /* of the set; source, bad and progs are the caller's to fill before the end */
	size_t head_size;
	bool seekable;
	struct key_set seen;    /* of the shard */
	struct buf name, scratch;
	struct buf after;       /* the name that one more shard would have; filled by set_finish */
};

enum { SET_WRITTEN = 0, SET_REFUSED = 1 };

/* SET_REFUSED: err says why this record cannot be in a tar; nothing of it was written.
 * -1: the disk, a key that stands twice in a shard, a file that must not be replaced. */
int set_write(struct set_writer *writer, struct record *record, struct err *err);

/* __end__, and the last shard gets its name.  Without any record there is one shard. */
int set_finish(struct set_writer *writer, struct err *err);

/* The shard that is not finished is given up. */
void set_writer_free(struct set_writer *writer);

#endif
