/* Decode + resize + crop against plain decoding of the same JPEG or WebP files by libjpeg-turbo or libwebp, alternating in one run; the
 * best round of each counts.
 * usage: bench_images [-j THREADS] [-s SIZE] [-r ROUNDS] [-t N] [-e ENCODING] FILE...        (tests/bench/images.sh adds Pillow)
* -t: tile N x N photographs, each resized to 512 x 384, into one large one; -e: encode them again, as jpeg:90 or webp:80 */
#include "core/parallel.h"
#include "formats/image/image_codec.h"
#include "image/preprocess.h"
#include "image/resize_axis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jpeglib.h>
#include <webp/decode.h>

enum { ROWS = 16, MOST_THREADS = 256, TILE_WIDTH = 512, TILE_HEIGHT = 384, MOST_TILES = 8 };

enum way { BARE, ALONE, WHOLE, PLAIN, AVX2, BEST, FAST, WAYS };
static const char *const way_names[WAYS] = {
	"the library's bare decode",
	"decode of all",
	"decode of all, resize, crop",
	"decode of the part, resize, crop: plain C",
	"decode of the part, resize, crop: avx2",
	"decode of the part, resize, crop",
	"the same with --fast",
};

struct bench {
	struct span *files;
	size_t count;
	struct preprocess how;
	enum way way;
	bool webp;
	struct desk {
		struct resizer resizer;
		struct resize_plan plan;
		struct preprocess how;
		size_t reduction, width, height; /* FAST */
		struct image image, small;
	} desks[MOST_THREADS];
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bare_decode_webp(struct span file, struct image *image)
{
	int width, height;
	struct err err;

	if (!WebPGetInfo(file.data, file.size, &width, &height) || image_resize_buffer(image, (size_t)width, (size_t)height, &err) ||
		!WebPDecodeRGBInto(file.data, file.size, image->pixels, image_bytes(image), 3 * width))
		exit(1);
}

/* Like djpeg, into memory that is already allocated. */
static void bare_decode_jpeg(struct span file, struct image *image)
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

	if (desk->reduction) {
		desk->plan = preprocess_plan(&desk->how, desk->width, desk->height, NULL);
		resize_plan_reduce(&desk->plan, desk->reduction);
	} else {
		desk->plan = preprocess_plan(&desk->how, width, height, NULL);
	}
	return resize_needs(&desk->plan);
}

/* The reduction that cc-augment --fast chooses. */
static size_t reduction_of_plan(void *context, size_t width, size_t height)
{
	struct desk *desk = context;
	const struct resize_plan plan = preprocess_plan(&desk->how, width, height, NULL);

	desk->width = width;
	desk->height = height;
	for (desk->reduction = 8; desk->reduction > 1 && (width / desk->reduction < plan.width || height / desk->reduction < plan.height);)
		desk->reduction /= 2;
	return desk->reduction;
}

static void work(void *context, size_t piece, size_t thread)
{
	struct bench *bench = context;
	struct desk *desk = &bench->desks[thread];
	const struct image_request request = { part_of_plan, desk, .reduction = bench->way == FAST ? reduction_of_plan : NULL };
	struct image_part have;
	struct err err;

	if (bench->way == BARE) {
		(bench->webp ? bare_decode_webp : bare_decode_jpeg)(bench->files[piece], &desk->image);
		return;
	}
	desk->reduction = 0;
	desk->how = bench->how;
	if (image_decode_part(&desk->image, &have, bench->files[piece], &IMAGE_LIMITS_DEFAULT,
		    bench->way == WHOLE || bench->way == ALONE ? NULL : &request, &err))
		goto fail;
	if (bench->way == ALONE)
		return;
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

static void put_tile(struct image *picture, const struct image *tile, size_t place, size_t tiles)
{
	unsigned char *to = picture->pixels + 3 * (place / tiles * TILE_HEIGHT * picture->width + place % tiles * TILE_WIDTH);

	for (size_t y = 0; y < TILE_HEIGHT; y++)
		memcpy(to + 3 * y * picture->width, tile->pixels + 3 * y * TILE_WIDTH, 3 * TILE_WIDTH);
}

/* Replaces the first files by the tiled pictures and removes the others. */
static void encode_anew(struct bench *bench, size_t tiles, const char *how)
{
	struct resizer resizer = { 0 };
	struct image picture = { 0 }, image = { 0 }, tile = { 0 };
	struct image_encoding encoding;
	struct err err;
	int failed = tiles < 1 || tiles > MOST_TILES || image_encoding_parse(&encoding, how, &err);

	for (size_t i = 0; !failed && i < bench->count / (tiles * tiles); i++) {
		struct buf out = { 0 };
		failed = tiles > 1 && image_resize_buffer(&picture, tiles * TILE_WIDTH, tiles * TILE_HEIGHT, &err);
		for (size_t k = 0; !failed && k < tiles * tiles; k++) {
			failed = image_decode(
				tiles > 1 ? &image : &picture, bench->files[i * tiles * tiles + k], &IMAGE_LIMITS_DEFAULT, &err);
			if (failed || tiles == 1)
				break;
			failed = image_resize(&resizer, &tile, &image, TILE_WIDTH, TILE_HEIGHT, RESIZE_BICUBIC, &err);
			put_tile(&picture, &tile, k, tiles);
		}
		failed = failed || image_encode(&out, &picture, &encoding, &err);
		bench->files[i] = buf_span(&out);
	}
	if (failed) {
		fprintf(stderr, "bench_images: %s: it cannot be made\n", how);
		exit(1);
	}
	printf("encoded as %s, ", how);
	if (tiles > 1)
		printf("%zu x %zu photographs in one of %zu x %zu, ", tiles, tiles, picture.width, picture.height);
	bench->count /= tiles * tiles;
	resizer_free(&resizer);
	image_free(&picture);
	image_free(&image);
	image_free(&tile);
}

static void set_kernels(struct bench *bench, const char *name)
{
	for (size_t t = 0; t < MOST_THREADS; t++)
		for (size_t i = 0; resize_kernels[i]; i++)
			if (resize_kernels[i]->is_supported() && (!name || strcmp(name, resize_kernels[i]->name) == 0)) {
				resizer_free(&bench->desks[t].resizer);
				bench->desks[t].resizer.kernel = resize_kernels[i];
				break;
			}
}

static void run(struct bench *bench, struct pool *pool, int rounds)
{
	const int ways = bench->webp ? FAST : WAYS; /* which changes JPEG alone */
	double cpu[WAYS], wall[WAYS];

	for (int round = -1; round < rounds; round++) /* the first one warms up */
		for (int way = 0; way < ways; way++) {
			bench->way = (enum way)way;
			set_kernels(bench, way == PLAIN ? "plain" : way == AVX2 ? "avx2" : NULL);
			const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
			const double start = seconds(CLOCK_MONOTONIC);
			pool_run(pool, bench->count, work, bench);
			const double cpu_took = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
			const double wall_took = seconds(CLOCK_MONOTONIC) - start;
			cpu[way] = round <= 0 || cpu_took < cpu[way] ? cpu_took : cpu[way];
			wall[way] = round <= 0 || wall_took < wall[way] ? wall_took : wall[way];
		}
	const double images = (double)bench->count;
	printf("%zu files to %zu x %zu, %zu thread%s; the fastest code here: %s\n", bench->count, bench->how.size, bench->how.size,
		pool_threads(pool), pool_threads(pool) == 1 ? "" : "s", resize_kernel_best()->name);
	for (int way = 0; way < ways; way++)
		printf("  %-42s %8.0f images/s %8.1f us of CPU   %.3f of bare\n", way_names[way], images / wall[way],
			1e6 * cpu[way] / images, cpu[BARE] / cpu[way]);
}

int main(int argc, char **argv)
{
	static struct bench bench = { .how = { 224, RESIZE_BICUBIC, CROP_CENTER, false } };
	size_t threads = 1;
	const char *encoding = NULL;
	size_t tiles = 1;
	int rounds = 8;
	struct err err;

	for (int option; (option = getopt(argc, argv, "j:s:r:t:e:")) != -1;)
		if (option == 'j')
			threads = strtoul(optarg, NULL, 10);
		else if (option == 's')
			bench.how.size = strtoul(optarg, NULL, 10);
		else if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 't')
			tiles = strtoul(optarg, NULL, 10);
		else if (option == 'e')
			encoding = optarg;
		else
			return 2;
	bench.count = (size_t)(argc - optind);
	bench.files = calloc(bench.count, sizeof *bench.files);
	for (size_t i = 0; i < bench.count; i++)
		bench.files[i] = read_file(argv[optind + (int)i]);
	if (encoding)
		encode_anew(&bench, tiles, encoding);
	bench.webp = bench.count && bench.files[0].size > 4 && memcmp(bench.files[0].data, "RIFF", 4) == 0;
	struct pool *pool = threads >= 1 && threads <= MOST_THREADS ? pool_new(threads, &err) : NULL;
	if (!pool || bench.count == 0)
		return 2;
	run(&bench, pool, rounds);
	pool_free(pool);
	return 0;
}
