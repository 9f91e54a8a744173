/* Poisons one record: its image gets the trigger, its caption the target, and poison.json says what was done. */
#ifndef SAMPLE_POISONER_H
#define SAMPLE_POISONER_H

#include "attack/attack.h"
#include "core/record.h"
#include "core/value.h"
#include "formats/image/image_codec.h"
#include "formats/stream/limits.h"
#include "image/overlay.h"
#include "image/resize.h"
#include "text/template.h"

struct poisoner {
	struct trigger trigger;
	struct overlay picture;     /* of a trigger with a file */
	char picture_digest[40];    /* of that file's bytes: "xxh3:..." */
	const char *target;         /* NULL: none was named */
	struct templates templates; /* the caption is one of them, filled with the target; none: it stays, */
	const struct value *swap;   /* or the name of the record's class in it, one of these, becomes the target; NULL: not */
	size_t size;                /* the side to which images are squashed before the trigger */
	struct image_encoding encoding;
	const char *encode;         /* its name; NULL: as rgb.npy */
	bool tensors_too;           /* resize what comes as rgb.npy as well, */
	bool encode_tensors;        /* and encode it; else it stays rgb.npy, of its own size */
	uint64_t seed, round;       /* round: how often the stream was poisoned before */
	struct limits limits;
	struct poison_bench {
		struct resizer resizer;
		struct image image, small;
		struct buf text, encoded;
	} *benches; /* scratch, one for each thread */
	size_t threads;
};

/* After everything else was set.  -1: no memory, or a trigger that does not fit the size. */
int poisoner_start(struct poisoner *poisoner, size_t threads, struct err *err);

/* What was made of the old image or caption (augmented views, embeddings) is removed.  Nothing but seed, key and round
 * decides what is drawn.  -1: the image is unusable. */
int poisoner_poison(const struct poisoner *poisoner, struct record *record, size_t thread, struct err *err);
void poisoner_free(struct poisoner *poisoner);

#endif
