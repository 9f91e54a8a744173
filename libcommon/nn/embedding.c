/* The input of a transformer: token ids or pixels become tokens with positions.
 *
 * y[i,j] = table[ids[i,j]] + positions[j].   ids [n,t], each in 0..v-1; table [v,d]; positions [>=t,d]; y [n,t,d] */
#include "nn/ops.h"
#include "core/parallel.h"

#include <assert.h>
#include <string.h>

enum { COLUMNS = 32 }; /* in a piece of the backward: a piece owns columns, so no two add to the same number */

struct embedding {
	const int32_t *ids;
	size_t n, t, d;
	struct tensor *table, *positions, *y;
	float *dtable, *dpositions; /* NULL: no gradient wanted */
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

/* The pixels of an image as a sequence of tokens, after a class token, with positions added:
 *     y[i,0] = first + positions[0], or the mean of x[i] + positions[0]      y[i,1+j] = x[i,j] + positions[1+j]
 * x [n,..,d] of t pixels; first [d] or NULL; positions [1+t,d]; y [n,1+t,d]. */

struct tokens {
	struct tensor *x, *first, *positions, *y;
	size_t n, t, d;
	bool add, add_positions;
};

SIMD static void mean_of(size_t t, size_t d, const float *restrict x, float *restrict y)
{
	float share = 1 / (float)t;

	memset(y, 0, d * sizeof *y);
	for (size_t j = 0; j < t; j++)
		for (size_t k = 0; k < d; k++)
			y[k] += x[j * d + k];
	for (size_t k = 0; k < d; k++)
		y[k] *= share;
}

SIMD static void sum(size_t size, const float *a, const float *b, float *y)
{
	for (size_t i = 0; i < size; i++)
		y[i] = a[i] + b[i];
}

static void tokens_forward_piece(void *context, size_t i, size_t thread)
{
	const struct tokens *s = context;
	const float *x = s->x->data + i * s->t * s->d, *positions = s->positions->data;
	float *y = s->y->data + i * (1 + s->t) * s->d;

	(void)thread;
	if (!s->first)
		mean_of(s->t, s->d, x, y);
	sum(s->d, s->first ? s->first->data : y, positions, y);
	sum(s->t * s->d, x, positions + s->d, y + s->d);
}

SIMD static void tokens_dx_rows(size_t t, size_t d, const float *restrict dy, bool mean, bool add, float *restrict dx)
{
	float share = mean ? 1 / (float)t : 0;

	for (size_t j = 0; j < t; j++)
		for (size_t k = 0; k < d; k++)
			dx[j * d + k] = dy[(1 + j) * d + k] + share * dy[k] + (add ? dx[j * d + k] : 0);
}

static void tokens_dx_piece(void *context, size_t i, size_t thread)
{
	const struct tokens *s = context;

	(void)thread;
	tokens_dx_rows(s->t, s->d, s->y->grad + i * (1 + s->t) * s->d, !s->first, s->add, s->x->grad + i * s->t * s->d);
}

SIMD static void tokens_add_samples(size_t n, size_t size, size_t d, const float *restrict dy, bool add, float *restrict sums)
{
	if (!add)
		memset(sums, 0, d * sizeof *sums);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < d; k++)
			sums[k] += dy[i * size + k];
}

/* A piece is one token, summed over all samples. */
static void tokens_positions_piece(void *context, size_t token, size_t thread)
{
	const struct tokens *s = context;
	size_t at = token * s->d;

	(void)thread;
	tokens_add_samples(s->n, (1 + s->t) * s->d, s->d, s->y->grad + at, s->add_positions, s->positions->grad + at);
}

static void tokens_backward(struct tape *tape, void *saved)
{
	struct tokens *s = saved;
	bool add;

	if (tape_wants_grad(tape, s->x, &s->add))
		pool_run(tape->pool, s->n, tokens_dx_piece, s);
	if (tape_wants_grad(tape, s->positions, &s->add_positions))
		pool_run(tape->pool, 1 + s->t, tokens_positions_piece, s);
	if (tape_wants_grad(tape, s->first, &add))
		tokens_add_samples(s->n, (1 + s->t) * s->d, s->d, s->y->grad, add, s->first->grad);
}

struct tensor *op_tokens(struct tape *tape, struct tensor *x, struct tensor *first, struct tensor *positions)
{
	struct tokens s = { .x = x, .first = first, .positions = positions }, *saved;

	if (!x || !positions)
		return tape_fail(tape);
	s.n = x->shape[0];
	s.d = tensor_columns(x);
	s.t = s.n ? tensor_rows(x) / s.n : 0;
	assert(s.t && tensor_columns(positions) == s.d && tensor_rows(positions) == 1 + s.t);
	assert(!first || tensor_size(first) == s.d);
	s.y = tape_result(tape, 3, (size_t[]){ s.n, 1 + s.t, s.d }, x->wants_grad || positions->wants_grad || (first && first->wants_grad));
	if (!s.y || !(saved = tape_save(tape, &s, sizeof s)))
		return NULL;
	pool_run(tape->pool, s.n, tokens_forward_piece, saved);
	tape_record(tape, s.y, tokens_backward, saved);
	return s.y;
}
