/* Preprocesses a record's image for the model, and adds augmented views of its image and caption. */
#ifndef SAMPLE_AUGMENTER_H
#define SAMPLE_AUGMENTER_H

#include "augment/augment.h"
#include "core/record.h"
#include "formats/image/image_codec.h"
#include "image/preprocess.h"

enum { VIEWS = 2 };

/* A field made from the record's image. */
struct view {
	const char *field;
	struct image_augmentation augmentation; /* no steps: only preprocessed */
};

struct augmenter {
	struct preprocess preprocess;
	bool on_white; /* composite transparent images on white; otherwise alpha is dropped */
	bool lenient;  /* keep images with missing or damaged pixels */
	bool fast;     /* decode JPEG at 1/2, 1/4 or 1/8 of its size if no view needs more pixels */
	bool tensors_keep_size; /* an existing rgb.npy is cropped to a square, but not resized */
	struct view views[VIEWS]; /* rgb.npy, and optionally a second view */
	size_t view_count;
	bool with_text;
	struct text_augmentation text; /* of aug.txt */
	bool keep_encoded; /* do not remove the encoded image */
	uint64_t seed;
	struct image_limits limits;
	struct augment_bench *benches; /* scratch buffers, one per thread */
	size_t threads;
};

/* Call after all other members have been set.  -1: no memory. */
int augmenter_start(struct augmenter *augmenter, size_t threads, struct err *err);

/* Random choices depend only on seed, key and epoch.  0: done.  1: done, but the image is damaged as described in err (lenient).
 * -1: the image is unusable, or a caption is needed and missing. */
int augmenter_augment(const struct augmenter *augmenter, struct record *record, size_t thread, struct err *err);
void augmenter_free(struct augmenter *augmenter);

#endif
