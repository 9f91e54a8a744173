/* Runs image operations that a script asks for, so that it can compare them with Pillow's: tests/golden/images.py and
 * tests/parity_images.py.  Standard input: requests, each the line "NAME A B C WIDTH HEIGHT BYTES" and that many bytes of
 * pixels or of an encoded image.  Standard output: for each "WIDTH HEIGHT BYTES" and pixels, or "error SENTENCE".
 * Arguments: the code that resizes (plain, avx2, avx512, best), and "pillow-12" for Pillow before 13. */
#include "augment/augment.h"
#include "formats/image_codec.h"
#include "image/colour.h"
#include "image/geometry.h"
#include "image/preprocess.h"
#include "image/resize_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 32 };

struct request {
	char name[LONGEST_NAME];
	double a, b, c;
	struct span bytes;    /* the payload */
	struct image image;   /* the payload as an image, where it is one */
	struct image spare;
	struct resizer resizer;
	bool pillow_12;
};

static int resize(struct request *r, struct err *err)
{
	const struct image_part all = part_whole(r->image.width, r->image.height);
	const struct resize_plan plan = { (enum resize_filter)r->c, all.width, all.height, (size_t)r->a, (size_t)r->b,
		part_whole((size_t)r->a, (size_t)r->b), r->pillow_12 };

	if (resize_run(&r->resizer, &plan, &r->image, all, &r->spare, err))
		return -1;
	return image_copy(&r->image, &r->spare, err);
}

static int preprocess(struct request *r, struct err *err)
{
	const struct preprocess how = { (size_t)r->a, (enum resize_filter)r->b, (enum preprocess_crop)r->c, r->pillow_12 };
	const struct resize_plan plan = preprocess_plan(&how, r->image.width, r->image.height, NULL);

	if (resize_run(&r->resizer, &plan, &r->image, part_whole(r->image.width, r->image.height), &r->spare, err))
		return -1;
	return image_copy(&r->image, &r->spare, err);
}

static int decode(struct request *r, struct err *err)
{
	return image_decode(&r->image, r->bytes, &IMAGE_LIMITS_DEFAULT, err);
}

struct wish {
	struct preprocess how;
	struct resize_plan plan;
};

static struct image_part part_of_plan(void *context, size_t width, size_t height)
{
	struct wish *wish = context;

	wish->plan = preprocess_plan(&wish->how, width, height, NULL);
	return resize_needs(&wish->plan);
}

/* Only what the crop needs is decoded. */
static int decode_preprocess(struct request *r, struct err *err)
{
	struct wish wish = { { (size_t)r->a, (enum resize_filter)r->b, (enum preprocess_crop)r->c, r->pillow_12 }, { 0 } };
	const struct image_wish part = { part_of_plan, &wish };
	struct image_part have;

	if (image_decode_part(&r->spare, &have, r->bytes, &IMAGE_LIMITS_DEFAULT, &part, err))
		return -1;
	return resize_run(&r->resizer, &wish.plan, &r->spare, have, &r->image, err);
}

static int policy(struct request *r, const char *text, struct err *err)
{
	struct image_augmentation augmentation;
	struct rng rng = rng_for((uint64_t)r->a, span_string("key"), 0, "policy");

	if (image_augmentation_parse(&augmentation, text, r->image.width, err) ||
		image_augment(&augmentation, AUGMENT_FULL, &r->image, &r->spare, &rng, err))
		return -1;
	return image_augment(&augmentation, AUGMENT_SMALL, &r->image, &r->spare, &rng, err);
}

static int colour(struct request *r, struct err *err)
{
	const float factor = (float)r->a;

	if (strcmp(r->name, "invert") == 0)
		image_invert(&r->image);
	else if (strcmp(r->name, "posterize") == 0)
		image_posterize(&r->image, (int)r->a);
	else if (strcmp(r->name, "solarize") == 0)
		image_solarize(&r->image, r->a);
	else if (strcmp(r->name, "autocontrast") == 0)
		image_autocontrast(&r->image);
	else if (strcmp(r->name, "equalize") == 0)
		image_equalize(&r->image);
	else if (strcmp(r->name, "brightness") == 0)
		image_brightness(&r->image, factor);
	else if (strcmp(r->name, "color") == 0)
		image_saturation(&r->image, factor);
	else if (strcmp(r->name, "contrast") == 0)
		image_contrast(&r->image, factor);
	else if (strcmp(r->name, "sharpness") == 0)
		return image_sharpness(&r->image, factor, &r->spare, err);
	else
		return err_set(err, "no operation is called %s", r->name);
	return 0;
}

static int run(struct request *r, struct err *err)
{
	if (strcmp(r->name, "decode") == 0)
		return decode(r, err);
	if (strcmp(r->name, "decode_preprocess") == 0)
		return decode_preprocess(r, err);
	if (strcmp(r->name, "preprocess") == 0)
		return preprocess(r, err);
	if (strcmp(r->name, "resize") == 0)
		return resize(r, err);
	if (strcmp(r->name, "rotate") == 0)
		return image_rotate(&r->image, r->a, &r->spare, err);
	if (strcmp(r->name, "shear") == 0)
		return image_shear(&r->image, r->a, r->b, &r->spare, err);
	if (strcmp(r->name, "translate") == 0)
		return image_translate(&r->image, (long)r->a, (long)r->b, &r->spare, err);
	if (strchr(r->name, ':'))
		return policy(r, r->name, err);
	return colour(r, err);
}

/* 1: a request, 0: the end. */
static int read_request(struct request *r, struct buf *payload)
{
	size_t width, height, bytes;

	if (scanf("%31s %lf %lf %lf %zu %zu %zu", r->name, &r->a, &r->b, &r->c, &width, &height, &bytes) != 7 ||
		getchar() != '\n')
		return 0;
	buf_clear(payload);
	if (!buf_reserve(payload, bytes + 1) || fread(payload->data, 1, bytes, stdin) != bytes)
		return 0;
	r->bytes = span_of(payload->data, bytes);
	if (width * height * 3 == bytes) {
		struct err err;
		if (image_resize_buffer(&r->image, width, height, &err))
			return 0;
		memcpy(r->image.pixels, payload->data, bytes);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	struct buf payload = { 0 };
	struct err err;

	for (size_t i = 0; argc > 1 && resize_kernels[i]; i++)
		if (strcmp(argv[1], resize_kernels[i]->name) == 0 && resize_kernels[i]->runs_here())
			r.resizer.kernel = resize_kernels[i];
	r.pillow_12 = argc > 2 && strcmp(argv[2], "pillow-12") == 0;
	if (argc > 1 && !r.resizer.kernel && strcmp(argv[1], "best") != 0) {
		fprintf(stderr, "image_ops: %s does not run here\n", argv[1]);
		return 1;
	}
	while (read_request(&r, &payload) > 0) {
		if (run(&r, &err)) {
			printf("error %s\n", err.text);
		} else {
			printf("%zu %zu %zu\n", r.image.width, r.image.height, image_bytes(&r.image));
			fwrite(r.image.pixels, 1, image_bytes(&r.image), stdout);
		}
		fflush(stdout);
	}
	buf_free(&payload);
	image_free(&r.image);
	image_free(&r.spare);
	resizer_free(&r.resizer);
	return 0;
}
