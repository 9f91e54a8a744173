/* The tensors of a file that others wrote, whatever its form: safetensors, or one of PyTorch's. */
#ifndef TOOLS_WEIGHTS_H
#define TOOLS_WEIGHTS_H

#include "formats/safetensors.h"
#include "formats/torch_pt.h"

struct weight {
	struct span name;
	const char *dtype; /* as safetensors calls it */
	size_t rank;
	const size_t *shape;
	const void *source; /* the file's own struct of it */
};

struct weights {
	bool torch;
	struct torch_pt pt;
	struct safetensors file;
	struct weight *items;
	size_t count;
};

/* Nothing is read but what there is.  weights_close frees, also after an error. */
int weights_open(struct weights *weights, const char *path, struct err *err);

/* Hands over the tensors for which wanted is true, one after the other in the file's order: numbers in C order, little endian,
 * borrowed for the call. */
struct weights_sink {
	void *context;
	bool (*wanted)(void *context, const struct weight *weight);
	int (*take)(void *context, const struct weight *weight, const void *data, struct err *err);
};
int weights_read(const struct weights *weights, const struct weights_sink *sink, struct err *err);
void weights_close(struct weights *weights);

#endif
