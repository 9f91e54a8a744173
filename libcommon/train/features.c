#include "train/features.h"

struct features features_of(struct tape *tape, struct clip *clip, const struct batch *batch, unsigned parts)
{
	size_t rows = batch->shape.views * batch->count;
	struct features features = { 0 };

	if (parts & PART_IMAGE)
		features.image = clip_encode_images(tape, clip, batch->pixels, rows);
	if (parts & PART_TEXT)
		features.text = clip_encode_texts(tape, clip, batch->ids, batch->lengths, rows);
	return features;
}
