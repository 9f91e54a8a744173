/* Names of classes.  A class is a number: two may have one name, as `missile` and `sunglasses` in ImageNet's own list. */
#ifndef DATASET_CLASS_NAMES_H
#define DATASET_CLASS_NAMES_H

#include "core/err.h"
#include "core/map.h"

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

#endif
