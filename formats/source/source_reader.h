/* Reads the samples of one source in order: a tar, a folder, a table, a CIFAR-10 batch, or the output of a command. */
#ifndef SOURCE_SOURCE_READER_H
#define SOURCE_SOURCE_READER_H

#include "formats/tar/shard.h"
#include "formats/tar/cifar.h"

#include "formats/source/folder.h"
#include "formats/source/sources.h"
#include "formats/source/table_source.h"

#include <sys/types.h>

/* A running "pipe:COMMAND". */
struct command {
	pid_t pid; /* 0: none */
	int fd;    /* its standard output */
};

struct source_reader {
	const struct source *source; /* NULL: closed */
	int fd;        /* -1: none */
	struct command command;      /* whose output fd is */
	struct sample_reader *samples; /* of the shard, or `plain` */
	struct shard shard;
	struct folder folder;
	struct batch batch;
	struct table_source table;
	struct sample_reader plain;  /* reads the folder, batch or table */
	struct key_set seen;         /* keys of a folder */
};

/* names: see struct folder; may be NULL.  tables: see struct sources.  Closing does not close standard input.  Errors begin with the path. */
int source_open(struct source_reader *reader, const struct source *source, const struct limits *limits, const struct table_options *tables,
	struct buf *names, struct err *err);
void source_close(struct source_reader *reader);

/* Call at the end of the source.  -1: its command failed. */
int source_finish(struct source_reader *reader, struct err *err);

/* Adds the path to the error, and that the command failed if it did.  Returns -1. */
int source_failed(struct source_reader *reader, struct err *err);

/* The first and the last member of a shard that cc-shard write made; NULL for other sources. */
const struct shard_head *source_head(const struct source_reader *reader);
const struct shard_end *source_end(const struct source_reader *reader);

/* Can samples be read in any order? */
bool source_seekable(const struct source_reader *reader);

/* Are the samples CIFAR-10 rows, whose class names are known? */
bool source_is_cifar(const struct source_reader *reader);

#endif
