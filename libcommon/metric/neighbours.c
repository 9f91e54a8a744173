#include "metric/neighbours.h"
#include "core/parallel.h"
#include "metric/vectors.h"
#include "nn/gemm.h"

#include <math.h>
#include <stdlib.h>

enum { GROUP = 32 };

int neighbours_init(struct neighbours *search, const float *queries, size_t m, size_t width, size_t k, size_t self, struct err *err)
{
	*search = (struct neighbours){ .queries = queries, .m = m, .width = width, .k = k, .self = self };
	if (k == 0 || k > SIZE_MAX / 64 / (m + 1))
		return err_set(err, "%zu neighbours of %zu points do not fit in memory", k, m);
	search->nearest = malloc(m * k * sizeof *search->nearest + 1);
	search->counts = calloc(m + 1, sizeof *search->counts);
	search->squares = malloc((m + 1) * sizeof *search->squares);
	if (!search->nearest || !search->counts || !search->squares)
		return err_memory(err);
	for (size_t i = 0; i < m; i++)
		search->squares[i] = dot(queries + i * width, queries + i * width, width);
	return 0;
}

void neighbours_free(struct neighbours *search)
{
	free(search->nearest);
	free(search->counts);
	free(search->squares);
	*search = (struct neighbours){ 0 };
}

struct adding {
	struct neighbours *search;
	const float *references, *squares, *half; /* of the references: |r|^2, and half of it, rounded down */
	size_t first;
	double error; /* of a product, relative to the lengths of its two vectors */
};

static void insert(struct neighbour *nearest, size_t *count, size_t most, struct neighbour one)
{
	size_t at = *count < most ? (*count)++ : most;

	if (at == most && one.distance >= nearest[most - 1].distance)
		return;
	for (at -= at == most; at && nearest[at - 1].distance > one.distance; at--)
		nearest[at] = nearest[at - 1];
	nearest[at] = one;
}

/* Whether, given the product's error, the distance may be below the k-th. */
static bool may_be_near(const struct adding *adding, size_t i, size_t at, float product)
{
	const struct neighbours *search = adding->search;
	const double squares = (double)search->squares[i] + (double)adding->squares[at];

	return search->counts[i] < search->k ||
	       !(squares - 2 * (double)product - adding->error * squares > (double)search->nearest[i * search->k + search->k - 1].distance);
}

static void consider(const struct adding *adding, size_t i, size_t at, float product)
{
	struct neighbours *search = adding->search;
	const size_t width = search->width;

	if (!may_be_near(adding, i, at, product) || (search->self != NEIGHBOURS_NO_SELF && adding->first + at == search->self + i))
		return;
	const float distance = square_distance(search->queries + i * width, adding->references + at * width, width);
	insert(search->nearest + i * search->k, &search->counts[i], search->k,
		(struct neighbour){ distance, (uint32_t)(adding->first + at) });
}

/* The same for a group, erring on the side of yes: whether one product is at least half[j] + least, or NaN. */
SIMD static int some_near(size_t count, const float *products, const float *half, float least)
{
	int some = 0;

	for (size_t j = 0; j < count; j++)
		some |= !(products[j] < half[j] + least);
	return some;
}

/* One query and a block of references; most groups contain nothing near. */
static void consider_row(const struct adding *adding, size_t i, size_t begin, size_t count, const float *products)
{
	const struct neighbours *search = adding->search;

	for (size_t j = 0; j < count; j += GROUP) {
		const size_t group = count - j < GROUP ? count - j : GROUP;
		const double furthest =
			search->counts[i] < search->k ? INFINITY : (double)search->nearest[(i + 1) * search->k - 1].distance;
		const double square = (double)search->squares[i];
		const float least = (float)((square * (1 - 2 * adding->error) - furthest) / 2);
		if (some_near(group, products + j, adding->half + begin + j, least))
			for (size_t at = j; at < j + group; at++)
				consider(adding, i, begin + at, products[at]);
	}
}

static void consider_block(void *context, const struct products_block *block)
{
	const struct adding *adding = context;

	for (size_t i = 0; i < block->rows; i++)
		consider_row(adding, block->row + i, block->column, block->columns, block->data + i * PRODUCTS_COLUMNS);
}

int neighbours_add(struct neighbours *search, const float *references, size_t first, size_t n, struct pool *pool, struct err *err)
{
	const size_t width = search->width;
	float *squares = malloc(2 * (n + 1) * sizeof *squares), *half = squares + n;
	/* The error covers both the product and the exact distance. */
	struct adding adding = { search, references, squares, half, first, products_error(width) };

	if (!squares)
		return err_memory(err);
	for (size_t i = 0; i < n; i++) {
		squares[i] = dot(references + i * width, references + i * width, width);
		half[i] = (float)((double)squares[i] * (1 - 2 * adding.error) / 2);
	}
	const int status = products_each(search->queries, search->m, references, n, width, false, pool, consider_block, &adding, err);
	free(squares);
	return status;
}

struct each {
	const float *a, *b;
	size_t m, n, width;
	bool upper;
	void (*look)(void *context, const struct products_block *block);
	void *context;
	float *products; /* [threads, PRODUCTS_ROWS, PRODUCTS_COLUMNS] */
};

static size_t at_most(size_t size, size_t most)
{
	return size < most ? size : most;
}

static void multiply_piece(void *context, size_t piece, size_t thread)
{
	const struct each *each = context;
	const size_t width = each->width, row = piece * PRODUCTS_ROWS;
	float *products = each->products + thread * PRODUCTS_ROWS * PRODUCTS_COLUMNS;
	struct products_block block = { .row = row, .rows = at_most(each->m - row, PRODUCTS_ROWS), .data = products };

	for (block.column = each->upper ? row / PRODUCTS_COLUMNS * PRODUCTS_COLUMNS : 0; block.column < each->n;
		block.column += PRODUCTS_COLUMNS) {
		block.columns = at_most(each->n - block.column, PRODUCTS_COLUMNS);
		gemm(block.rows, block.columns, width, (struct matrix){ each->a + row * width, width, 1 },
			(struct matrix){ each->b + block.column * width, 1, width }, false, products, PRODUCTS_COLUMNS);
		each->look(each->context, &block);
	}
}

int products_each(const float *a, size_t m, const float *b, size_t n, size_t width, bool upper, struct pool *pool,
	void (*look)(void *context, const struct products_block *block), void *context, struct err *err)
{
	struct each each = { a, b, m, n, width, upper, look, context,
		malloc(pool_threads(pool) * PRODUCTS_ROWS * PRODUCTS_COLUMNS * sizeof(float)) };

	if (!each.products)
		return err_memory(err);
	gemm_init();
	pool_run(pool, (m + PRODUCTS_ROWS - 1) / PRODUCTS_ROWS, multiply_piece, &each);
	free(each.products);
	return 0;
}

double products_error(size_t width)
{
	return 4 * ((double)width + 8) * 0x1p-24;
}
