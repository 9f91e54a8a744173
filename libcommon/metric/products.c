#include "metric/products.h"

#include "nn/gemm.h"

#include <stdlib.h>

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
