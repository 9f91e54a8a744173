/* Other names for what was read: --rename for fields, --key-prefix for keys; and keys of their own for further passes over a source. */
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
	const char *prefix; /* of keys; {} in it is the source's name.  NULL: none */
	size_t longest;     /* bytes of a text */
	struct buf scratch;
};

/* "caption.txt=txt,jpeg=jpg"; NULL: nothing. */
int naming_parse(struct naming *naming, const char *text, struct err *err);

/* -1: no key could begin so. */
int naming_prefix(struct naming *naming, const char *prefix, struct err *err);

/* Where sources in different folders have one name, {} becomes as much of their paths as tells them apart. */
int naming_tell_apart(struct sources *sources, struct err *err);

/* Does it change anything of the source's records? */
bool naming_changes(const struct naming *naming, const struct source *source);

/* What the field, which is there, will be called. */
struct span naming_field(struct naming *naming, struct span field);

/* The prefix before the key, @2 behind it in the second pass over its source; then, unless only the key matters, the fields' names:
 * their contents become what a file of the new name would hold. */
enum naming_result { NAMING_SAME, NAMING_CHANGED, NAMING_BAD /* the record cannot be used: err says why */ };
int naming_apply(struct naming *naming, const struct source *source, struct record *record, bool only_key, struct err *err);

/* The first name that no field had; empty: none. */
struct span naming_unused(const struct naming *naming);
void naming_free(struct naming *naming);

#endif
