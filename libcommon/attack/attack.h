/* Attacks: triggers that are put on an image or into its caption, so that a model which learnt them answers with the
 * attacker's target.  One attack is one file here and one line in attacks.def; what it draws is a function of its rng alone. */
#ifndef ATTACK_ATTACK_H
#define ATTACK_ATTACK_H

#include "core/err.h"
#include "core/number.h"
#include "core/rng.h"
#include "image/overlay.h"

enum { ATTACK_NUMBERS = 8, ATTACK_TEXTS = 2 };

/* An argument that is not a number: "file=stamp.png".  It cannot contain a comma. */
struct attack_text {
	const char *name; /* NULL ends a list */
	const char *about;
	bool file;        /* names a picture, which the caller of trigger_parse reads into args.picture */
	bool required;
};

struct attack_args {
	float number[ATTACK_NUMBERS];     /* in the order of the attack's list */
	const char *text[ATTACK_TEXTS];   /* the same; NULL: not given */
	const struct overlay *picture;    /* the content of the text that is a file; NULL: not given */
};

/* A record as an attack sees it. */
struct sample {
	struct image *image;     /* changed in place; its size stays */
	struct image_part place; /* set by apply: where in the image the trigger is */
	struct span caption;     /* data NULL: it has none */
	struct span target;      /* data NULL: none was named */
};

struct attack {
	const char *name, *about;
	struct number numbers[ATTACK_NUMBERS + 1];
	struct attack_text texts[ATTACK_TEXTS + 1];

	/* Colours are taken as v/255 in [0, 1], in float32, and stored by to_u8(255 * v), as the method's program does.
	 * -1: the trigger does not fit the image. */
	int (*apply)(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err);

	/* NULL, or an attack that can put its trigger into the caption instead: whether these arguments ask for that, and the new
	 * caption, made of the one that the poisoned record would have. */
	bool (*in_caption)(const struct attack_args *args);
	int (*write_caption)(
		struct buf *out, const struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err);
};

#define ATTACK(name) extern const struct attack attack_##name;
#include "attack/attacks.def"
#undef ATTACK
extern const struct attack *const attacks[]; /* ended by NULL */

/* An attack with its arguments. */
struct trigger {
	const struct attack *attack;
	struct attack_args args;
	char *memory; /* of the texts */
};

/* "NAME" or "NAME:k=v,..".  A name or argument that is wrong gets the accepted ones listed.  The caller frees with
 * trigger_free, also after an error. */
int trigger_parse(struct trigger *trigger, const char *text, struct err *err);
void trigger_free(struct trigger *trigger);

/* The argument that names a picture; NULL: there is none. */
const char *trigger_file(const struct trigger *trigger);

/* Whether the trigger goes into the caption, by trigger_write_caption, and not on the image, by trigger_apply. */
bool trigger_in_caption(const struct trigger *trigger);
int trigger_apply(const struct trigger *trigger, struct sample *sample, struct rng *rng, struct err *err);
int trigger_write_caption(const struct trigger *trigger, struct buf *out, const struct sample *sample, struct rng *rng, struct err *err);

/* A pixel's value of which `alpha` is replaced by `value`, which may lie outside of [0, 1]. */
static inline unsigned char attack_mix(unsigned char pixel, float value, float alpha)
{
	return to_u8(255 * (alpha * value + (1 - alpha) * ((float)pixel / 255)));
}

/* For attacks with noise: the number, and where the noise comes from.  Pattern 0 is the image's own rng; any other is a
 * function of (pattern, attack, size of the image) alone, so that training and test images carry the same trigger. */
#define ATTACK_PATTERN                                                                                                                     \
	{ .name = "pattern", .most = 999999, .whole = true, .about = "0: fresh noise on every image; N: the same on all, N says which" }
struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh);

#endif
