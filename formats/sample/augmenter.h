/* One record's image as the model takes it, and augmented views of its image and its caption. */
#ifndef SAMPLE_AUGMENTER_H
#define SAMPLE_AUGMENTER_H

#include "augment/augment.h"
#include "core/record.h"
#include "formats/image/image_codec.h"
#include "image/preprocess.h"

enum { VIEWS = 2 };

/* A field that is made from the record's image. */
struct view {
	const char *field;
	struct image_augmentation augmentation; /* without steps: the image as it is */
};

struct augmenter {
	struct preprocess preprocess;
	bool on_white; /* what is transparent; else alpha is dropped */
	bool lenient;  /* keep an image of which some pixels are missing or wrong */
	bool fast;     /* JPEG is decoded at 1/2, 1/4 or 1/8 of its size where that is no smaller than what is made of it */
	bool tensors_keep_size; /* what comes as rgb.npy is not resized, only cut to a square */
	struct view views[VIEWS]; /* rgb.npy, and perhaps a second one */
	size_t view_count;
	bool with_text;
	struct text_augmentation text; /* aug.txt */
	bool keep; /* the encoded image */
	uint64_t seed;
	struct image_limits limits;
	struct augment_bench *benches; /* scratch, one for each thread */
	size_t threads;
};

/* After everything else was set.  -1: no memory. */
int augmenter_start(struct augmenter *augmenter, size_t threads, struct err *err);

/* What is drawn depends on seed, key and epoch alone.  1: done, and err says what is wrong with the image (lenient).  -1: the image is unusable, or a caption is asked for
 * and missing. */
int augmenter_augment(const struct augmenter *augmenter, struct record *record, size_t thread, struct err *err);
void augmenter_free(struct augmenter *augmenter);

#endif
