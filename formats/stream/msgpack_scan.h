/* Finds where a msgpack value ends, and refuses what is too large or too deep, before msgpack-c sees a byte: its C
 * unpacker believes lengths, and five bytes make it allocate 96 GB.  (Format: github.com/msgpack/msgpack spec.md.)
 * It can be fed a value piece by piece: work is linear in the bytes, however they arrive. */
#ifndef STREAM_MSGPACK_SCAN_H
#define STREAM_MSGPACK_SCAN_H

#include "core/buf.h"
#include "core/err.h"
#include "formats/stream/limits.h"

#include <stdint.h>

enum { SCAN_DEPTH = 64 };

struct msgpack_scan {
	size_t position;              /* bytes of the value that are already understood */
	size_t depth;                 /* open containers */
	size_t elements;
	uint64_t missing[SCAN_DEPTH]; /* values that each open container still lacks */
};

/* Another value.  (missing need not be cleared.) */
void msgpack_scan_begin(struct msgpack_scan *scan);

/* bytes: the value from its first byte, as far as it is there; the same start each time, with more behind it.
 * 1: it ends at scan->position.  0: more bytes are needed.  -1: not msgpack, or beyond the limits. */
int msgpack_scan(struct msgpack_scan *scan, struct span bytes, const struct limits *limits, struct err *err);

/* A value that the scan has passed, taken apart as far as its first byte says. */
enum msgpack_kind { MSGPACK_STRING, MSGPACK_BINARY, MSGPACK_UNSIGNED, MSGPACK_SIGNED, MSGPACK_MAP, MSGPACK_ELSE };

struct msgpack_piece {
	enum msgpack_kind kind;
	struct span raw;     /* all of it */
	struct span content; /* of STRING and BINARY */
	uint64_t number;     /* of UNSIGNED and, in two's complement, SIGNED; how many entries a MAP has */
	size_t head;         /* bytes before the content, or before a MAP's entries */
};

/* bytes: from its first byte.  -1: they are not a whole value. */
int msgpack_take(struct msgpack_piece *piece, struct span bytes);

/* The same, but of a container only the head is looked at, and raw is empty. */
int msgpack_take_head(struct msgpack_piece *piece, struct span bytes);

#endif
