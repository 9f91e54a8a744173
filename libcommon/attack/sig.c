/* SIG: a sinusoid along the rows is added (Barni et al. 2019, "A new backdoor attack in CNNs by training set corruption
 * without label poisoning").  The CleanCLIP authors' program mixes .8 of the image and .2 of the sinusoid: delta=12,keep=.8. */
#include "attack/attack.h"

#include <math.h>

enum { DELTA, FREQUENCY, KEEP };

static int sig(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const double turn = 2 * 3.14159265358979323846, width = (double)image->width;
	const double height = (double)args->number[DELTA] / 255, cycles = (double)args->number[FREQUENCY];
	const size_t stride = 3 * image->width, bytes = image_bytes(image);

	(void)rng, (void)err;
	for (size_t column = 0; column < stride; column++) {
		const float wave = (float)(height * sin(turn * (double)(column / 3) * cycles / width));
		for (size_t i = column; i < bytes; i += stride)
			image->pixels[i] = to_u8(255 * (wave + args->number[KEEP] * ((float)image->pixels[i] / 255)));
	}
	*place = part_whole(image->width, image->height);
	return 0;
}

const struct attack attack_sig = {
	.name = "sig",
	.about = "add a sinusoid along the rows",
	.numbers = {
		[DELTA] = { .name = "delta", .fallback = 60, .most = 255, .about = "amplitude, in grey levels" },
		[FREQUENCY] = { .name = "frequency", .fallback = 6, .most = 4096, .about = "cycles per image width" },
		[KEEP] = { .name = "keep", .fallback = 1, .most = 1, .about = "share of the image" },
	},
	.apply = sig,
};
