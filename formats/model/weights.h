/* The tensors of another program's checkpoint: safetensors, PyTorch's formats, or an index of several such files. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "formats/tensor/safetensors.h"
#include "formats/tensor/torch_pt.h"

struct weight {
	struct span name;
	const char *dtype; /* as safetensors calls it */
	size_t rank;
	const size_t *shape;
	const void *source; /* struct torch_tensor or safetensor of the file */
};

struct weight_file {
	bool torch;
	struct torch_pt pt;
	struct safetensors file;
	size_t first, count; /* its range of weights.items */
};

struct weights {
	struct weight_file *files;
	size_t file_count;
	struct weight *items; /* file after file */
	size_t count;
};

/* Reads the lists of tensors, not their values.  Each file of an index must exist and hold exactly the tensors that the index lists
 * for it.  The caller frees with weights_close, also after an error. */
int weights_open(struct weights *weights, const char *path, struct err *err);

/* Is it a TorchScript archive? */
bool weights_are_scripted(const struct weights *weights);

/* A string from the metadata of a single safetensors file; empty if missing. */
struct span weights_metadata(const struct weights *weights, const char *name);

/* Calls take for each tensor for which wanted is true, in the order of the files.  data: values in C order, little endian, borrowed
 * for the call. */
struct weights_sink {
	void *context;
	bool (*wanted)(void *context, const struct weight *weight);
	int (*take)(void *context, const struct weight *weight, const void *data, struct err *err);
};
int weights_read(const struct weights *weights, const struct weights_sink *sink, struct err *err);
void weights_close(struct weights *weights);

/* "64x3x4x4"; "[]" for a scalar. */
enum { SHAPE_TEXT = 200 };
const char *shape_text(char text[SHAPE_TEXT], size_t rank, const size_t *shape);

#endif
