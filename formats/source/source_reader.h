/* One source, open: its samples in order. */
#ifndef SOURCE_SOURCE_READER_H
#define SOURCE_SOURCE_READER_H

#include "formats/tar/shard.h"
#include "formats/tar/cifar.h"
#include "formats/source/command.h"
#include "formats/source/folder.h"
#include "formats/source/sources.h"
#include "formats/source/table_source.h"

struct source_reader {
	const struct source *source; /* NULL: closed */
	int fd;        /* -1: none */
	struct command command;      /* that fd is the output of */
	struct sample_reader *samples; /* of whatever it is */
	struct shard shard;
	struct folder folder;
	struct batch batch;
	struct table_source table;
	struct sample_reader plain;  /* of the latter three */
	struct key_set seen;         /* of a folder's keys */
};

/* names: see struct folder; NULL is fine.  tables: see struct sources.  Standard input is not closed in the end.  Errors begin with the path. */
int source_open(struct source_reader *reader, const struct source *source, const struct limits *limits, const struct table_options *tables,
	struct buf *names, struct err *err);
void source_close(struct source_reader *reader);

/* It was read to its end: a command must have succeeded. */
int source_finish(struct source_reader *reader, struct err *err);

/* Puts the path before the error, and behind it that a command failed.  Returns -1. */
int source_failed(struct source_reader *reader, struct err *err);

/* What a shard says of itself; NULL where the source is none of ours. */
const struct shard_head *source_head(const struct source_reader *reader);
const struct shard_end *source_end(const struct source_reader *reader);

/* Can its samples be read in any order? */
bool source_seekable(const struct source_reader *reader);

/* Are its samples CIFAR-10 rows, whose classes are known? */
bool source_is_cifar(const struct source_reader *reader);

#endif
