/* What a verb that only looks goes through: the sources among its arguments, or without any the records on standard input. */
#ifndef SHARD_SAMPLES_H
#define SHARD_SAMPLES_H

#include "tools/cli/tool.h"
#include "formats/dataset/reader.h"

struct shard_samples {
	struct tool *tool;
	bool stream;          /* records on standard input */
	struct reader reader; /* of sources; its settings may be changed between open and the first sample */
};

/* Notes for -MF the sources, and the lists that named them. */
int note_sources(struct tool *tool, const struct sources *sources);

/* Takes all of the tool's arguments as sources.  subset: see struct reader. */
int shard_samples_open(struct shard_samples *samples, struct tool *tool, bool subset);

/* The next usable record: 1, 0 at the end, -1.  Of a stream only the first epoch. */
int shard_samples_next(struct shard_samples *samples, struct record *record);

/* Its digest. */
int shard_samples_digest(const struct shard_samples *samples, const struct record *record, struct digest *digest, struct err *err);
void shard_samples_free(struct shard_samples *samples);

#endif
