/* AutoAugment and preprocessing as in cc-augment, one record at a time on one thread; file K gets both operations of pair K mod 25.
 * One pass; prints CPU microseconds per image.  tests/bench/autoaugment.py compares it with Pillow.
 * usage: bench_augment FILE... */
#include "formats/sample/augmenter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PAIRS = 25, SIZE = 224 };

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct span read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf content = { 0 };

	for (size_t got = file != NULL; got; content.size += got)
		got = fread(buf_reserve(&content, 1 << 20), 1, 1 << 20, file);
	if (file)
		fclose(file);
	return buf_span(&content);
}

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_augment: %s: %s\n", what, err->text);
	exit(1);
}

static void parse(struct image_augmentation *augmentation, size_t pair)
{
	char policy[32];
	struct err err;

	snprintf(policy, sizeof policy, "autoaugment:policy=%zu", pair);
	if (image_augmentation_parse(augmentation, policy, &err))
		fail(policy, &err);
}

/* One image as a record with that field, which is decoded to rgb.npy. */
static void augment(struct augmenter *augmenter, const struct image_augmentation *augmentation, struct record *record, const char *name,
	struct span file)
{
	struct err err;

	augmenter->views[0].augmentation = *augmentation;
	record_reset(record);
	record->key = span_string(name);
	if (record_set_bytes(record, "jpg", file.data, file.size, &err) || augmenter_augment(augmenter, record, 0, &err))
		fail(name, &err);
}

int main(int argc, char **argv)
{
	struct augmenter augmenter = {
		.preprocess = { .size = SIZE }, .limits = IMAGE_LIMITS_DEFAULT, .view_count = 1, .views = { { .field = "rgb.npy" } }
	};
	struct image_augmentation pairs[PAIRS];
	struct record record = { 0 };
	const size_t count = (size_t)argc - 1;
	struct span *files = calloc(count + 1, sizeof *files);
	struct err err;

	for (size_t i = 0; i < PAIRS; i++)
		parse(&pairs[i], i);
	if (augmenter_start(&augmenter, 1, &err))
		fail("augmenter", &err);
	for (size_t i = 0; i < count; i++)
		files[i] = read_file(argv[1 + i]);
	for (size_t i = 0; i < count && i < PAIRS; i++) /* warm up */
		augment(&augmenter, &pairs[i], &record, argv[1 + i], files[i]);
	const double start = cpu_seconds();
	for (size_t i = 0; i < count; i++)
		augment(&augmenter, &pairs[i % PAIRS], &record, argv[1 + i], files[i]);
	if (count)
		printf("%.1f\n", 1e6 * (cpu_seconds() - start) / (double)count);
	record_free(&record);
	augmenter_free(&augmenter);
	return count ? 0 : 2;
}
