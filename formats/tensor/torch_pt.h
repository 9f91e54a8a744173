/* Files written by torch.save and TorchScript (PyTorch 1.6 and later): a ZIP archive with a pickle that lists the tensors, and a file
 * for each storage.  No code is run: calls in the pickle, other than constructors of tensors and containers, become inert values.
 * Definition: torch/serialization.py, torch/_utils.py and torch/csrc/jit/serialization/pickler.cpp of PyTorch. */
#ifndef TENSOR_TORCH_PT_H
#define TENSOR_TORCH_PT_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "formats/tensor/pickle.h"

#include <stdbool.h>
#include <stdint.h>

enum { TORCH_PT_RANK = 8 };

struct torch_tensor {
	struct span name;    /* path to it, joined by dots: "state_dict.visual.conv1.weight" */
	const char *dtype;   /* as in safetensors: "F32", "F16", "I64" .. */
	size_t rank, shape[TORCH_PT_RANK];
	size_t stride[TORCH_PT_RANK]; /* in numbers */
	struct span storage; /* its file in the zip */
	uint64_t offset;     /* in that file, in numbers */
	uint64_t numbers;    /* length of the storage according to the pickle */
	size_t bytes;        /* of all its numbers */
};

/* A value that only code could construct: an object of an unknown class, or a tensor that depends on one. */
struct torch_inert {
	struct span name, maker; /* "state_dict.scale"; class or function, "numpy.dtype" */
};

struct torch_pt {
	char *path;
	size_t count;
	struct torch_tensor *tensors; /* in the order of the pickle */
	size_t inert_count;
	struct torch_inert *inert;    /* in the same order */
	bool scripted;                /* TorchScript; its code is ignored */
	struct buf folder;            /* of the files in the archive */
	struct buf pickle;
	struct arena arena;
};

/* Does the file begin like a ZIP archive? */
bool torch_pt_is(const unsigned char *begin, size_t size);

/* Reads the list of tensors and checks that each lies within its storage.  Errors name the file and data.pkl or the tensor.  The caller
 * frees with torch_pt_close, also after an error. */
int torch_pt_open(struct torch_pt *file, const char *path, struct err *err);

/* Calls `take` for each tensor that `wanted` accepts (NULL: all), in the order of the storages in the file.  data: its numbers in C
 * order, little endian, borrowed for the call.  Takes memory for one storage and one tensor. */
struct torch_sink {
	void *context;
	bool (*wanted)(void *context, const struct torch_tensor *tensor);
	int (*take)(void *context, const struct torch_tensor *tensor, const void *data, struct err *err);
};
int torch_pt_read(const struct torch_pt *file, const struct torch_sink *sink, struct err *err);
void torch_pt_close(struct torch_pt *file);

/* Appends all tensors below `root` to file->tensors (allocated in file->arena), with their names.  Objects of unknown classes are not
 * searched but appended to file->inert.  Errors: a tensor that does not fit its storage. */
int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err);

#endif
