/* Rows of x by index (a copy), and a range of rows (a view of the same memory, including the gradient). */
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>
#include <string.h>

enum { COLUMNS = 32 }; /* in a piece of the backward: an index may occur twice, but a column belongs to one piece */

struct gather {
	struct tensor *x, *y;
	size_t *index;
	size_t count, d;
};

static void gather_rows_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct range rows = pieces_range(g->count, pieces_rows(g->d), piece);

	(void)thread;
	for (size_t i = rows.first; i < rows.end; i++)
		memcpy(g->y->data + i * g->d, g->x->data + g->index[i] * g->d, g->d * sizeof(float));
}

static void gather_rows_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct gather *g = context;
	struct range columns = pieces_range(g->d, COLUMNS, piece);

	(void)thread;
	for (size_t i = 0; i < g->count; i++) {
		const float *dy = g->y->grad + i * g->d;
		float *dx = g->x->grad + g->index[i] * g->d;
		for (size_t k = columns.first; k < columns.end; k++)
			dx[k] += dy[k];
	}
}

static void gather_rows_backward(struct tape *tape, void *saved)
{
	struct gather *g = saved;

	if (!tape_wants_sum(tape, g->x))
		return;
	pool_run(tape->pool, pieces_count(g->d, COLUMNS), gather_rows_backward_piece, g);
}

struct tensor *op_gather_rows(struct tape *tape, struct tensor *x, const size_t *index, size_t count)
{
	struct gather g = { .x = x, .count = count }, *saved;

	if (!x)
		return tape_fail(tape);
	g.d = tensor_columns(x);
	for (size_t i = 0; i < count; i++)
		assert(index[i] < tensor_rows(x));
	g.index = tape_save(tape, index, count * sizeof *index);
	g.y = tape_result(tape, 2, (size_t[]){ count, g.d }, x->wants_grad);
	if (!g.index || !g.y || !(saved = tape_save(tape, &g, sizeof g)))
		return NULL;
	pool_run(tape->pool, pieces_count(count, pieces_rows(g.d)), gather_rows_forward_piece, saved);
	tape_record(tape, g.y, gather_rows_backward, saved);
	return g.y;
}

struct tensor *op_slice(struct tape *tape, struct tensor *x, size_t first, size_t count)
{
	struct tensor view;

	if (!x)
		return tape_fail(tape);
	assert(x->rank && first <= x->shape[0] && count <= x->shape[0] - first);
	size_t row = tensor_size(x) / (x->shape[0] ? x->shape[0] : 1);
	view = *x;
	view.shape[0] = count;
	view.data = x->data + first * row;
	view.wants_grad = tape->recording && tape_wants_sum(tape, x);
	view.grad = view.wants_grad ? x->grad + first * row : NULL;
	view.stale = false;
	view.result = false; /* its memory belongs to x */
	return tape_save(tape, &view, sizeof view);
}
