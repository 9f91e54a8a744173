/* Poisons a record: adds the trigger to its image or caption, puts the target into its caption, and records that in poison.json. */
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
	struct overlay picture;     /* for triggers with a file */
	char picture_digest[40];    /* of the file: "xxh3:..." */
	const char *target;         /* NULL: no target */
	struct templates templates; /* new captions, filled with the target; may be empty */
	const struct value *swap;   /* class names: replace the name of the record's class in the caption by the target; NULL: do not */
	size_t size;                /* side to which images are resized before the trigger is added */
	struct image_encoding encoding;
	const char *encode;         /* its name; NULL: store rgb.npy */
	bool tensors_too;           /* also resize an existing rgb.npy */
	bool encode_tensors;        /* also encode an existing rgb.npy */
	uint64_t seed, round;       /* round: number of earlier poisonings of the stream */
	struct limits limits;
	struct poison_bench {
		struct resizer resizer;
		struct image image, small;
		struct buf text, encoded;
	} *benches; /* scratch buffers, one per thread */
	size_t threads;
};

/* Call after all other members have been set.  -1: no memory, or the trigger does not fit the size. */
int poisoner_start(struct poisoner *poisoner, size_t threads, struct err *err);

/* Removes fields derived from the old image or caption (augmented views, embeddings).  Random choices depend only on seed, key and
 * round.  -1: the image or caption is unusable. */
int poisoner_poison(const struct poisoner *poisoner, struct record *record, size_t thread, struct err *err);
void poisoner_free(struct poisoner *poisoner);

/* Decodes an image file to draw over images (struct poisoner's picture); a PNG keeps its transparency.  The caller frees with
 * overlay_free, also after an error. */
int overlay_read(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err);

#endif
