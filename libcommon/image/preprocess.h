/* An image as the model takes it: a square of `size` pixels. */
#ifndef IMAGE_PREPROCESS_H
#define IMAGE_PREPROCESS_H

#include "core/rng.h"
#include "image/resize.h"
#include "core/value.h"

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
struct resize_plan preprocess_plan(const struct preprocess *preprocess, size_t width, size_t height, struct rng *rng);

/* What the plan has made of an image becomes the square, where it is none yet (CROP_PAD).  spare: scratch. */
int preprocess_fill(const struct preprocess *preprocess, struct image *image, struct image *spare, struct err *err);

/* The accepted names, in the order of their enums, ended by NULL. */
extern const char *const resize_filter_names[];
extern const char *const preprocess_crop_names[];

/* open_clip's preprocess_cfg, as far as it says how an image becomes the square of pixels that a model takes:
 *
 *	{"mode": "RGB", "size": 224, "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0, "mean": .., "std": ..}
 *
 * mean and std are the model's own affair.  Which switches there are: open_clip's PreprocessCfg. */

/* json: NULL or null: as CLIP does it.  Errors name the switch: another size than image_size, a way that is not computed here. */
int preprocess_config_read(struct preprocess *preprocess, const struct value *json, size_t image_size, struct err *err);

/* Sets all of its switches in a map made by value_map.  -1: no memory. */
int preprocess_config_write(const struct preprocess *preprocess, struct value *map, struct arena *arena);

/* Do both make the same pixels of every image?  A random crop is a center crop. */
bool preprocess_agrees(const struct preprocess *a, const struct preprocess *b);

/* "224x224, bicubic, center" */
enum { PREPROCESS_TEXT = 80 };
const char *preprocess_text(const struct preprocess *preprocess, char text[PREPROCESS_TEXT]);

#endif
