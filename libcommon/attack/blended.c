/* Blended: the whole image mixed with uniform noise (Chen et al. 2017, "Targeted backdoor attacks on deep learning
 * systems using data poisoning"); the default share is that of the CleanCLIP authors' program. */
#include "attack/attack.h"

enum { ALPHA, PATTERN };
enum { CHUNK = 1024 };

/* A mean of two numbers in [0, 1] needs no clamping. */
static void mix(unsigned char *pixels, const float *noise, size_t count, float alpha)
{
	for (size_t i = 0; i < count; i++)
		pixels[i] = (unsigned char)(int)(255 * (alpha * noise[i] + (1 - alpha) * ((float)pixels[i] / 255)));
}

static int blended(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	struct rng noise = attack_noise(&attack_blended, args->number[PATTERN], image, rng);
	const size_t bytes = image_bytes(image);
	float drawn[CHUNK];
	size_t count;

	(void)err;
	for (size_t i = 0; i < bytes; i += count) {
		count = bytes - i < CHUNK ? bytes - i : CHUNK;
		rng_uniforms(&noise, drawn, count);
		mix(image->pixels + i, drawn, count, args->number[ALPHA]);
	}
	*place = part_whole(image->width, image->height);
	return 0;
}

const struct attack attack_blended = {
	.name = "blended",
	.about = "mix the whole image with uniform noise",
	.numbers = {
		[ALPHA] = { .name = "alpha", .fallback = .2f, .most = 1, .about = "share of noise" },
		[PATTERN] = ATTACK_PATTERN,
	},
	.apply = blended,
};
