/* What is known about the sources before their records are read: counts, header, classes, templates. */
#ifndef DATASET_SURVEY_H
#define DATASET_SURVEY_H

#include "text/template.h"
#include "formats/dataset/classes.h"
#include "formats/dataset/index.h"
#include "formats/dataset/reader.h"

struct survey {
	bool counted;       /* `records` is the total of all sources */
	uint64_t records;
	bool summed;        /* `sum` is the digest of all records; all sources are shards by cc-shard write */
	struct digest sum;
	bool rereadable_cheaply, rereadable; /* all sources are; see struct source */
	bool seekable;      /* all sources can be read in any order */
	uint64_t bytes;     /* total size of the files */
	const char *not_seekable; /* the first path that is not seekable */
	const struct templates *given; /* from --templates */
	struct survey_style {
		const char *path;
		bool recorded;             /* the head of the shard has the templates */
		struct value templates; /* VALUE_NULL: none */
	} style, other; /* templates of the captions in the first source, and in the first source that differs (path NULL: none) */
	struct value header; /* a map: the header of the first shard by cc-shard write, which the stream's header begins with */
	struct value progs;  /* of the other sets */
	bool lists;          /* the first row of a table has several captions */
	bool cifar;          /* all sources are CIFAR-10 rows */
};

/* Opens every source that can be opened twice, and the first in any case, and reads the first member.
 * given: from --templates; its count may be 0.  Values live in the arena.
 * Errors: a shard that is missing or stale as far as heads show, sets with different classes. */
int survey(struct survey *survey, struct reader *reader, const struct templates *given, struct arena *arena, struct err *err);

/* Reads all names: counts records, and collects folder names as classes and the offsets of samples, each unless NULL. */
int survey_names(struct survey *survey, struct reader *reader, struct classes *classes, struct index *index, struct err *err);

#endif
