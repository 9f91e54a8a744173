/* Attacks: triggers that are put on an image, so that a model which learnt them answers with the attacker's target.
 * One attack is one file here and one line in attacks.def; what it draws is a function of its rng alone. */
#ifndef ATTACK_ATTACK_H
#define ATTACK_ATTACK_H

#include "core/err.h"
#include "core/number.h"
#include "core/rng.h"
#include "image/image.h"

enum { ATTACK_NUMBERS = 8 };

struct attack_args {
	float number[ATTACK_NUMBERS]; /* in the order of the attack's list */
};

struct attack {
	const char *name, *about;
	struct number numbers[ATTACK_NUMBERS + 1];
	/* In place; the size stays.  Colours are taken as v/255 in [0, 1], in float32, and stored by to_u8(255 * v),
	 * as the method's program does.  *place: where the trigger is.  -1: it does not fit the image. */
	int (*apply)(struct image *image, const struct attack_args *args, struct rng *rng, struct image_part *place,
		struct err *err);
};

#define ATTACK(name) extern const struct attack attack_##name;
#include "attack/attacks.def"
#undef ATTACK
extern const struct attack *const attacks[]; /* ended by NULL */

/* An attack with its numbers. */
struct trigger {
	const struct attack *attack;
	struct attack_args args;
};

/* "NAME" or "NAME:k=v,..".  A name or number that is wrong gets the accepted ones listed. */
int trigger_parse(struct trigger *trigger, const char *text, struct err *err);
int trigger_apply(const struct trigger *trigger, struct image *image, struct rng *rng, struct image_part *place,
	struct err *err);

/* A pixel's value of which `alpha` is replaced by `value`, which may lie outside of [0, 1]. */
static inline unsigned char attack_mix(unsigned char pixel, float value, float alpha)
{
	return to_u8(255 * (alpha * value + (1 - alpha) * ((float)pixel / 255)));
}

/* For attacks with noise: the number, and where the noise comes from.  Pattern 0 is the image's own rng; any other is a
 * function of (pattern, attack, size of the image) alone, so that training and test images carry the same trigger. */
#define ATTACK_PATTERN \
	{ \
		.name = "pattern", .most = 999999, .whole = true, \
		.about = "0: fresh noise on every image; N: the same on all, N says which" \
	}
struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh);

#endif
