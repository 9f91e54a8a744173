/* Class names and their numbers. */
#ifndef DATASET_CLASSES_H
#define DATASET_CLASSES_H

#include "core/value.h"
#include "formats/stream/key_set.h"
#include "formats/source/source_names.h"
#include "core/err.h"
#include "core/map.h"

/* A class is a number.  Two classes may have the same name, as `missile` and `sunglasses` do in ImageNet's own list. */

/* Finds the class with the name `text`, or with that number if no class has that name.  -1: no such class, or several; err lists the
 * names or the numbers. */
int class_lookup(const struct span *names, size_t count, struct span text, size_t *number, struct err *err);

/* Names of folders for captions and prompts: "n01440764" is "tench". */
struct class_names {
	struct map folders;  /* in NFC */
	struct span *names;  /* [folders.count], borrowed from the text */
};

/* Parses one class per line: the folder, a tab or blanks, the name.  A folder with blanks in it needs the tab.  Of several names separated
 * by commas, as in ImageNet's LOC_synset_mapping.txt, the first is used.  Errors name the line: a folder without a name, a duplicate
 * folder.  The caller frees with class_names_free, also after an error. */
int class_names_parse(struct class_names *names, struct span text, struct err *err);

/* False: the file does not have the folder. */
bool class_names_find(const struct class_names *names, struct span folder, struct span *name);
void class_names_free(struct class_names *names);

struct classes {
	struct names names;     /* indexed by class number */
	struct key_set numbers; /* name to the first class of that name */
	struct key_set seconds; /* name to the second class of that name */
	struct names shown;     /* [names.count]: names for captions; empty: use `names` */
	struct arena arena;
	struct buf scratch;
};

/* Adds a name unless it is already known. */
int classes_add(struct classes *classes, struct span name, struct err *err);

/* Calls `take` for every name in a text with one name per line; blank lines are skipped.  Errors name the line; a text without names is an
 * error. */
int classes_each_line(struct span text, int (*take)(void *context, struct span name, struct err *err), void *context, struct err *err);

/* Appends one name per line.  A name may occur twice. */
int classes_parse(struct classes *classes, struct span text, struct err *err);

/* Appends the array in a stream's header.  -1: not an array of strings. */
int classes_from_value(struct classes *classes, const struct value *list, struct err *err);

/* Sorts the names bytewise and numbers them in that order. */
int classes_sort(struct classes *classes, struct err *err);

/* How many classes have the name: 0, 1, or 2 for more than one.  number: the first two of them. */
size_t classes_find(const struct classes *classes, struct span name, uint64_t number[2]);

/* The name of the class in captions and in the header. */
const char *classes_shown(const struct classes *classes, size_t number);

/* Sets the names for captions.  Error: a class is not in `names`. */
int classes_show(struct classes *classes, const struct class_names *names, struct err *err);

/* The array for the header; borrows the names. */
struct value classes_value(const struct classes *classes, struct arena *arena);
void classes_free(struct classes *classes);

/* The folder of a key: "train/cat/0001" gives "cat".  Empty: none. */
struct span class_of_key(struct span key);

#endif
