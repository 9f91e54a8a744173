/* What the files of the index share. */
#ifndef DATASET_INDEX_ENTRY_H
#define DATASET_INDEX_ENTRY_H

#include "formats/dataset/index.h"

enum { TAR_BLOCK = 512 };

struct index_entry {
	uint64_t order;  /* of the epoch at hand */
	uint64_t key;    /* its hash */
	uint64_t offset;
	uint32_t source;
	uint32_t extent; /* end - offset; of a tar in blocks of 512 */
};

/* Are these neighbours pieces of one sample? */
bool index_together(const struct index *index, const struct index_entry *a, const struct index_entry *b);

#endif
