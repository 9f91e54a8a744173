/* A record: a key and named fields.  formats/STREAM.md lists the names with a meaning.  formats/stream/stream_record.c reads and
 * writes records.  Names are case-insensitive. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECORD_TENSOR_RANK = 8 };

enum field_kind {
	FIELD_BYTES,   /* msgpack bin: the contents of a tar member */
	FIELD_STRING,  /* msgpack str: supposed to be UTF-8, not checked */
	FIELD_INTEGER, /* msgpack integer */
	FIELD_TENSOR,  /* {"dtype", "shape", "data"} */
	FIELD_OTHER,   /* anything else: passed through unchanged */
};

struct field_tensor {
	char dtype[8];   /* numpy's name, NUL-terminated: "<f4", "|u1" */
	size_t rank;
	size_t shape[RECORD_TENSOR_RANK];
};

struct field {
	struct span name;
	enum field_kind kind;
	struct span bytes; /* BYTES, STRING: the contents; TENSOR: the data, exactly as long as the shape requires */
	int64_t integer;
	struct field_tensor tensor;
	struct span raw; /* the msgpack value as read; empty if the field was set here */
};

struct record {
	struct span key;
	struct field *fields; /* in the arena, in stream order, without __key__ */
	size_t count;
	uint64_t epoch;
	struct span raw;    /* the whole map as read; empty after any change */
	struct buf storage; /* the bytes that spans point into, if the record owns them */
	struct arena arena; /* fields, and contents set here */
};

void record_reset(struct record *record); /* removes all fields; keeps the memory */
void record_free(struct record *record);
size_t record_memory(const struct record *record); /* bytes allocated, approximately */

/* The field of that name, or NULL. */
struct field *record_find(const struct record *record, const char *name);

/* The caption: `txt` as a string.  -1: it is missing, or is not a string. */
int record_text(const struct record *record, struct span *text, struct err *err);

/* The label: `cls` as an integer.  -1: it is missing, or is not an integer. */
int record_label(const struct record *record, int64_t *label, struct err *err);

/* The encoded image: the first field named jpg, jpeg, png, webp, ppm or pgm.  NULL: none. */
struct field *record_image(const struct record *record);
bool name_is_image(struct span name); /* "jpg", "png" and so on */

/* The tensor field of that name, dtype and rank.  NULL: missing or of another kind. */
const struct field *record_tensor(const struct record *record, const char *name, const char *dtype, size_t rank, struct err *err);

/* Replace the field of that name, or add it at the end.  The contents are copied into the arena.  -1: out of memory. */
int record_set_bytes(struct record *record, const char *name, const void *data, size_t size, struct err *err);
int record_set_string(struct record *record, const char *name, struct span text, struct err *err);
int record_set_integer(struct record *record, const char *name, int64_t integer, struct err *err);
/* data: as many bytes as field_tensor_bytes gives; NULL: the caller fills the returned memory.  Returns the copy.
 * NULL: out of memory, or a dtype, rank or shape that field_tensor_bytes refuses. */
void *record_set_tensor(
	struct record *record, const char *name, const char *dtype, size_t rank, const size_t *shape, const void *data, struct err *err);

/* Without effect if the field does not exist. */
void record_remove(struct record *record, const char *name);
void record_remove_at(struct record *record, size_t index);

/* Comparison that ignores the case of ASCII letters. */
bool name_is(struct span name, const char *wanted);
bool name_equal(struct span a, struct span b);
uint32_t name_hash(struct span name); /* the same for equal names */

/* Whether the dtype is supported. */
bool field_tensor_known(const struct field_tensor *tensor);

/* The size of a tensor's data in bytes.  -1: unknown dtype, too many axes, or overflow. */
int field_tensor_bytes(const struct field_tensor *tensor, size_t *bytes, struct err *err);

#endif
