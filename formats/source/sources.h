/* What the arguments name: tars, lists of tars, folders, tables, CIFAR-10 batches, standard input. */
#ifndef SOURCE_SOURCES_H
#define SOURCE_SOURCES_H

#include "formats/source/braces.h"
#include "formats/source/shard_list.h"
#include "formats/source/table_columns.h"

#include <stdbool.h>
#include <stdint.h>

/* "pipe:COMMAND", a source's path: the command; NULL: a file or standard input.  Only sources_add makes such paths, of an argument
 * that no file is called by.  The path of a file with such a name begins with "./". */
const char *source_command(const char *path);

/* The option of every verb that has sources; MEMBER is a bool. */
#define SOURCES_ALLOW_PIPE(TYPE, MEMBER)                                                                                                   \
	{ "allow-pipe", OPTION_FLAG, offsetof(TYPE, MEMBER), NULL,                                                                         \
		"run the commands (pipe:COMMAND) in an @FILE; use it only for lists you trust" }

/* Another one; MEMBER is a bool. */
#define SOURCES_PER_IMAGE(TYPE, MEMBER)                                                                                                    \
	{ "per-image", OPTION_FLAG, offsetof(TYPE, MEMBER), NULL,                                                                          \
		"one record per image of a folder or tar, as image folders have it: dots in its name become _ in the key" }

enum source_kind {
	SOURCE_TAR,    /* plain or compressed: its bytes tell */
	SOURCE_FOLDER, /* of files */
	SOURCE_BATCH,  /* a CIFAR-10 batch */
	SOURCE_TABLE,  /* CSV, TSV or JSON lines, by its name */
};

struct source {
	const char *path; /* "-": standard input; "pipe:COMMAND" */
	enum source_kind kind;
	bool again;       /* it can be read more than once, and that costs little */
	bool repeats;     /* it can be read more than once */
	bool by_image;    /* every image is a record: see sample_name_by_image */
	uint64_t size;    /* of a file, else 0 */
	double weight;    /* how often its records come in an epoch */
	size_t number;    /* among the sources that were named */
	unsigned name_parts; /* how many parts of its path are its name in a key's prefix; 0: one */
	size_t lane;      /* sources that were given a weight together; 0: without one */
	uint64_t told;    /* how many samples it has, by what told_by says */
	const char *told_by; /* a list of shards, or a file beside it; NULL: nobody says */
	uint64_t records; /* that it will give, where a survey has counted them */
	const char *prefix; /* of a table's keys; NULL: none */
	const char *below;  /* the folder of images that a table is the metadata of; NULL: it is not */
	unsigned pass;    /* from 0: which of its passes this is */
	double share;     /* of its records that take part in this pass, 0..1 */
};

struct sources {
	struct source *items;
	size_t count, capacity, lanes; /* the highest of their numbers */
	const struct table_options *tables; /* how tables are read; NULL: as usual */
	bool subset;        /* a part of a crawl is fine */
	bool by_image;      /* of folders and tars: every image is a record */
	bool allow_pipe;    /* lines of @FILE may run commands */
	struct side_counts sides;
	struct names lists; /* the files that named some of them */
	struct arena arena;
};

/* Appends what the argument names: itself where there is such a file, else what its braces stand for, the sources that the lines of
 * @FILE name, or with *WEIGHT behind it any of these so often.  Only the argument itself, or a line of @FILE where allow_pipe is set,
 * runs a command: no index, folder, table or expanded brace does.  A folder that holds CIFAR-10 batches or tars is these, and a JSON file
 * is the shards that it lists.
 * Errors: there is no such file, a weight that is none, a list or a crawl that lacks a shard. */
int sources_add(struct sources *sources, const char *argument, struct err *err);

/* Where tables' options are given and no source is called as a table is, those that are no folder and are not called as tars are tables:
 * standard input, what a command writes, a text file. */
void sources_take_tables(struct sources *sources);

/* Keeps every source whose number modulo `parts` is `part`. */
void sources_split(struct sources *sources, uint64_t part, uint64_t parts);
void sources_free(struct sources *sources);

#endif
