/* safetensors: named tensors in one file.  The length of the header (8 bytes, little endian), a JSON header, the data:
 *   {"__metadata__": {name: text}, NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ...}
 * Definition: the README of the safetensors repository.  Its rules are enforced: no holes, no overlap, no trailing data. */
#ifndef TENSOR_SAFETENSORS_H
#define TENSOR_SAFETENSORS_H

#include "core/err.h"
#include "core/value.h"

#include <stdint.h>

enum { SAFETENSORS_RANK = 8 };

struct safetensor {
	struct span name;
	char dtype[8]; /* "F32", "I64", .. */
	size_t rank;
	size_t shape[SAFETENSORS_RANK];
	uint64_t begin, end; /* in bytes, relative to data_begins */
};

struct safetensors {
	int fd;              /* -1: not open */
	char *path;
	uint64_t data_begins; /* offset in the file */
	size_t count;
	struct safetensor *tensors; /* in the order of their data */
	struct value metadata;      /* a map of strings */
	struct arena arena;         /* of the tensors and metadata */
};

/* Opens a file and checks its header and layout.  Errors name the file and the tensor. */
int safetensors_open(struct safetensors *file, const char *path, struct err *err);

/* Parses and checks the JSON header of a file with `data_size` bytes of data.  The caller frees with safetensors_close. */
int safetensors_parse(struct safetensors *file, struct span header, uint64_t data_size, struct err *err);

/* NULL: not found. */
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);

/* Metadata entry; empty if it does not exist. */
struct span safetensors_metadata(const struct safetensors *file, const char *name);

/* Fills data with the tensor's end - begin bytes. */
int safetensors_read(const struct safetensors *file, const struct safetensor *tensor, void *data, struct err *err);
void safetensors_close(struct safetensors *file);

/* Bytes per number; 0: unknown type. */
size_t safetensors_dtype_size(const char *dtype);

/* A tensor to write. */
struct safetensors_item {
	const char *name, *dtype;
	size_t rank;
	size_t shape[SAFETENSORS_RANK];
	const void *data; /* little endian */
};

/* Writes a file to a descriptor.  Sorts `items` by the size of their numbers, then by name, so that equal content gives equal bytes.
 * metadata: a map of strings, possibly empty. */
int safetensors_write(int fd, const struct value *metadata, struct safetensors_item *items, size_t count, struct err *err);

#endif
