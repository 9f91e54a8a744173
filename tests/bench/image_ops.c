/* Runs image operations for parity_images.py, which compares them with Pillow's.
 * Standard input: requests, each a line "NAME A B C WIDTH HEIGHT BYTES" followed by that many bytes of pixels or of an encoded image.
 * Standard output: for each request "WIDTH HEIGHT BYTES" and pixels, or "error MESSAGE".
 * usage: image_ops [plain|avx2|avx512|best [pillow-12]]          (the code that resizes; Pillow before 13) */
#include "augment/augment.h"
#include "formats/image/image_codec.h"
#include "image/resize_axis.h"
#include "tests/bench/image_operation.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_NAME = 32 };

struct request {
	char name[LONGEST_NAME];
	struct operation op;
	struct span bytes;  /* the payload */
	struct image image; /* the payload decoded, if it is an image */
	struct image spare;
	struct resizer resizer;
	struct resize_plan plan;
};

static struct image_part part_of_plan(void *context, size_t width, size_t height)
{
	struct request *request = context;

	request->plan = operation_plan(&request->op, width, height);
	return resize_needs(&request->plan);
}

/* Only what the crop needs is decoded. */
static int decode_preprocess(struct request *r, struct err *err)
{
	const struct image_request request = { part_of_plan, r };
	struct image_part have;

	if (image_decode_part(&r->spare, &have, r->bytes, &IMAGE_LIMITS_DEFAULT, &request, err))
		return -1;
	return resize_run(&r->resizer, &r->plan, &r->spare, have, &r->image, err);
}

static int policy(struct request *r, struct err *err)
{
	struct image_augmentation augmentation;
	struct rng rng = rng_for((uint64_t)r->op.a, span_string("key"), 0, "policy");

	const size_t size = r->image.width;

	if (image_augmentation_parse(&augmentation, r->name, err) ||
		image_augment(&augmentation, AUGMENT_FULL, size, &r->image, &r->spare, &rng, err))
		return -1;
	return image_augment(&augmentation, AUGMENT_SMALL, size, &r->image, &r->spare, &rng, err);
}

static int run(struct request *r, struct err *err)
{
	if (strcmp(r->name, "decode") == 0)
		return image_decode(&r->image, r->bytes, &IMAGE_LIMITS_DEFAULT, err);
	if (strcmp(r->name, "decode_preprocess") == 0)
		return decode_preprocess(r, err);
	if (strchr(r->name, ':'))
		return policy(r, err);
	return operation_run(&r->op, &r->image, &r->spare, &r->resizer, err);
}

/* False at the end. */
static bool read_request(struct request *r, struct buf *payload)
{
	size_t width, height, bytes;

	if (scanf("%31s %lf %lf %lf %zu %zu %zu", r->name, &r->op.a, &r->op.b, &r->op.c, &width, &height, &bytes) != 7 || getchar() != '\n')
		return false;
	buf_clear(payload);
	if (!buf_reserve(payload, bytes + 1) || fread(payload->data, 1, bytes, stdin) != bytes)
		return false;
	r->op.name = r->name;
	r->bytes = span_of(payload->data, bytes);
	if (bytes && width * height * 3 == bytes) {
		struct err err;
		if (image_resize_buffer(&r->image, width, height, &err))
			return false;
		memcpy(r->image.pixels, payload->data, bytes);
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *kernel = argc > 1 ? argv[1] : "best";
	struct request r = { .op.pillow_12 = argc > 2 && strcmp(argv[2], "pillow-12") == 0 };
	struct buf payload = { 0 };
	struct err err;

	for (size_t i = 0; resize_kernels[i]; i++)
		if (strcmp(kernel, resize_kernels[i]->name) == 0 && resize_kernels[i]->is_supported())
			r.resizer.kernel = resize_kernels[i];
	if (!r.resizer.kernel && strcmp(kernel, "best") != 0) {
		fprintf(stderr, "image_ops: %s does not run here\n", kernel);
		return 1;
	}
	while (read_request(&r, &payload)) {
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
