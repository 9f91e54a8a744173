/* Augmentations: random changes that give another view of an image or a text.
 * A policy is one file here and one line in augments.def.  Its random choices depend on its rng alone. */
#ifndef AUGMENT_AUGMENT_H
#define AUGMENT_AUGMENT_H

#include "core/buf.h"
#include "core/err.h"
#include "core/number.h"
#include "core/rng.h"
#include "text/words.h"
#include "image/image.h"

#include <stdbool.h>

enum { AUGMENT_NUMBERS = 8, AUGMENT_STEPS = 8 };

struct augment_args {
	float number[AUGMENT_NUMBERS];     /* in the order of the policy's list */
	size_t size;         /* images: side of the model's input */
	const struct thesaurus *thesaurus; /* texts: NULL unless the policy needs one */
};

/* Applied to the decoded image, or to the model's input. */
enum augment_stage { AUGMENT_FULL, AUGMENT_SMALL };

struct image_policy {
	const char *name, *about;
	enum augment_stage stage;
	bool crops; /* uses a part of the image, so the image must be decoded at full resolution */
	struct number numbers[AUGMENT_NUMBERS + 1];
	/* In place; the size may change.  spare: the caller's scratch, reused between calls. */
	int (*apply)(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err);
};

struct text_policy {
	const char *name, *about;
	bool needs_thesaurus;
	struct number numbers[AUGMENT_NUMBERS + 1];
	/* Appends the augmented text to out. */
	int (*apply)(struct buf *out, struct span text, const struct augment_args *args, struct rng *rng, struct err *err);
};

extern const struct image_policy *const image_policies[]; /* terminated by NULL, like the next */
extern const struct text_policy *const text_policies[];

/* Policies one after the other: "autoaugment+shiftflip:shift=3". */
struct image_augmentation {
	size_t count;
	struct {
		const struct image_policy *policy;
		struct augment_args args;
	} steps[AUGMENT_STEPS];
};

struct text_augmentation {
	const struct text_policy *policy;
	struct augment_args args; /* the caller sets thesaurus if policy->needs_thesaurus */
};

/* Errors list the accepted names or numbers. */
int image_augmentation_parse(struct image_augmentation *augmentation, const char *text, struct err *err);
int text_augmentation_parse(struct text_augmentation *augmentation, const char *text, struct err *err);

/* Whether there is a step of that stage. */
bool image_augmentation_has(const struct image_augmentation *augmentation, enum augment_stage stage);

/* Whether a step crops. */
bool image_augmentation_crops(const struct image_augmentation *augmentation);

/* Applies the steps of one stage in order.  size: see augment_args. */
int image_augment(const struct image_augmentation *augmentation, enum augment_stage stage, size_t size, struct image *image,
	struct image *spare, struct rng *rng, struct err *err);
int text_augment(const struct text_augmentation *augmentation, struct buf *out, struct span text, struct rng *rng, struct err *err);

/* For policies that crop: a random part of an image, resized to a square. */
struct random_crop {
	float least, most;  /* share of the area */
	float ratio;        /* width / height is between 1 / ratio and ratio */
};

/* Chooses the part like torchvision's RandomResizedCrop: ten attempts, then the middle. */
struct image_part random_crop_part(const struct random_crop *crop, size_t width, size_t height, struct rng *rng);

/* Replaces the image by its part, resized to size x size, bicubic. */
int image_random_crop(
	struct image *image, const struct random_crop *crop, size_t size, struct image *spare, struct rng *rng, struct err *err);

#endif
