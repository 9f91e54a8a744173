#include "image/preprocess.h"

#include <math.h>

const char *const resize_filter_names[] = { "bicubic", "bilinear", "box", NULL };
const char *const preprocess_crop_names[] = { "center", "random", "squash", NULL };

/* size * longer / shorter as Python divides integers: in double, cut to a whole number. */
static size_t longer_side(size_t size, size_t longer, size_t shorter)
{
	return (size_t)((double)(size * longer) / (double)shorter);
}

/* Python's round(): halves go to the even neighbour, as rint() does by default. */
static size_t crop_start(const struct preprocess *preprocess, size_t side, struct rng *rng)
{
	size_t rest = side - preprocess->size;

	if (preprocess->crop == CROP_RANDOM)
		return rng_below(rng, rest < UINT32_MAX ? (uint32_t)rest + 1 : UINT32_MAX);
	return (size_t)rint((double)rest / 2);
}

struct resize_plan preprocess_plan(
	const struct preprocess *preprocess, size_t width, size_t height, struct rng *rng)
{
	const size_t size = preprocess->size;
	struct resize_plan plan = {
		preprocess->filter, width, height, size, size, part_whole(size, size), preprocess->pillow_12,
	};

	if (preprocess->crop == CROP_SQUASH)
		return plan;
	if (width < height)
		plan.height = longer_side(size, height, width);
	else
		plan.width = longer_side(size, width, height);
	plan.wanted.x = crop_start(preprocess, plan.width, rng);
	plan.wanted.y = crop_start(preprocess, plan.height, rng);
	return plan;
}
