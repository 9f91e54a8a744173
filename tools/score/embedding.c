#include "tools/score/embedding.h"

static const double largest_square = 1e30;

int embedding_read(struct embedding *embedding, const struct record *record, const char *name, struct err *err)
{
	const struct field *field = record_tensor(record, name, "<f4", 1, err);
	double squares = 0;

	if (!field)
		return -1;
	buf_clear(&embedding->copy);
	buf_append_span(&embedding->copy, field->bytes);
	if (embedding->copy.failed)
		return err_memory(err);
	embedding->data = (const float *)(const void *)embedding->copy.data;
	embedding->width = field->tensor.shape[0];
	if (embedding->width == 0)
		return err_set(err, "%s: no numbers", name);
	for (size_t i = 0; i < embedding->width; i++)
		squares += (double)embedding->data[i] * (double)embedding->data[i];
	if (squares == 0)
		return err_set(err, "%s: all numbers are zero", name);
	if (!(squares <= largest_square)) /* nor is it where one is no number */
		return err_set(err, "%s: numbers that are not finite, or far too large", name);
	return 0;
}

void embedding_free(struct embedding *embedding)
{
	buf_free(&embedding->copy);
}
