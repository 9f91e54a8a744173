/* The verbs of cc-shard, and the input of those that only inspect samples. */
#ifndef SHARD_VERBS_H
#define SHARD_VERBS_H

#include "tools/cli/tool.h"
#include "formats/dataset/reader.h"

int shard_read(int argc, char **argv);
int shard_write(int argc, char **argv);
int shard_stat(int argc, char **argv);
int shard_verify(int argc, char **argv);
int shard_keys(int argc, char **argv);
int shard_digest(int argc, char **argv);
int shard_index(int argc, char **argv);

/* The sources given as arguments, or without any the records on standard input. */
struct shard_samples {
	struct tool *tool;
	bool stream;          /* records on standard input */
	struct reader reader; /* of the sources; settings may be changed before the first sample is read */
};

/* Adds the sources, and the lists that named them, to the dependencies for -MF. */
int note_sources(struct tool *tool, const struct sources *sources);

/* All arguments of the tool are sources.  subset: see struct reader. */
int shard_samples_open(struct shard_samples *samples, struct tool *tool, bool subset);

/* The next usable record: 1, 0 at the end, -1.  Reads only the first epoch of a stream. */
int shard_samples_next(struct shard_samples *samples, struct record *record);

/* Digest of the record just read. */
int shard_samples_digest(const struct shard_samples *samples, const struct record *record, struct digest *digest, struct err *err);
void shard_samples_free(struct shard_samples *samples);

#endif
