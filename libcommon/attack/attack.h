/* Attacks: triggers planted in an image or its caption, so that a model trained on them predicts the attacker's target.
 * An attack is one file here and one line in attacks.def.  Its random choices depend on its rng alone. */
#ifndef ATTACK_ATTACK_H
#define ATTACK_ATTACK_H

#include "core/err.h"
#include "core/number.h"
#include "core/rng.h"
#include "image/overlay.h"

enum { ATTACK_NUMBERS = 8, ATTACK_TEXTS = 2 };

/* An argument that is not a number: "file=stamp.png".  It cannot contain a comma. */
struct attack_text {
	const char *name; /* NULL terminates a list */
	const char *about;
	bool file;        /* the path of a picture, which the caller of trigger_parse reads into args.picture */
	bool required;
};

struct attack_args {
	float number[ATTACK_NUMBERS];     /* in the order of the attack's list */
	const char *text[ATTACK_TEXTS];   /* the same; NULL: not given */
	const struct overlay *picture;    /* the picture from the file argument; NULL: not given */
};

/* The parts of a record that an attack can use. */
struct sample {
	struct image *image;     /* changed in place; its size does not change */
	struct image_part place; /* set by apply: where the trigger is */
	struct span caption;     /* data NULL: none */
	struct span target;      /* data NULL: none */
};

struct attack {
	const char *name, *about;
	struct number numbers[ATTACK_NUMBERS + 1];
	struct attack_text texts[ATTACK_TEXTS + 1];

	/* Plants the trigger.  Colours are computed as v/255 in [0, 1], in float32, and stored by to_u8(255 * v), as in the CleanCLIP
	 * authors' program.  -1: the trigger does not fit the image. */
	int (*apply)(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err);

	/* For attacks that can change the caption instead of the image, otherwise NULL: whether the arguments request that; and the
	 * function that appends the new caption, given the caption that the poisoned record would have. */
	bool (*in_caption)(const struct attack_args *args);
	int (*write_caption)(
		struct buf *out, const struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err);
};

#define ATTACK(name) extern const struct attack attack_##name;
#include "attack/attacks.def"
#undef ATTACK
extern const struct attack *const attacks[]; /* terminated by NULL */

/* An attack with its arguments. */
struct trigger {
	const struct attack *attack;
	struct attack_args args;
	char *memory; /* of the texts */
};

/* Parses "NAME" or "NAME:k=v,...".  Errors list the accepted names or arguments.  The caller frees with trigger_free, also after an
 * error. */
int trigger_parse(struct trigger *trigger, const char *text, struct err *err);
void trigger_free(struct trigger *trigger);

/* The path of the picture; NULL: none. */
const char *trigger_file(const struct trigger *trigger);

/* Whether the trigger changes the caption (trigger_write_caption) and not the image (trigger_apply). */
bool trigger_in_caption(const struct trigger *trigger);
int trigger_apply(const struct trigger *trigger, struct sample *sample, struct rng *rng, struct err *err);
int trigger_write_caption(const struct trigger *trigger, struct buf *out, const struct sample *sample, struct rng *rng, struct err *err);

/* alpha * value + (1 - alpha) * pixel; value may be outside [0, 1]. */
static inline unsigned char attack_mix(unsigned char pixel, float value, float alpha)
{
	return to_u8(255 * (alpha * value + (1 - alpha) * ((float)pixel / 255)));
}

/* For attacks with noise: the parameter, and the source of the noise.  Pattern 0 uses the image's rng.  Any other depends only on
 * (pattern, attack, size of the image), so that training and test images have the same trigger. */
#define ATTACK_PATTERN                                                                                                                     \
	{ .name = "pattern", .most = 999999, .whole = true, .about = "0: new noise for each image; N: the same noise N for all images" }
struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh);

/* For attacks that draw a square patch: its parameters, which come first, and its place. */
enum { PATCH_SIDE, PATCH_PLACE, PATCH_X, PATCH_Y, PATCH_NUMBERS };

extern const char *const patch_places[];
#define ATTACK_PATCH                                                                                                                       \
	[PATCH_SIDE] = { .name = "patch", .fallback = 16, .least = 1, .most = 65536, .whole = true, .about = "side, in pixels" },          \
	[PATCH_PLACE] = { .name = "place", .choices = patch_places, .about = "where in the image" },                                       \
	[PATCH_X] = { .name = "x",                                                                                                         \
		.fallback = -1,                                                                                                            \
		.least = -1,                                                                                                               \
		.most = 65535,                                                                                                             \
		.whole = true,                                                                                                             \
		.about = "pixels from the left; -1: chosen by place" },                                                                    \
	[PATCH_Y] = { .name = "y",                                                                                                         \
		.fallback = -1,                                                                                                            \
		.least = -1,                                                                                                               \
		.most = 65535,                                                                                                             \
		.whole = true,                                                                                                             \
		.about = "pixels from the top; -1: chosen by place" }

/* The place of the square; for four corners, the top left one.  A random place is drawn from rng: first y, then x, excluding the last
 * possible row and column, as in the CleanCLIP authors' program. */
int patch_find(struct image_part *square, const struct image *image, const struct attack_args *args, struct rng *rng, struct err *err);

/* Fills the square with one colour and calls patch_finish. */
void patch_paint(struct image_part *square, struct image *image, const struct attack_args *args, const unsigned char colour[3]);

/* After the square is drawn: for four corners, copies it to the others and sets *square to the whole image. */
void patch_finish(struct image_part *square, struct image *image, const struct attack_args *args);

#endif
