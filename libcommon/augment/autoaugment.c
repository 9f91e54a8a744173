/* AutoAugment's ImageNet policy (Cubuk et al. 2019), as torchvision (since 0.12, which shears about the top left corner) applies it to
 * PIL images: nearest-neighbour sampling, black outside.  One of 25 pairs of operations is chosen; each operation is applied with its
 * probability, at one of ten strengths, some with a random sign. */
#include "augment/augment.h"
#include "image/colour.h"
#include "image/geometry.h"

#include <stdbool.h>

enum { BINS = 10 };

enum operation {
	AUTOCONTRAST,
	COLOR,
	CONTRAST,
	EQUALIZE,
	INVERT,
	POSTERIZE,
	ROTATE,
	SHARPNESS,
	SHEAR_X,
	SOLARIZE,
};

struct step {
	enum operation operation;
	float probability;
	int bin;
};

static const struct step policies[][2] = {
	{ { POSTERIZE, .4f, 8 }, { ROTATE, .6f, 9 } },
	{ { SOLARIZE, .6f, 5 }, { AUTOCONTRAST, .6f, 0 } },
	{ { EQUALIZE, .8f, 0 }, { EQUALIZE, .6f, 0 } },
	{ { POSTERIZE, .6f, 7 }, { POSTERIZE, .6f, 6 } },
	{ { EQUALIZE, .4f, 0 }, { SOLARIZE, .2f, 4 } },
	{ { EQUALIZE, .4f, 0 }, { ROTATE, .8f, 8 } },
	{ { SOLARIZE, .6f, 3 }, { EQUALIZE, .6f, 0 } },
	{ { POSTERIZE, .8f, 5 }, { EQUALIZE, 1, 0 } },
	{ { ROTATE, .2f, 3 }, { SOLARIZE, .6f, 8 } },
	{ { EQUALIZE, .6f, 0 }, { POSTERIZE, .4f, 6 } },
	{ { ROTATE, .8f, 8 }, { COLOR, .4f, 0 } },
	{ { ROTATE, .4f, 9 }, { EQUALIZE, .6f, 0 } },
	{ { EQUALIZE, 0, 0 }, { EQUALIZE, .8f, 0 } },
	{ { INVERT, .6f, 0 }, { EQUALIZE, 1, 0 } },
	{ { COLOR, .6f, 4 }, { CONTRAST, 1, 8 } },
	{ { ROTATE, .8f, 8 }, { COLOR, 1, 2 } },
	{ { COLOR, .8f, 8 }, { SOLARIZE, .8f, 7 } },
	{ { SHARPNESS, .4f, 7 }, { INVERT, .6f, 0 } },
	{ { SHEAR_X, .6f, 5 }, { EQUALIZE, 1, 0 } },
	{ { COLOR, .4f, 0 }, { EQUALIZE, .6f, 0 } },
	{ { EQUALIZE, .4f, 0 }, { SOLARIZE, .2f, 4 } },
	{ { SOLARIZE, .6f, 5 }, { AUTOCONTRAST, .6f, 0 } },
	{ { INVERT, .6f, 0 }, { EQUALIZE, 1, 0 } },
	{ { COLOR, .6f, 4 }, { CONTRAST, 1, 8 } },
	{ { EQUALIZE, .8f, 0 }, { EQUALIZE, .6f, 0 } },
};

enum { POLICIES = sizeof policies / sizeof *policies };

/* torch.linspace(first, last, BINS)[bin]: float32, computed from the nearer end. */
static float strength(float first, float last, int bin)
{
	const float step = (last - first) / (BINS - 1);

	return bin < BINS / 2 ? first + step * (float)bin : last - step * (float)(BINS - 1 - bin);
}

/* 8 - round(bin * 4 / 9) */
static int bits_kept(int bin)
{
	return 8 - (8 * bin + BINS - 1) / (2 * (BINS - 1));
}

static int apply_step(struct image *image, const struct step *step, bool negative, struct image *spare, struct err *err)
{
	const double sign = negative ? -1 : 1;
	const float factor = (float)(1.0 + sign * (double)strength(0, .9f, step->bin));

	switch (step->operation) {
	case AUTOCONTRAST: image_autocontrast(image); break;
	case COLOR: image_saturation(image, factor); break;
	case CONTRAST: image_contrast(image, factor); break;
	case EQUALIZE: image_equalize(image); break;
	case INVERT: image_invert(image); break;
	case POSTERIZE: image_posterize(image, bits_kept(step->bin)); break;
	case ROTATE: return image_rotate(image, sign * (double)strength(0, 30, step->bin), spare, err);
	case SHARPNESS: return image_sharpness(image, factor, spare, err);
	case SHEAR_X: return image_shear(image, sign * (double)strength(0, .3f, step->bin), 0, spare, err);
	case SOLARIZE: image_solarize(image, (double)strength(255, 0, step->bin)); break;
	}
	return 0;
}

/* The parameter `policy` is for tests: -1 draws one of the 25 pairs; any other value applies both operations of that pair. */
static int autoaugment(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	const bool drawn = args->number[0] < 0;
	const struct step *steps = policies[drawn ? rng_below(rng, POLICIES) : (uint32_t)args->number[0]];

	for (int i = 0; i < 2; i++) {
		const bool done = rng_uniform(rng) < steps[i].probability, negative = rng_below(rng, 2) == 0;
		if ((done || !drawn) && apply_step(image, &steps[i], negative, spare, err))
			return -1;
	}
	return 0;
}

const struct image_policy image_policy_autoaugment = {
	.name = "autoaugment",
	.about = "AutoAugment's ImageNet policy: a random pair of operations, applied to the decoded image",
	.stage = AUGMENT_FULL,
	.numbers = { {
		.name = "policy",
		.fallback = -1,
		.least = -1,
		.most = POLICIES - 1,
		.whole = true,
		.about = "-1: one of the 25 pairs at random; N: pair N, always both operations",
	} },
	.apply = autoaugment,
};
