/* An image as the model takes it: a square of `size` pixels. */
#ifndef IMAGE_PREPROCESS_H
#define IMAGE_PREPROCESS_H

#include "core/rng.h"
#include "image/resize.h"

enum preprocess_crop {
	CROP_CENTER, /* shorter side to size, the middle of the longer: torchvision's Resize + CenterCrop */
	CROP_RANDOM, /* the same, anywhere along the longer one: Resize + RandomCrop */
	CROP_SQUASH, /* both sides to size, nothing cropped */
	CROP_PAD,    /* longer side to size, the rest filled on both sides: open_clip's "longest" */
};

struct preprocess {
	size_t size;
	enum resize_filter filter;
	enum preprocess_crop crop;
	bool pillow_12; /* see resize.h */
	unsigned char fill; /* CROP_PAD: the grey around it */
};

/* What to do with an image of that size.  rng: for CROP_RANDOM.  The sides are at least 1.  CROP_PAD leaves nothing of an
 * image that is too long and thin: its plan has a side of 0, which resize_run refuses. */
struct resize_plan preprocess_plan(
	const struct preprocess *preprocess, size_t width, size_t height, struct rng *rng);

/* What the plan has made of an image becomes the square, where it is none yet (CROP_PAD).  spare: scratch. */
int preprocess_fill(const struct preprocess *preprocess, struct image *image, struct image *spare, struct err *err);

/* The accepted names, in the order of their enums, ended by NULL. */
extern const char *const resize_filter_names[];
extern const char *const preprocess_crop_names[];

#endif
