#include "image/preprocess.h"

#include <math.h>
#include <string.h>

const char *const resize_filter_names[] = { "bicubic", "bilinear", "box", NULL };
const char *const preprocess_crop_names[] = { "center", "random", "squash", "pad", NULL };

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

/* Both sides by what makes the longer one `size`, rounded as Python's round() does it. */
static void fit_longer(struct resize_plan *plan, size_t size)
{
	const double across = (double)plan->from_width / (double)size, down = (double)plan->from_height / (double)size;
	const double ratio = across > down ? across : down;

	plan->width = (size_t)rint((double)plan->from_width / ratio);
	plan->height = (size_t)rint((double)plan->from_height / ratio);
	plan->wanted = part_whole(plan->width, plan->height);
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
	if (preprocess->crop == CROP_PAD) {
		fit_longer(&plan, size);
		return plan;
	}
	if (width < height)
		plan.height = longer_side(size, height, width);
	else
		plan.width = longer_side(size, width, height);
	plan.wanted.x = crop_start(preprocess, plan.width, rng);
	plan.wanted.y = crop_start(preprocess, plan.height, rng);
	return plan;
}

int preprocess_fill(const struct preprocess *preprocess, struct image *image, struct image *spare, struct err *err)
{
	const size_t size = preprocess->size;
	const size_t left = (size - image->width) / 2, top = (size - image->height) / 2;

	if (image->width == size && image->height == size)
		return 0;
	if (image_copy(spare, image, err) || image_resize_buffer(image, size, size, err))
		return -1;
	memset(image->pixels, preprocess->fill, image_bytes(image));
	for (size_t y = 0; y < spare->height; y++)
		memcpy(image->pixels + 3 * ((top + y) * size + left), spare->pixels + 3 * y * spare->width, 3 * spare->width);
	return 0;
}
