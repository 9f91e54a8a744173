/* Preprocessing: an image becomes the square of size x size pixels that a model requires. */
#ifndef IMAGE_PREPROCESS_H
#define IMAGE_PREPROCESS_H

#include "core/rng.h"
#include "image/resize.h"
#include "core/value.h"

enum preprocess_crop {
	CROP_CENTER, /* resize the shorter side to size, crop the longer to its middle: torchvision's Resize + CenterCrop */
	CROP_RANDOM, /* the same with a random part of the longer side: Resize + RandomCrop */
	CROP_SQUASH, /* resize both sides to size */
	CROP_PAD,    /* resize the longer side to size, pad the shorter on both sides: open_clip's "longest" */
};

struct preprocess {
	size_t size;
	enum resize_filter filter;
	enum preprocess_crop crop;
	bool pillow_12; /* see resize.h */
	unsigned char fill; /* CROP_PAD: grey level of the padding */
};

/* The resize for an image of that size, sides >= 1.  rng: for CROP_RANDOM.  With CROP_PAD the plan for a very long and thin image has a
 * side of 0, which resize_run refuses. */
struct resize_plan preprocess_plan(const struct preprocess *preprocess, size_t width, size_t height, struct rng *rng);

/* Pads the resized image to the square (CROP_PAD).  spare: scratch. */
int preprocess_fill(const struct preprocess *preprocess, struct image *image, struct image *spare, struct err *err);

/* The names in the order of their enums, terminated by NULL. */
extern const char *const resize_filter_names[];
extern const char *const preprocess_crop_names[];

/* The part of open_clip's preprocess_cfg that describes this:
 *
 *	{"mode": "RGB", "size": 224, "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0, "mean": .., "std": ..}
 *
* clip_config_read reads mean and std.  The names are those of open_clip's PreprocessCfg. */

/* json: NULL or null: CLIP's preprocessing.  Errors name the value: a size other than image_size, or a mode that is not supported. */
int preprocess_config_read(struct preprocess *preprocess, const struct value *json, size_t image_size, struct err *err);

/* Sets all these values, except mean and std, in a map from value_map.  -1: out of memory. */
int preprocess_config_write(const struct preprocess *preprocess, struct value *map, struct arena *arena);

/* Whether both give the same pixels for every image.  A random crop counts as a center crop. */
bool preprocess_agrees(const struct preprocess *a, const struct preprocess *b);

/* "224x224, bicubic, center" */
enum { PREPROCESS_TEXT = 80 };
const char *preprocess_text(const struct preprocess *preprocess, char text[PREPROCESS_TEXT]);

#endif
