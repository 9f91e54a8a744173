/* The entries of one folder, and the names by which its files are members of samples.
 * A folder holds photographs more often than an unpacked shard, and a photograph may have dots in its name: cat.0.jpg and cat.1.jpg are
 * two records, cat_0 and cat_1.  Files stay one sample, as in a tar, where that is how they look: one of the images has a plain name
 * (0001.jpg) or the sample has other plain fields (0001.txt), and what follows the first dot of the other images are words (0001.seg.png). */
#ifndef SOURCE_FOLDER_ENTRY_H
#define SOURCE_FOLDER_ENTRY_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folder_entry {
	const char *name;   /* on disk */
	const char *normal; /* composed: folder_entries_arrange sets it */
	const char *as;     /* the member's name: folder_entries_arrange sets it */
	bool is_folder;
	bool broken;        /* a link that leads nowhere */
	uint64_t size;
};

/* Files first, in bytewise order of their composed names, members of a sample next to each other.  by_image: every image is a record.
 * What is set lives in the arena.  Errors: two names that are one when composed. */
int folder_entries_arrange(struct folder_entry *entries, size_t count, bool by_image, struct arena *arena, struct err *err);

#endif
