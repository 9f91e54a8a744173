/* Decode + resize + crop against libjpeg-turbo's bare decode of the same JPEG files, taking turns in one run.
 * usage: bench_images [-j THREADS] [-s SIZE] [-r ROUNDS] FILE...        (tests/bench/images.sh adds Pillow) */
#include "core/parallel.h"
#include "formats/image_codec.h"
#include "image/preprocess.h"
#include "image/resize_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>

enum { ROWS = 16, MOST_THREADS = 256 };

enum way { BARE, WHOLE, PLAIN, AVX2, BEST, WAYS };
static const char *const way_names[WAYS] = {
	"libjpeg-turbo's bare decode",
	"decode of all, resize, crop",
	"decode of the part, resize, crop: plain C",
	"decode of the part, resize, crop: avx2",
	"decode of the part, resize, crop",
};

struct bench {
	struct span *files;
	size_t count;
	struct preprocess how;
	enum way way;
	struct desk {
		struct resizer resizer;
		struct resize_plan plan;
		struct preprocess how;
		struct image image, small;
	} desks[MOST_THREADS];
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* As djpeg does it, into memory that is there already. */
static void bare_decode(struct span file, struct image *image)
{
	struct jpeg_error_mgr errors;
	struct jpeg_decompress_struct jpeg = { .err = jpeg_std_error(&errors) };
	struct err err;

	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, file.data, file.size);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_RGB;
	jpeg_start_decompress(&jpeg);
	if (image_resize_buffer(image, jpeg.output_width, jpeg.output_height, &err))
		exit(1);
	while (jpeg.output_scanline < jpeg.output_height) {
		JSAMPROW rows[ROWS];
		for (size_t i = 0; i < ROWS; i++) {
			size_t y = jpeg.output_scanline + i;
			y = y < image->height ? y : image->height - 1;
			rows[i] = image->pixels + 3 * image->width * y;
		}
		jpeg_read_scanlines(&jpeg, rows, ROWS);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
}

static struct image_part part_of_plan(void *context, size_t width, size_t height)
{
	struct desk *desk = context;

	desk->plan = preprocess_plan(&desk->how, width, height, NULL);
	return resize_needs(&desk->plan);
}

static void work(void *context, size_t piece, size_t thread)
{
	struct bench *bench = context;
	struct desk *desk = &bench->desks[thread];
	const struct image_wish wish = { part_of_plan, desk };
	struct image_part have;
	struct err err;

	if (bench->way == BARE) {
		bare_decode(bench->files[piece], &desk->image);
		return;
	}
	desk->how = bench->how;
	if (image_decode_part(&desk->image, &have, bench->files[piece], &IMAGE_LIMITS_DEFAULT,
		    bench->way == WHOLE ? NULL : &wish, &err))
		goto fail;
	if (bench->way == WHOLE)
		part_of_plan(desk, desk->image.width, desk->image.height);
	if (resize_run(&desk->resizer, &desk->plan, &desk->image, have, &desk->small, &err) == 0)
		return;
fail:
	fprintf(stderr, "bench_images: file %zu: %s\n", piece + 1, err.text);
	exit(1);
}

static struct span read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct buf content = { 0 };

	for (size_t got = file != NULL; got; content.size += got)
		got = fread(buf_reserve(&content, 1 << 20), 1, 1 << 20, file);
	if (!file || !content.size) {
		fprintf(stderr, "bench_images: %s cannot be read\n", path);
		exit(1);
	}
	fclose(file);
	return buf_span(&content);
}

static void set_kernels(struct bench *bench, const char *name)
{
	for (size_t t = 0; t < MOST_THREADS; t++)
		for (size_t i = 0; resize_kernels[i]; i++)
			if (resize_kernels[i]->runs_here() &&
				(!name || strcmp(name, resize_kernels[i]->name) == 0)) {
				resizer_free(&bench->desks[t].resizer);
				bench->desks[t].resizer.kernel = resize_kernels[i];
				break;
			}
}

static void run(struct bench *bench, struct pool *pool, int rounds)
{
	double cpu[WAYS] = { 0 }, wall[WAYS] = { 0 };

	for (int round = -1; round < rounds; round++) /* the first one warms up */
		for (int way = 0; way < WAYS; way++) {
			bench->way = (enum way)way;
			set_kernels(bench, way == PLAIN ? "plain" : way == AVX2 ? "avx2" : NULL);
			const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
			const double start = seconds(CLOCK_MONOTONIC);
			pool_run(pool, bench->count, work, bench);
			cpu[way] += round < 0 ? 0 : seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
			wall[way] += round < 0 ? 0 : seconds(CLOCK_MONOTONIC) - start;
		}
	const double images = (double)bench->count * rounds;
	printf("%zu files to %zu x %zu, %zu thread%s; the fastest code here: %s\n", bench->count,
		bench->how.size, bench->how.size, pool_threads(pool), pool_threads(pool) == 1 ? "" : "s",
		resize_kernel_best()->name);
	for (int way = 0; way < WAYS; way++)
		printf("  %-42s %8.0f images/s %8.1f us of CPU   %.3f of bare\n", way_names[way],
			images / wall[way], 1e6 * cpu[way] / images, cpu[BARE] / cpu[way]);
}

int main(int argc, char **argv)
{
	static struct bench bench = { .how = { 224, RESIZE_BICUBIC, CROP_CENTER, false } };
	size_t threads = 1;
	int rounds = 8;
	struct err err;

	for (int option; (option = getopt(argc, argv, "j:s:r:")) != -1;)
		if (option == 'j')
			threads = strtoul(optarg, NULL, 10);
		else if (option == 's')
			bench.how.size = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rounds = atoi(optarg);
		else
			return 2;
	bench.count = (size_t)(argc - optind);
	bench.files = calloc(bench.count, sizeof *bench.files);
	for (size_t i = 0; i < bench.count; i++)
		bench.files[i] = read_file(argv[optind + (int)i]);
	struct pool *pool = threads >= 1 && threads <= MOST_THREADS ? pool_new(threads, &err) : NULL;
	if (!pool || bench.count == 0)
		return 2;
	run(&bench, pool, rounds);
	pool_free(pool);
	return 0;
}
