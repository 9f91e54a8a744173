/* msgpack (github.com/msgpack/msgpack, spec.md): a scanner that checks limits, and values to and from msgpack-c.
 *
 * msgpack-c's unpacker trusts lengths: five bytes make it allocate 96 GB.  So the scanner goes over every value first.  It finds where the
 * value ends and refuses what is too large or nested too deeply.  It accepts a value in pieces, in time linear in its bytes. */
#ifndef STREAM_MSGPACK_H
#define STREAM_MSGPACK_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

#include <msgpack.h>
#include <stdint.h>

enum { SCAN_DEPTH = 64 }; /* of limits->depth at most */

struct msgpack_scan {
	size_t position;              /* bytes of the value scanned so far */
	size_t depth;                 /* open containers */
	size_t elements;              /* values so far, containers included */
	uint64_t missing[SCAN_DEPTH]; /* values still to come in each open container */
};

/* Starts another value. */
void msgpack_scan_begin(struct msgpack_scan *scan);

/* bytes: the value from its first byte, as much as has arrived; more bytes may be appended between calls.
 * 1: the value ends at scan->position.  0: more bytes are needed.  -1: not msgpack, or beyond the limits. */
int msgpack_scan(struct msgpack_scan *scan, struct span bytes, const struct limits *limits, struct err *err);

/* A scanned value, decoded as far as its first byte allows. */
enum msgpack_kind { MSGPACK_STRING, MSGPACK_BINARY, MSGPACK_UNSIGNED, MSGPACK_SIGNED, MSGPACK_MAP, MSGPACK_ELSE };

struct msgpack_piece {
	enum msgpack_kind kind;
	struct span raw;     /* the whole value */
	struct span content; /* STRING, BINARY */
	uint64_t number;     /* UNSIGNED; SIGNED in two's complement; MAP: number of entries */
	size_t head;         /* bytes before the content, or before the first entry of a MAP */
};

/* bytes: from the first byte of the value.  -1: the value is incomplete or invalid. */
int msgpack_take(struct msgpack_piece *piece, struct span bytes);

/* The same, but of a container only the head is decoded, and raw is empty. */
int msgpack_take_head(struct msgpack_piece *piece, struct span bytes);

/* Parses one scanned value.  The object is allocated in the zone and points into the bytes. */
int msgpack_parse(msgpack_object *object, struct span bytes, msgpack_zone *zone, struct err *err);

/* The value of a key in a map; NULL if the key is missing or the object is not a map. */
const msgpack_object *msgpack_get(const msgpack_object *map, const char *key);

bool msgpack_is_string(const msgpack_object *object);
struct span msgpack_string(const msgpack_object *object);

/* A packer that appends to a buf.  Out of memory: buf->failed. */
void packer_init(msgpack_packer *packer, struct buf *out);
void pack_string(msgpack_packer *packer, struct span string);
void pack_bytes(msgpack_packer *packer, struct span bytes);

/* Headers, tails and other small values.  The value and copies of its strings are allocated in the arena. */
int value_from_msgpack(struct value *value, const msgpack_object *object, struct arena *arena, struct err *err);
void value_to_msgpack(const struct value *value, struct buf *out);

#endif
