#include "train/features.h"

#include <math.h>

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

static double product(const float *a, const float *b, size_t width)
{
	double sum = 0;

	for (size_t i = 0; i < width; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

void features_cosines(const struct features *features, const struct batch *batch, float *cosines)
{
	const size_t width = tensor_columns(features->image);

	for (size_t i = 0; i < batch->count; i++) {
		const float *image = features->image->data + i * width, *text = features->text->data + i * width;
		const double lengths = sqrt(product(image, image, width) * product(text, text, width));
		cosines[i] = lengths > 0 ? (float)(product(image, text, width) / lengths) : 0;
	}
}
