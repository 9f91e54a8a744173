/* BadNet: a square patch of normal noise around the image's mean colour (Gu et al. 2017, "BadNets"; noise, size and place as in the
 * CleanCLIP authors' program). */
#include "attack/attack.h"

enum { PATTERN = PATCH_NUMBERS, WRAP };

static void mean_colour(const struct image *image, float mean[3])
{
	const size_t pixels = image->width * image->height;
	uint64_t sum[3] = { 0 };

	for (size_t i = 0; i < pixels; i++)
		for (size_t c = 0; c < 3; c++)
			sum[c] += image->pixels[3 * i + c];
	for (size_t c = 0; c < 3; c++)
		mean[c] = (float)((double)sum[c] / (double)pixels / 255);
}

/* The CleanCLIP authors' program does not clamp: PyTorch's conversion to bytes keeps the low eight bits, so a value above 255 wraps
 * around to a dark one. */
static unsigned char wrapped(float value)
{
	return (unsigned char)(int32_t)value;
}

static int badnet(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	float mean[3] = { .5f, .5f, .5f }; /* a fixed pattern does not depend on the image */

	if (patch_find(place, image, args, rng, err))
		return -1;
	if (args->number[PATTERN] == 0)
		mean_colour(image, mean);
	struct rng noise = attack_noise(&attack_badnet, args->number[PATTERN], image, rng);
	for (size_t y = place->y; y < place->y + place->height; y++) {
		unsigned char *row = image->pixels + 3 * (y * image->width + place->x);
		for (size_t i = 0; i < 3 * place->width; i++) {
			const float value = 255 * (mean[i % 3] + rng_normal(&noise));
			row[i] = args->number[WRAP] != 0 ? wrapped(value) : to_u8(value);
		}
	}
	patch_finish(place, image, args);
	return 0;
}

const struct attack attack_badnet = {
	.name = "badnet",
	.about = "a square patch of noise N(0,1) around the image's mean colour",
	.numbers = { ATTACK_PATCH, [PATTERN] = ATTACK_PATTERN,
		[WRAP] = { .name = "wrap",
			.most = 1,
			.whole = true,
			.optional = true,
			.about = "1: values outside 0..255 wrap around, as in the CleanCLIP authors' program" } },
	.apply = badnet,
};
