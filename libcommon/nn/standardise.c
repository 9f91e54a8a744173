/* y = (x - mean) / std, with a mean and a standard deviation for each channel:   x, y [.., c]   mean, std [c], constants
 * Backward:  dx += dy / std. */
#include "nn/ops.h"
#include "nn/pieces.h"

enum { CHANNELS_MOST = 4 };

struct standardise {
	struct tensor *x, *y;
	size_t channels;
	bool add;
	float mean[CHANNELS_MOST], std[CHANNELS_MOST];
};

static void standardise_forward_piece(void *context, size_t piece, size_t thread)
{
	const struct standardise *s = context;
	const struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(s->channels), piece);

	(void)thread;
	for (size_t i = rows.first * s->channels; i < rows.end * s->channels; i += s->channels)
		for (size_t c = 0; c < s->channels; c++)
			s->y->data[i + c] = (s->x->data[i + c] - s->mean[c]) / s->std[c];
}

static void standardise_backward_piece(void *context, size_t piece, size_t thread)
{
	const struct standardise *s = context;
	const struct range rows = pieces_range(tensor_rows(s->x), pieces_rows(s->channels), piece);

	(void)thread;
	for (size_t i = rows.first * s->channels; i < rows.end * s->channels; i += s->channels)
		for (size_t c = 0; c < s->channels; c++)
			s->x->grad[i + c] = (s->add ? s->x->grad[i + c] : 0) + s->y->grad[i + c] / s->std[c];
}

static void standardise_backward(struct tape *tape, void *saved)
{
	struct standardise *s = saved;

	if (tape_wants_grad(tape, s->x, &s->add))
		pool_run(tape->pool, pieces_count(tensor_rows(s->x), pieces_rows(s->channels)), standardise_backward_piece, s);
}

struct tensor *op_standardise(struct tape *tape, struct tensor *x, const float *mean, const float *std)
{
	struct standardise s = { .x = x }, *saved;

	if (!x || tensor_columns(x) > CHANNELS_MOST)
		return tape_fail(tape);
	s.channels = tensor_columns(x);
	for (size_t c = 0; c < s.channels; c++) {
		s.mean[c] = mean[c];
		s.std[c] = std[c];
	}
	s.y = tape_result(tape, x->rank, x->shape, x->wants_grad);
	if (!s.y || !(saved = tape_save(tape, &s, sizeof s)))
		return NULL;
	pool_run(tape->pool, pieces_count(tensor_rows(x), pieces_rows(s.channels)), standardise_forward_piece, saved);
	tape_record(tape, s.y, standardise_backward, saved);
	return s.y;
}
