/* Renames what was read: --rename for fields, --key-prefix for keys.  Later passes over a source get distinct keys. */
#ifndef DATASET_NAMING_H
#define DATASET_NAMING_H

#include "core/record.h"
#include "formats/source/sources.h"

enum { NAMING_MOST = 64 };

struct naming {
	struct naming_pair {
		struct span from, to;
		bool used;
	} pairs[NAMING_MOST];
	size_t count;
	const char *prefix; /* of keys; {} in it stands for the source's name.  NULL: none */
	size_t longest;     /* size limit of a text, in bytes */
	struct buf scratch;
};

/* Parses "caption.txt=txt,jpeg=jpg"; NULL: no renames. */
int naming_parse(struct naming *naming, const char *text, struct err *err);

/* -1: a key cannot begin with the prefix. */
int naming_prefix(struct naming *naming, const char *prefix, struct err *err);

/* If sources in different folders have the same name, makes {} stand for as much of their paths as distinguishes them. */
int naming_disambiguate(struct sources *sources, struct err *err);

/* Does it change records of the source? */
bool naming_changes(const struct naming *naming, const struct source *source);

/* The new name of a field, which is thereby marked as found. */
struct span naming_field(struct naming *naming, struct span field);

enum naming_result { NAMING_SAME, NAMING_CHANGED, NAMING_BAD /* the record cannot be used; err says why */ };

/* Puts the prefix before the key, and @2 after it in the second pass over its source.  Unless only_key, also renames fields and converts
 * their content to what a file of the new name would contain. */
int naming_apply(struct naming *naming, const struct source *source, struct record *record, bool only_key, struct err *err);

/* The first name to replace that no field had; empty: all occurred. */
struct span naming_unused(const struct naming *naming);
void naming_free(struct naming *naming);

#endif
