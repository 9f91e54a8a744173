/* A sample on its way through a filter: a key and named fields.  formats/STREAM.md lists the names with a meaning.
 * formats/stream/msgpack_record reads and writes one.  Names are matched without regard to case. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECORD_TENSOR_RANK = 8 };

enum field_kind {
	FIELD_BYTES,   /* msgpack bin: what a tar member holds */
	FIELD_STRING,  /* msgpack str: text that claims to be UTF-8 (nobody has checked) */
	FIELD_INTEGER, /* msgpack integer */
	FIELD_TENSOR,  /* {"dtype", "shape", "data"} */
	FIELD_OTHER,   /* anything else: passed through as it came */
};

struct field_tensor {
	char dtype[8];   /* numpy's name, NUL-terminated: "<f4", "|u1" */
	size_t rank;
	size_t shape[RECORD_TENSOR_RANK];
};

struct field {
	struct span name;
	enum field_kind kind;
	struct span bytes; /* of BYTES and STRING the content, of TENSOR the data: exactly as long as its shape says */
	int64_t integer;
	struct field_tensor tensor;
	struct span raw; /* the msgpack value as it came; empty where it was set here */
};

struct record {
	struct span key;
	struct field *fields; /* in the arena, in stream order, without __key__ */
	size_t count;
	uint64_t epoch;
	struct span raw;    /* the whole map as it came; empty as soon as something was changed */
	struct buf storage; /* what the spans point into where the record owns its bytes */
	struct arena arena; /* what was set here */
};

void record_reset(struct record *record); /* to no fields; keeps the memory */
void record_free(struct record *record);
size_t record_memory(const struct record *record); /* about as many bytes as it keeps */

/* The field of that name, or NULL. */
struct field *record_find(const struct record *record, const char *name);

/* The caption: `txt` as a string.  -1: it is missing, or is not a string. */
int record_text(const struct record *record, struct span *text, struct err *err);

/* The label: `cls` as an integer.  -1: it is missing, or is not an integer. */
int record_label(const struct record *record, int64_t *label, struct err *err);

/* The encoded image: the first field named jpg, jpeg, png, webp, ppm or pgm.  NULL: none. */
struct field *record_image(const struct record *record);
bool name_is_image(struct span name); /* "jpg", "png" and so on */

/* A tensor field of that name, dtype and rank.  NULL: err names what is missing or different. */
const struct field *record_tensor(const struct record *record, const char *name, const char *dtype, size_t rank, struct err *err);

/* They replace the field of that name, or add it at the end.  Content is copied into the arena.  -1: no memory. */
int record_set_bytes(struct record *record, const char *name, const void *data, size_t size, struct err *err);
int record_set_string(struct record *record, const char *name, struct span text, struct err *err);
int record_set_integer(struct record *record, const char *name, int64_t integer, struct err *err);
/* data: the product of shape times the dtype's size (its last digits) bytes.  Returns the copy to be filled where
 * data is NULL.  NULL: no memory, or a dtype, a rank or a shape that field_tensor_bytes refuses. */
void *record_set_tensor(
	struct record *record, const char *name, const char *dtype, size_t rank, const size_t *shape, const void *data, struct err *err);

/* No such field: nothing happens. */
void record_remove(struct record *record, const char *name);
void record_remove_at(struct record *record, size_t index);

/* Equal without regard to the case of ASCII letters. */
bool name_is(struct span name, const char *wanted);
bool name_equal(struct span a, struct span b);
uint32_t name_hash(struct span name); /* equal names have one hash */

/* Is its dtype one of ours? */
bool field_tensor_known(const struct field_tensor *tensor);

/* Bytes that a tensor's data must have.  -1: an unknown dtype, too many axes, or a product that overflows. */
int field_tensor_bytes(const struct field_tensor *tensor, size_t *bytes, struct err *err);

#endif
