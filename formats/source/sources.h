/* The sources that arguments name: tars, lists of tars, folders, tables, CIFAR-10 batches, commands, standard input. */
#ifndef SOURCE_SOURCES_H
#define SOURCE_SOURCES_H

#include "formats/source/source_names.h"
#include "formats/source/shard_list.h"
#include "formats/source/table_columns.h"

#include <stdbool.h>
#include <stdint.h>

/* The command if the path of a source is "pipe:COMMAND", or NULL.  Only sources_add creates such paths, from arguments that name no
 * file; the path of a file with such a name begins with "./". */
const char *source_command(const char *path);

/* Options of every verb that reads sources; MEMBER is a bool. */
#define SOURCES_ALLOW_PIPE(TYPE, MEMBER)                                                                                                   \
	{ "allow-pipe", OPTION_FLAG, offsetof(TYPE, MEMBER), NULL,                                                                         \
		"run commands (pipe:COMMAND) that are listed in an @FILE; use it only for lists you trust" }

#define SOURCES_PER_IMAGE(TYPE, MEMBER)                                                                                                    \
	{ "per-image", OPTION_FLAG, offsetof(TYPE, MEMBER), NULL,                                                                          \
		"treat each image in a folder or tar as a record of its own; dots in its name become _ in the key" }

enum source_kind {
	SOURCE_TAR,    /* plain or compressed */
	SOURCE_FOLDER, /* a folder of files */
	SOURCE_BATCH,  /* a CIFAR-10 batch */
	SOURCE_TABLE,  /* CSV, TSV or JSON lines */
};

struct source {
	const char *path; /* "-": standard input; "pipe:COMMAND" */
	enum source_kind kind;
	bool rereadable;  /* can be read more than once */
	bool rereadable_cheaply; /* the same, and without running a command again */
	bool by_image;    /* every image is a record: see sample_name_by_image */
	uint64_t size;    /* bytes of a regular file, else 0 */
	double weight;    /* times its records occur in an epoch */
	size_t number;    /* index among the sources as named */
	unsigned name_parts; /* trailing parts of its path that form its name in a key prefix; 0: one */
	size_t weight_group; /* sources that share one *WEIGHT argument; 0: without weight */
	uint64_t declared;   /* number of samples according to declared_by */
	const char *declared_by; /* a list of shards or a file next to the source; NULL: none */
	uint64_t records; /* number of records, once a survey has counted them */
	const char *prefix; /* of the keys of a table; NULL: none */
	const char *image_folder; /* the image folder that a table describes (metadata.csv); NULL: none */
	unsigned pass;    /* from 0 */
	double share;     /* of its records that take part in this pass, 0..1 */
};

struct sources {
	struct source *items;
	size_t count, capacity;
	size_t weight_groups; /* highest weight_group */
	const struct table_options *tables; /* how tables are read; NULL: defaults */
	bool subset;        /* accept an incomplete crawl */
	bool by_image;      /* in folders and tars every image is a record */
	bool allow_pipe;    /* lines of @FILE may run commands */
	struct side_counts sides;
	struct names lists; /* the @FILEs and JSON lists that were read */
	struct arena arena;
};

/* Appends the sources that an argument names.  An existing file or folder is taken by its name; otherwise the argument may be a pattern
 * with braces, an @FILE with one source per line, or any of these followed by *WEIGHT.  A folder of CIFAR-10 batches or tars stands for
 * those, a JSON list for the shards it lists.  Commands run only if they are the argument itself or, with allow_pipe, a line of an
 * @FILE; never from an index, a folder, a table or a pattern.
 * Errors: no such file, an invalid weight, a list or crawl with a missing shard. */
int sources_add(struct sources *sources, const char *argument, struct err *err);

/* If table options are given and no source has a table's name, treats all sources as tables except folders and names that end in .tar:
 * standard input, the output of a command, a text file. */
void sources_take_tables(struct sources *sources);

/* Keeps the sources whose index modulo `parts` is `part`. */
void sources_split(struct sources *sources, uint64_t part, uint64_t parts);

enum { SOURCES_WEIGHT_MOST = 1000 };

/* Replaces the list of sources by the passes that their weights require: first every source once, then those with a weight above 1 a
 * second time, and so on.  The last pass over a source may cover only a share of its records.
 * -1: a source that can be read only once has a weight above 1, or there are too many passes. */
int sources_apply_weights(struct sources *sources, struct err *err);

/* The weights as words for the provenance, "*0.5", "*2": one for each run of sources with equal weights, none if all are 1.
 * -1: out of memory. */
int sources_weight_words(struct value *words, const struct sources *sources, struct arena *arena);

/* For tools that do not support weights.  -1: a weight is not 1. */
int sources_refuse_weights(const struct sources *sources, struct err *err);
void sources_free(struct sources *sources);

#endif
