/* What torch.save and TorchScript write (PyTorch 1.6 and later): a zip with a pickle that lists the tensors, and a file of bytes for
 * each storage.  No code is run: whatever the pickle would call, but for the constructors of tensors and containers, is an inert value
 * without tensors.
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
	struct span name;    /* the way to it, joined by dots: "state_dict.visual.conv1.weight" */
	const char *dtype;   /* as safetensors calls it: "F32", "F16", "I64" .. */
	size_t rank, shape[TORCH_PT_RANK];
	size_t stride[TORCH_PT_RANK]; /* in numbers */
	struct span storage; /* its file in the zip */
	uint64_t offset;     /* in that file, in numbers */
	uint64_t numbers;    /* that the storage has, as the pickle says */
	size_t bytes;        /* of all of the tensor's numbers together */
};

/* A value that only running code could make: an object of an unknown class, or a tensor that depends on one. */
struct torch_inert {
	struct span name, maker; /* "state_dict.scale"; the class or function, "numpy.dtype" */
};

struct torch_pt {
	char *path;
	size_t count;
	struct torch_tensor *tensors; /* in the order in which they stand in the pickle */
	size_t inert_count;
	struct torch_inert *inert;    /* in the same order */
	bool scripted;                /* TorchScript: code lies in there too, and is not looked at */
	struct buf folder;            /* of all files in the zip */
	struct buf pickle;
	struct arena arena;
};

/* Does the file begin as one? */
bool torch_pt_is(const unsigned char *begin, size_t size);

/* Reads what there is, and checks it against the sizes in the zip.  Errors name the file, and what in it
 * they are about: data.pkl, or a tensor.  torch_pt_close frees, also after an error. */
int torch_pt_open(struct torch_pt *file, const char *path, struct err *err);

/* Hands over each tensor that `wanted` (NULL: all) says yes to, in the order of the storages in the file: `data` are its numbers in C
 * order, little endian, borrowed for the call.  Needs memory for one storage and one tensor. */
struct torch_sink {
	void *context;
	bool (*wanted)(void *context, const struct torch_tensor *tensor);
	int (*take)(void *context, const struct torch_tensor *tensor, const void *data, struct err *err);
};
int torch_pt_read(const struct torch_pt *file, const struct torch_sink *sink, struct err *err);
void torch_pt_close(struct torch_pt *file);

/* Appends all tensors below `root` to file->tensors (file->arena), with their names.  Objects of unknown classes are not searched: they
 * are appended to file->inert.  Errors name a tensor whose parts contradict each other. */
int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err);

#endif
