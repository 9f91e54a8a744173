/* Image operations by the names of tests/golden/image_reference.py. */
#ifndef TESTS_IMAGE_OPERATION_H
#define TESTS_IMAGE_OPERATION_H

#include "image/colour.h"
#include "image/geometry.h"
#include "image/preprocess.h"

#include <string.h>

struct operation {
	const char *name;
	double a, b, c;
	bool pillow_12;
};

static inline int operation_colour(const struct operation *op, struct image *image, struct image *spare, struct err *err)
{
	const float factor = (float)op->a;

	if (strcmp(op->name, "invert") == 0)
		image_invert(image);
	else if (strcmp(op->name, "posterize") == 0)
		image_posterize(image, (int)op->a);
	else if (strcmp(op->name, "solarize") == 0)
		image_solarize(image, op->a);
	else if (strcmp(op->name, "autocontrast") == 0)
		image_autocontrast(image);
	else if (strcmp(op->name, "equalize") == 0)
		image_equalize(image);
	else if (strcmp(op->name, "brightness") == 0)
		image_brightness(image, factor);
	else if (strcmp(op->name, "color") == 0)
		image_saturation(image, factor);
	else if (strcmp(op->name, "contrast") == 0)
		image_contrast(image, factor);
	else if (strcmp(op->name, "sharpness") == 0)
		return image_sharpness(image, factor, spare, err);
	else
		return err_set(err, "no operation is called %s", op->name);
	return 0;
}

enum { OPERATION_FILL = 77 };

static inline struct preprocess operation_preprocess(const struct operation *op)
{
	return (struct preprocess){ (size_t)op->a, (enum resize_filter)op->b, (enum preprocess_crop)op->c, op->pillow_12, OPERATION_FILL };
}

static inline struct resize_plan operation_plan(const struct operation *op, size_t width, size_t height)
{
	const struct preprocess how = operation_preprocess(op);
	const struct resize_plan resize = { (enum resize_filter)op->c, width, height, (size_t)op->a, (size_t)op->b,
		part_whole((size_t)op->a, (size_t)op->b), op->pillow_12 };

	return strcmp(op->name, "resize") == 0 ? resize : preprocess_plan(&how, width, height, NULL);
}

/* In place. */
static inline int operation_run(
	const struct operation *op, struct image *image, struct image *spare, struct resizer *resizer, struct err *err)
{
	if (strcmp(op->name, "rotate") == 0)
		return image_rotate(image, op->a, spare, err);
	if (strcmp(op->name, "shear") == 0)
		return image_shear(image, op->a, op->b, spare, err);
	if (strcmp(op->name, "translate") == 0)
		return image_translate(image, (long)op->a, (long)op->b, spare, err);
	if (strcmp(op->name, "resize") != 0 && strcmp(op->name, "preprocess") != 0)
		return operation_colour(op, image, spare, err);
	const struct resize_plan plan = operation_plan(op, image->width, image->height);
	if (resize_run(resizer, &plan, image, part_whole(image->width, image->height), spare, err) || image_copy(image, spare, err))
		return -1;
	const struct preprocess how = operation_preprocess(op);
	return strcmp(op->name, "resize") == 0 ? 0 : preprocess_fill(&how, image, spare, err);
}

#endif
