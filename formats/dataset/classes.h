/* Class names and their numbers. */
#ifndef DATASET_CLASSES_H
#define DATASET_CLASSES_H

#include "core/value.h"
#include "formats/dataset/class_names.h"
#include "formats/stream/key_set.h"
#include "formats/source/braces.h"

struct classes {
	struct names names;     /* the number is the place */
	struct key_set numbers; /* by the name's hash: the first of that name */
	struct key_set seconds; /* and the second, where two have one name */
	struct names shown;     /* [names.count]: how they are called in captions; empty: as their names */
	struct arena arena;
	struct buf scratch;
};

/* Adds a name, unless it is there. */
int classes_add(struct classes *classes, struct span name, struct err *err);

/* One name a line; blank lines do not count.  A name may come twice.  Error: there is none. */
int classes_parse(struct classes *classes, struct span text, struct err *err);

/* The array in a stream's header.  -1: it is no array of strings. */
int classes_from_value(struct classes *classes, const struct value *list, struct err *err);

/* Numbers the names in bytewise order. */
int classes_sort(struct classes *classes, struct err *err);

/* Of how many classes this is the name: none, one, or two and more; then their first numbers. */
size_t classes_find(const struct classes *classes, struct span name, uint64_t number[2]);

/* How the class is called in captions and in the header. */
const char *classes_shown(const struct classes *classes, size_t number);

/* Gives all their other names.  An error names the class that has none. */
int classes_show(struct classes *classes, const struct class_names *names, struct err *err);

/* The header's array.  It borrows the names. */
struct value classes_value(const struct classes *classes, struct arena *arena);
void classes_free(struct classes *classes);

/* The folder a key lies in: "train/cat/0001" gives "cat".  Empty: none. */
struct span class_of_key(struct span key);

#endif
