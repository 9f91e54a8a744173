/* Writes a set of shards: starts a new one when the current one is full, writes a head into each and the totals at the end of the last.
 * A shard appears under its name only when it is complete. */
#ifndef DATASET_SET_WRITER_H
#define DATASET_SET_WRITER_H

#include "core/record.h"
#include "formats/stream/key_set.h"
#include "formats/tar/shard.h"
#include "formats/tar/tar.h"
#include "formats/stream/output.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

/* A name with the number of the shard: "train-%04d.tar".  It is parsed here and never passed to printf. */
struct pattern {
	struct span before, after; /* the number; borrowed from the text, with %% not yet replaced */
	int width;                 /* of the number, with leading zeros */
	bool numbered;             /* false: a single shard */
};

/* Accepts at most one %d or %0Nd, and any number of %%. */
int pattern_parse(struct pattern *pattern, const char *text, struct err *err);

/* Appends the name, and a NUL that the size does not count. */
void pattern_name(const struct pattern *pattern, uint64_t number, struct buf *name);

struct set_writer {
	struct pattern pattern; /* "-": standard output */
	uint64_t max_bytes, max_count; /* of a shard, if the pattern has a number; 0: no limit */
	struct value header;    /* of the stream */
	bool dry;               /* write nothing, but fill `plan` */
	struct buf plan;        /* a line for each shard that would be written */

	bool open;
	bool replaces;          /* a file with the name of this shard exists */
	struct output output;
	struct tar_writer tar;
	struct shard_head head;
	struct shard_end end;   /* of the set; the caller fills source, bad and progs before set_finish */
	size_t head_size;
	bool seekable;
	struct key_set seen;    /* of the shard */
	struct buf name, scratch;
	struct buf after;       /* the name of the shard after the last; set by set_finish */
};

enum { SET_WRITTEN = 0, SET_REFUSED = 1 };

/* SET_REFUSED: err says why this record cannot be stored in a tar; nothing of it was written.
 * -1: a write error, a duplicate key in a shard, a file that must not be overwritten. */
int set_write(struct set_writer *writer, struct record *record, struct err *err);

/* Writes __end__ and completes the last shard.  Without records there is one empty shard. */
int set_finish(struct set_writer *writer, struct err *err);

/* Also discards a shard that is not finished. */
void set_writer_free(struct set_writer *writer);

#endif
