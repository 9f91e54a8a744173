/* Hugging Face's index of a model in several files, model.safetensors.index.json or pytorch_model.bin.index.json:
 *	{"metadata": {"total_size": BYTES}, "weight_map": {TENSOR: FILE, ...}}
 * The files must be in the folder of the index or below it. */
#ifndef TENSOR_WEIGHT_INDEX_H
#define TENSOR_WEIGHT_INDEX_H

#include "core/err.h"
#include "core/map.h"

#include <stdbool.h>
#include <stdint.h>

struct weight_index {
	struct map files;   /* names of the files, numbered from 0 */
	struct map tensors; /* names of the tensors, numbered from 0 */
	size_t *file_of;    /* indexed by the number of the tensor */
	bool has_total;
	uint64_t total;     /* bytes of all tensors */
};

/* Is this JSON an index? */
bool weight_index_is(struct span json);

/* Errors name the entry: an absolute path, "..", a wrong type.  The caller frees with weight_index_free, also after an error. */
int weight_index_read(struct weight_index *index, struct span json, struct err *err);
void weight_index_free(struct weight_index *index);

/* Is the file named like a part, "model-00001-of-00002.safetensors"?  Then sets its numbers and appends the name of its index. */
bool weight_index_is_part(const char *name, unsigned *part, unsigned *parts, struct buf *index_name);

#endif
