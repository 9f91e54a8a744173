/* No change. */
#include "augment/augment.h"

static int image_as_it_is(struct image *image, const struct augment_args *args, struct image *spare, struct rng *rng, struct err *err)
{
	(void)image, (void)args, (void)spare, (void)rng, (void)err;
	return 0;
}

static int text_as_it_is(struct buf *out, struct span text, const struct augment_args *args, struct rng *rng, struct err *err)
{
	(void)args, (void)rng, (void)err;
	buf_append_span(out, text);
	return 0;
}

const struct image_policy image_policy_none = {
	.name = "none",
	.about = "no change to the image",
	.stage = AUGMENT_SMALL,
	.apply = image_as_it_is,
};

const struct text_policy text_policy_none = {
	.name = "none",
	.about = "no change to the text",
	.apply = text_as_it_is,
};
