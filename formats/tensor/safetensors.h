/* safetensors: named tensors in one file.  Eight bytes of header length (little endian), a JSON header, the data.
 *   {"__metadata__": {name: text}, NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, ...}
 * Definition: the README of the safetensors repository; read with its rules (no hole, no overlap, nothing behind). */
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
	uint64_t begin, end; /* bytes, from where the data begins */
};

struct safetensors {
	int fd;              /* -1: not open */
	char *path;
	uint64_t data_begins; /* in the file */
	size_t count;
	struct safetensor *tensors; /* in the data's order */
	struct value metadata;      /* a map of strings */
	struct arena arena;         /* of all of it */
};

/* Opens a file and checks everything but the numbers themselves.  Errors name the file and the tensor. */
int safetensors_open(struct safetensors *file, const char *path, struct err *err);

/* The checks alone: a header's JSON in front of `data_size` bytes.  safetensors_close frees. */
int safetensors_parse(struct safetensors *file, struct span header, uint64_t data_size, struct err *err);

/* NULL: no such tensor. */
const struct safetensor *safetensors_find(const struct safetensors *file, const char *name);

/* The metadata's text of that name; empty where there is none. */
struct span safetensors_metadata(const struct safetensors *file, const char *name);

/* Fills data with the tensor's end - begin bytes. */
int safetensors_read(const struct safetensors *file, const struct safetensor *tensor, void *data, struct err *err);
void safetensors_close(struct safetensors *file);

/* Bytes of one number; 0: a type that is not known. */
size_t safetensors_dtype_size(const char *dtype);

/* What to write: tensors as above without name order or offsets, and where their bytes are. */
struct safetensors_item {
	const char *name, *dtype;
	size_t rank;
	size_t shape[SAFETENSORS_RANK];
	const void *data; /* little endian */
};

/* Writes to a file descriptor.  The data lies sorted by the size of its numbers, then by name, and `items` is put in
 * that order: equal content gives equal bytes.  metadata: a map of strings, or an empty one. */
int safetensors_write(int fd, const struct value *metadata, struct safetensors_item *items, size_t count, struct err *err);

#endif
