/* y[i,j] = table[ids[i,j]] + positions[j].   ids [n,t], each in 0..v-1; table [v,d]; positions [>=t,d]; y [n,t,d] */
#include "nn/ops.h"
#include "nn/pieces.h"
#include "core/simd.h"

#include <assert.h>

enum { COLUMNS = 32 }; /* of a backward's piece: whole columns of both tables, so that no two pieces meet */

struct embedding {
	const int32_t *ids;
	size_t n, t, d;
	struct tensor *table, *positions, *y;
	float *dtable, *dpositions; /* NULL: not wanted */
};

SIMD static void embedding_forward_rows(const struct embedding *e, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		const float *word = e->table->data + (size_t)e->ids[i] * e->d;
		const float *place = e->positions->data + i % e->t * e->d;
		float *y = e->y->data + i * e->d;
		for (size_t k = 0; k < e->d; k++)
			y[k] = word[k] + place[k];
	}
}

static void embedding_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct embedding *e = context;
	struct range rows = pieces_range(e->n * e->t, pieces_rows(e->d), piece);

	(void)thread;
	embedding_forward_rows(e, rows.first, rows.end);
}

static void embedding_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct embedding *e = context;
	struct range columns = pieces_range(e->d, COLUMNS, piece);

	(void)thread;
	for (size_t i = 0; i < e->n * e->t; i++) {
		const float *dy = e->y->grad + i * e->d;
		float *word = e->dtable ? e->dtable + (size_t)e->ids[i] * e->d : NULL;
		float *place = e->dpositions ? e->dpositions + i % e->t * e->d : NULL;
		for (size_t k = columns.first; word && k < columns.end; k++)
			word[k] += dy[k];
		for (size_t k = columns.first; place && k < columns.end; k++)
			place[k] += dy[k];
	}
}

static void embedding_backward(struct tape *tape, void *saved)
{
	struct embedding *e = saved;

	e->dtable = tape_wants_sum(tape, e->table) ? e->table->grad : NULL;
	e->dpositions = tape_wants_sum(tape, e->positions) ? e->positions->grad : NULL;
	pool_run(tape->pool, pieces_count(e->d, COLUMNS), embedding_backward_piece, e);
}

struct tensor *op_embedding(struct tape *tape, const int32_t *ids, size_t n, size_t t, struct tensor *table, struct tensor *positions)
{
	struct embedding e = { .ids = ids, .n = n, .t = t, .table = table, .positions = positions }, *saved;

	if (!table || !positions)
		return tape_fail(tape);
	e.d = tensor_columns(table);
	assert(tensor_columns(positions) == e.d && tensor_rows(positions) >= t);
	for (size_t i = 0; i < n * t; i++)
		assert(ids[i] >= 0 && (size_t)ids[i] < tensor_rows(table));
	e.y = tape_result(tape, 3, (size_t[]){ n, t, e.d }, table->wants_grad || positions->wants_grad);
	if (!e.y || !(saved = tape_save(tape, &e, sizeof e)))
		return NULL;
	pool_run(tape->pool, pieces_count(n * t, pieces_rows(e.d)), embedding_forward_piece, saved);
	tape_record(tape, e.y, embedding_backward, saved);
	return e.y;
}
