/* What was done to one record, kept beside it as poison.json: detectors are judged by it, and cc-poison --undo checks the original. */
#ifndef SAMPLE_LEDGER_H
#define SAMPLE_LEDGER_H

#include "attack/attack.h"
#include "core/arena.h"
#include "formats/stream/digest.h"
#include "formats/stream/limits.h"

struct ledger {
	struct digest original;  /* of the whole record as it came */
	const struct span *caption; /* the original one; NULL: it had none */
	const struct trigger *trigger;
	const char *picture;     /* digest of the trigger's file, where it has one */
	const struct image_part *place; /* in pixels of the triggered image, which has that size; NULL: the caption has the trigger */
	size_t width, height;
	const char *encode;      /* "png", "jpeg:75"; NULL: the image was not changed */
	const char *target;      /* NULL: none was named */
	uint64_t seed;
	const struct span *before; /* the ledger that the record came with; NULL: none */
};

/* Appends it as JSON.  limits: of `before`. */
int ledger_write(const struct ledger *ledger, const struct limits *limits, struct buf *out, struct err *err);

/* Digest of the record before any poisoning: a ledger holds the one that came before it, and the innermost counts.
 * json: the field poison.json; the arena is scratch. */
int ledger_original(struct span json, const struct limits *limits, struct digest *digest, struct arena *arena, struct err *err);

#endif
