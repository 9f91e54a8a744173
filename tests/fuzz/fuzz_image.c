/* Damages images at random and decodes them, whole and in part: no crash, no leak, no read outside.
 * usage: fuzz_image [SEED [ROUNDS [FILE...]]]    (make SAN=1 fuzzers; the same seed gives the same damage; without
 * files it uses the golden images, from the top of the tree) */
#include "core/rng.h"
#include "formats/image/image_codec.h"
#include "image/preprocess.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct image_limits limits = { .pixels = 4 << 20 };

static struct buf read_file(const char *path)
{
	struct buf content = { 0 };
	FILE *file = fopen(path, "rb");

	for (size_t got = file != NULL; got; content.size += got)
		got = fread(buf_reserve(&content, 1 << 16), 1, 1 << 16, file);
	if (file)
		fclose(file);
	return content;
}

/* A damaged copy in memory of its own, so that the sanitizer detects reads past its end: truncated, bytes replaced, bits flipped, a piece
 * moved. */
static struct span damaged(const struct buf *from, struct rng *rng)
{
	const size_t size = rng_below(rng, 4) ? from->size : 1 + rng_below(rng, (uint32_t)from->size);
	unsigned char *bytes = malloc(size);

	memcpy(bytes, from->data, size);
	for (uint32_t hits = rng_below(rng, 12); hits > 0; hits--) {
		/* Half of the changes are at the front, where the headers are. */
		const uint32_t within = rng_below(rng, 2) && size > 700 ? 700 : (uint32_t)size;
		const size_t at = rng_below(rng, within);
		if (rng_below(rng, 8) == 0 && size - at > 64)
			memmove(bytes + at, bytes + rng_below(rng, (uint32_t)size - 64), 1 + rng_below(rng, 64));
		else if (rng_below(rng, 2))
			bytes[at] = (unsigned char)rng_u32(rng);
		else
			bytes[at] ^= (unsigned char)(1u << rng_below(rng, 8));
	}
	return span_of(bytes, size);
}

struct cut {
	struct resize_plan plan;
	size_t reduction, width, height; /* 0: not reduced */
};

static struct image_part part_of_plan(void *context, size_t width, size_t height)
{
	const struct preprocess how = { 16, RESIZE_BICUBIC, CROP_CENTER, false };
	struct cut *cut = context;

	cut->plan = cut->reduction ? preprocess_plan(&how, cut->width, cut->height, NULL) : preprocess_plan(&how, width, height, NULL);
	if (cut->reduction)
		resize_plan_reduce(&cut->plan, cut->reduction);
	return resize_needs(&cut->plan);
}

static size_t reduction(void *context, size_t width, size_t height)
{
	struct cut *cut = context;

	cut->width = width;
	cut->height = height;
	cut->reduction = width >= 128 && height >= 128 ? 8 : width >= 32 && height >= 32 ? 2 : 1;
	return cut->reduction;
}

struct tally {
	size_t decoded, refused;
};

static void count(struct tally *tally, int failed)
{
	if (failed)
		tally->refused++;
	else
		tally->decoded++;
}

static void fuzz_file(const char *path, long rounds, struct rng *rng, struct tally *tally)
{
	struct image image = { 0 }, small = { 0 };
	struct resizer resizer = { 0 };
	struct buf content = read_file(path);

	for (long round = 0; content.size && round < rounds; round++) {
		const struct span bytes = damaged(&content, rng);
		struct cut cut = { .reduction = 0 };
		struct err err, damage;
		const struct image_request request = { part_of_plan, &cut, .reduction = rng_below(rng, 2) ? reduction : NULL,
			.damage = rng_below(rng, 2) ? &damage : NULL, .on_white = rng_below(rng, 2) };
		struct image_part have;

		count(tally, image_decode_part(&image, &have, bytes, &limits, &request, &err) ||
				     resize_run(&resizer, &cut.plan, &image, have, &small, &err));
		count(tally, image_decode(&image, bytes, &limits, &err));
		free((void *)(uintptr_t)bytes.data);
	}
	buf_free(&content);
	image_free(&image);
	image_free(&small);
	resizer_free(&resizer);
}

int main(int argc, char **argv)
{
	struct rng rng = rng_for(argc > 1 ? strtoull(argv[1], NULL, 10) : 1, span_string("fuzz"), 0, "image");
	const long rounds = argc > 2 ? atol(argv[2]) : 200;
	struct tally tally = { 0 };
	glob_t goldens = { 0 };

	if (argc <= 3)
		glob("tests/golden/images/*", 0, NULL, &goldens);
	for (size_t i = 0; i < goldens.gl_pathc; i++)
		fuzz_file(goldens.gl_pathv[i], rounds, &rng, &tally);
	for (int i = 3; i < argc; i++)
		fuzz_file(argv[i], rounds, &rng, &tally);
	globfree(&goldens);
	/* The damage must be neither always accepted nor always refused. */
	const bool both = tally.decoded && tally.refused;
	printf("%sok 1 - images: %zu decoded, %zu refused\n1..1\n", both ? "" : "not ", tally.decoded, tally.refused);
	return both ? 0 : 1;
}
