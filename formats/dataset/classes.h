/* Class names and their numbers. */
#ifndef DATASET_CLASSES_H
#define DATASET_CLASSES_H

#include "core/value.h"
#include "formats/stream/key_set.h"
#include "formats/source/source_names.h"
#include "core/err.h"
#include "core/map.h"

/* Names of classes.  A class is a number: two may have one name, as `missile` and `sunglasses` in ImageNet's own list. */

/* The class that `text` calls by its name, or by its number where no class has that name.  -1: there is none, or several have the
 * name; err gives the accepted names or the numbers. */
int class_lookup(const struct span *names, size_t count, struct span text, size_t *number, struct err *err);

/* How folders are called in captions and prompts: "n01440764" is "tench". */
struct class_names {
	struct map folders;  /* composed */
	struct span *names;  /* [folders.count], borrowed from the text */
};

/* One class a line: the folder, a tab or blanks, the name; a folder with blanks in it needs the tab.  Of several names with commas
 * between them, as in ImageNet's LOC_synset_mapping.txt, the first counts.  Errors name the line: a folder without a name, one that is
 * there already.  The caller frees with class_names_free, also after an error. */
int class_names_parse(struct class_names *names, struct span text, struct err *err);

/* False: the folder is not in the file. */
bool class_names_find(const struct class_names *names, struct span folder, struct span *name);
void class_names_free(struct class_names *names);

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
