#include "metric/neighbours.h"

#include "core/simd.h"
#include "metric/products.h"
#include "metric/vectors.h"

#include <math.h>
#include <stdlib.h>

enum { GROUP = 32 };

int neighbours_init(struct neighbours *search, const float *queries, size_t m, size_t width, size_t k, size_t self, struct err *err)
{
	*search = (struct neighbours){ .queries = queries, .m = m, .width = width, .k = k, .self = self };
	if (k == 0 || k > SIZE_MAX / 64 / (m + 1))
		return err_set(err, "%zu neighbours of %zu points: no memory can hold them", k, m);
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

/* Whether the product leaves room for a distance below the k-th. */
static bool may_be_near(const struct adding *adding, size_t i, size_t at, float product)
{
	const struct neighbours *search = adding->search;
	const double squares = (double)search->squares[i] + (double)adding->squares[at];

	return search->counts[i] < search->k ||
	       !(squares - 2 * (double)product - adding->error * squares > (double)search->nearest[i * search->k + search->k - 1].distance);
}

static void look_at(const struct adding *adding, size_t i, size_t at, float product)
{
	struct neighbours *search = adding->search;
	const size_t width = search->width;

	if (!may_be_near(adding, i, at, product) || (search->self != NEIGHBOURS_NO_SELF && adding->first + at == search->self + i))
		return;
	const float distance = square_distance(search->queries + i * width, adding->references + at * width, width);
	insert(search->nearest + i * search->k, &search->counts[i], search->k,
		(struct neighbour){ distance, (uint32_t)(adding->first + at) });
}

/* The same question for a group at once, rounded towards yes: whether one product is at least half[j] + least, or not a number. */
SIMD static int some_near(size_t count, const float *products, const float *half, float least)
{
	int some = 0;

	for (size_t j = 0; j < count; j++)
		some |= !(products[j] < half[j] + least);
	return some;
}

/* One query against a block: most groups hold nothing near. */
static void look_through(const struct adding *adding, size_t i, size_t begin, size_t count, const float *products)
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
				look_at(adding, i, begin + at, products[at]);
	}
}

static void look_through_block(void *context, const struct products_block *block)
{
	const struct adding *adding = context;

	for (size_t i = 0; i < block->rows; i++)
		look_through(adding, block->row + i, block->column, block->columns, block->data + i * PRODUCTS_COLUMNS);
}

int neighbours_add(struct neighbours *search, const float *references, size_t first, size_t n, struct pool *pool, struct err *err)
{
	const size_t width = search->width;
	float *squares = malloc(2 * (n + 1) * sizeof *squares), *half = squares + n;
	/* The error is of the product and of the exact distance. */
	struct adding adding = { search, references, squares, half, first, products_error(width) };

	if (!squares)
		return err_memory(err);
	for (size_t i = 0; i < n; i++) {
		squares[i] = dot(references + i * width, references + i * width, width);
		half[i] = (float)((double)squares[i] * (1 - 2 * adding.error) / 2);
	}
	const int status = products_each(search->queries, search->m, references, n, width, false, pool, look_through_block, &adding, err);
	free(squares);
	return status;
}
