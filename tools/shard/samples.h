/* What a verb that only looks goes through: the sources among its arguments, or without any the records on standard input. */
#ifndef SHARD_SAMPLES_H
#define SHARD_SAMPLES_H

#include "tools/common/tool.h"
#include "tools/shard/reader.h"

struct samples {
	struct tool *tool;
	bool stream;          /* records on standard input */
	struct reader reader; /* of sources; its settings may be changed between open and the first sample */
};

/* Takes all of the tool's arguments as sources.  subset: see struct reader. */
int samples_open(struct samples *samples, struct tool *tool, bool subset);

/* The next usable record: 1, 0 at the end, -1.  Of a stream only the first epoch. */
int samples_next(struct samples *samples, struct record *record);

/* Its digest. */
int samples_digest(const struct samples *samples, const struct record *record, struct digest *digest, struct err *err);
void samples_free(struct samples *samples);

#endif
