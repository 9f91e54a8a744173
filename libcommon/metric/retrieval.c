#include "metric/retrieval.h"

#include "core/parallel.h"
#include "metric/neighbours.h"
#include "metric/vectors.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

const size_t retrieval_tops[RETRIEVAL_TOPS] = { 1, 5, 10 };

static int check_width(struct retrieval *retrieval, size_t width, struct err *err)
{
	if (retrieval->images == 0)
		retrieval->width = width;
	if (width != retrieval->width)
		return err_set(err, "the embedding has %zu numbers, earlier ones have %zu", width, retrieval->width);
	if (retrieval->images == UINT32_MAX || retrieval->texts == UINT32_MAX)
		return err_set(err, "too many pairs to rank");
	return 0;
}

int retrieval_add_image(struct retrieval *retrieval, const float *image, size_t width, struct err *err)
{
	if (check_width(retrieval, width, err))
		return -1;
	buf_append(&retrieval->image_rows, image, width * sizeof *image);
	if (retrieval->image_rows.failed)
		return err_memory(err);
	retrieval->images++;
	return 0;
}

int retrieval_add_text(struct retrieval *retrieval, const float *text, size_t width, size_t image, struct err *err)
{
	const uint32_t owner = (uint32_t)image;

	if (check_width(retrieval, width, err))
		return -1;
	buf_append(&retrieval->text_rows, text, width * sizeof *text);
	buf_append(&retrieval->owners, &owner, sizeof owner);
	if (retrieval->text_rows.failed || retrieval->owners.failed)
		return err_memory(err);
	retrieval->texts++;
	return 0;
}

void retrieval_free(struct retrieval *retrieval)
{
	buf_free(&retrieval->image_rows);
	buf_free(&retrieval->text_rows);
	buf_free(&retrieval->owners);
	*retrieval = (struct retrieval){ 0 };
}

/* A query's own row.  Nearer are rows with a greater product, or with the same product and a smaller index. */
struct own {
	float product;
	size_t row; /* SIZE_MAX: none yet */
};

struct ranking {
	const float *queries, *gallery;
	size_t width;
	const struct own *own;
	const float *query_errors, *lengths; /* the error of a product is at most that of its query times the length of its row */
	uint32_t *ranks;
};

static bool is_nearer(const struct ranking *ranking, size_t query, size_t row)
{
	const float product = dot(ranking->queries + query * ranking->width, ranking->gallery + row * ranking->width, ranking->width);
	const struct own *own = &ranking->own[query];

	return product > own->product || (product == own->product && row < own->row);
}

struct decided {
	uint32_t nearer, doubtful;
};

SIMD static struct decided decide(size_t count, const float *products, const float *lengths, float own, float query_error)
{
	struct decided decided = { 0, 0 };

	for (size_t j = 0; j < count; j++) {
		const float by = products[j] - own, error = query_error * lengths[j] + FLT_MIN;
		decided.nearer += by > error;
		decided.doubtful += !(by > error || by < -error);
	}
	return decided;
}

enum { GROUP = 64 };

/* One query and a block; in most groups the products decide. */
static uint32_t count_nearer(const struct ranking *ranking, size_t query, const struct products_block *block, const float *products)
{
	uint32_t nearer = 0;

	for (size_t j = 0; j < block->columns; j += GROUP) {
		const size_t row = block->column + j, count = block->columns - j < GROUP ? block->columns - j : GROUP;
		const struct decided decided =
			decide(count, products + j, ranking->lengths + row, ranking->own[query].product, ranking->query_errors[query]);
		if (!decided.doubtful)
			nearer += decided.nearer;
		for (size_t i = row; decided.doubtful && i < row + count; i++)
			nearer += is_nearer(ranking, query, i);
	}
	return nearer;
}

static void rank_block(void *context, const struct products_block *block)
{
	const struct ranking *ranking = context;

	for (size_t i = 0; i < block->rows; i++)
		ranking->ranks[block->row + i] += count_nearer(ranking, block->row + i, block, block->data + i * PRODUCTS_COLUMNS);
}

/* Rounded up; in double, because a square may be too small or too large for float. */
static float length_of(const float *row, size_t width)
{
	double squares = 0;

	for (size_t k = 0; k < width; k++)
		squares += (double)row[k] * (double)row[k];
	return (float)(sqrt(squares) * (1 + 0x1p-20)) + FLT_MIN;
}

/* If sums may overflow, every product is doubtful. */
static float error_of(float length, float longest, size_t width)
{
	const double most = (double)length * (double)longest;

	return most < (double)FLT_MAX / 4 ? (float)(products_error(width) * (double)length) : INFINITY;
}

static int rank(struct ranking *ranking, size_t m, size_t n, struct pool *pool, struct err *err)
{
	const size_t width = ranking->width;
	float *lengths = malloc((m + n + 1) * sizeof *lengths), *errors = lengths + n, longest = 0;
	int status = -1;

	if (!lengths)
		return err_memory(err);
	for (size_t j = 0; j < n; j++) {
		lengths[j] = length_of(ranking->gallery + j * width, width);
		longest = lengths[j] > longest || isnan(lengths[j]) ? lengths[j] : longest;
	}
	for (size_t i = 0; i < m; i++) {
		errors[i] = error_of(length_of(ranking->queries + i * width, width), longest, width);
		ranking->ranks[i] = 0;
	}
	ranking->lengths = lengths;
	ranking->query_errors = errors;
	status = products_each(ranking->queries, m, ranking->gallery, n, width, false, pool, rank_block, ranking, err);
	free(lengths);
	return status;
}

static const float *rows_of(const struct buf *rows)
{
	return (const float *)(const void *)rows->data;
}

/* The own row of each query: for an image the nearest of its texts, of several the first; for a text its image. */
static struct own *find_own(const struct retrieval *retrieval, bool of_images)
{
	const uint32_t *owners = (const uint32_t *)(const void *)retrieval->owners.data;
	const float *images = rows_of(&retrieval->image_rows), *texts = rows_of(&retrieval->text_rows);
	const size_t width = retrieval->width, count = of_images ? retrieval->images : retrieval->texts;
	struct own *list = malloc((count + 1) * sizeof *list);

	for (size_t i = 0; list && i < count; i++)
		list[i].row = SIZE_MAX;
	for (size_t j = 0; list && j < retrieval->texts; j++) {
		const float product = dot(images + owners[j] * width, texts + j * width, width);
		struct own *own = &list[of_images ? owners[j] : j];
		if (own->row == SIZE_MAX || product > own->product)
			*own = (struct own){ product, of_images ? j : owners[j] };
	}
	return list;
}

int retrieval_ranks(const struct retrieval *retrieval, bool of_images, struct pool *pool, uint32_t *ranks, struct err *err)
{
	const float *images = rows_of(&retrieval->image_rows), *texts = rows_of(&retrieval->text_rows);
	const size_t m = of_images ? retrieval->images : retrieval->texts, n = of_images ? retrieval->texts : retrieval->images;
	struct own *own = find_own(retrieval, of_images);
	struct ranking ranking = { .queries = of_images ? images : texts,
		.gallery = of_images ? texts : images,
		.width = retrieval->width,
		.own = own,
		.ranks = ranks };
	const int status = own ? rank(&ranking, m, n, pool, err) : err_memory(err);

	free(own);
	return status;
}
