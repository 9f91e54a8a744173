/* The ledger of a poisoned record, its field poison.json: the trigger and the original's digest and caption.  Detectors are scored
 * against it, and cc-poison --undo uses it to check the original. */
#ifndef SAMPLE_LEDGER_H
#define SAMPLE_LEDGER_H

#include "attack/attack.h"
#include "core/arena.h"
#include "formats/stream/digest.h"
#include "formats/stream/limits.h"

struct ledger {
	struct digest original;  /* of the whole record before */
	const struct span *caption; /* the original caption; NULL: none */
	const struct trigger *trigger;
	const char *picture;     /* digest of the trigger's file, if it has one */
	const struct image_part
		*place; /* of the trigger, in pixels of the poisoned image (width x height); NULL: the trigger is in the caption */
	size_t width, height;
	const char *encode;      /* "png", "jpeg:75"; NULL: the image was not changed */
	const char *target;      /* NULL: no target */
	uint64_t seed;
	const struct span *before; /* the record's earlier ledger; NULL: none */
};

/* Appends the ledger as JSON.  limits: for parsing `before`. */
int ledger_write(const struct ledger *ledger, const struct limits *limits, struct buf *out, struct err *err);

/* Digest of the record before its first poisoning: ledgers are nested in `before`, and the innermost one counts.  json: the field
 * poison.json; the arena is scratch. */
int ledger_original(struct span json, const struct limits *limits, struct digest *digest, struct arena *arena, struct err *err);

#endif
