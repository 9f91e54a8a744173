#include "metric/embedding.h"

static const double largest_square = 1e30;

static int take(struct embedding *embedding, const struct field *field, const char *name, struct err *err)
{
	double squares = 0;

	buf_clear(&embedding->copy);
	buf_append_span(&embedding->copy, field->bytes);
	if (embedding->copy.failed)
		return err_memory(err);
	embedding->data = (const float *)(const void *)embedding->copy.data;
	embedding->width = field->tensor.shape[field->tensor.rank - 1];
	embedding->rows = field->tensor.rank == 2 ? field->tensor.shape[0] : 1;
	if (embedding->width == 0 || embedding->rows == 0)
		return err_set(err, "%s: no numbers", name);
	for (size_t row = 0; row < embedding->rows; row++, squares = 0) {
		for (size_t i = 0; i < embedding->width; i++) {
			const double number = (double)embedding->data[row * embedding->width + i];
			squares += number * number;
		}
		if (squares == 0)
			return err_set(err, "%s: all numbers are zero", name);
		if (!(squares <= largest_square)) /* nor is it where one is no number */
			return err_set(err, "%s: numbers that are not finite, or far too large", name);
	}
	return 0;
}

int embedding_read(struct embedding *embedding, const struct record *record, const char *name, struct err *err)
{
	const struct field *field = record_tensor(record, name, "<f4", 1, err);

	return field ? take(embedding, field, name, err) : -1;
}

int embedding_read_rows(struct embedding *embedding, const struct record *record, const char *name, struct err *err)
{
	const struct field *found = record_find(record, name);
	const bool rows = found && found->kind == FIELD_TENSOR && found->tensor.rank == 2;
	const struct field *field = record_tensor(record, name, "<f4", rows ? 2 : 1, err);

	return field ? take(embedding, field, name, err) : -1;
}

void embedding_free(struct embedding *embedding)
{
	buf_free(&embedding->copy);
}
