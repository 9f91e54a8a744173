/* What can be known of the sources before their records are read. */
#ifndef DATASET_SURVEY_H
#define DATASET_SURVEY_H

#include "text/template.h"
#include "formats/dataset/classes.h"
#include "formats/dataset/index.h"
#include "formats/dataset/reader.h"

struct survey {
	bool counted;       /* records is what all sources hold */
	uint64_t records;
	bool summed;        /* sum is what all shards say of their records: they are all ours */
	struct digest sum;
	bool rereadable_cheaply, rereadable; /* see struct source: all of them */
	bool seekable;      /* all can be read in any order */
	uint64_t bytes;     /* of the files */
	const char *not_seekable; /* the first path that is not */
	const struct templates *given; /* what captions are made from where records have none */
	struct survey_style {
		const char *path;
		bool named;             /* its head names them */
		struct value templates; /* NULL: it has none */
	} style,
		other; /* which templates the captions of the first source were made with, and of the first that differs (path NULL: none) */
	struct value header; /* of the first set of ours: what the stream's header begins with; a map */
	struct value progs; /* those of further sets */
	bool lists; /* the first row of a table has several captions */
	bool cifar; /* all are CIFAR-10 rows */
};

/* given: of --templates; its count 0: there are none.
 * Opens every source that can be opened twice, and the first in any case, and looks at its first member.
 * Values live in the arena.  Errors: a shard that is lost or stale as far as heads tell, sets with different classes. */
int survey(struct survey *survey, struct reader *reader, const struct templates *given, struct arena *arena, struct err *err);

/* Goes through all names: counts records, collects the folders' names as classes (NULL: not) and the places of samples (NULL: not). */
int survey_names(struct survey *survey, struct reader *reader, struct classes *classes, struct index *index, struct err *err);

#endif
