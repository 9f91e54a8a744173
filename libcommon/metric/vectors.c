#include "metric/vectors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { LANES = 16 };

/* 2 flops for 8 bytes from the cache.  Contraction is disabled, so wider registers change the speed and not the sum. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

WIDE float dot(const float *a, const float *b, size_t n)
{
	float sums[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += a[i + lane] * b[i + lane];
	for (size_t lane = 0; i + lane < n; lane++)
		sums[lane] += a[i + lane] * b[i + lane];
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

WIDE float square_distance(const float *a, const float *b, size_t n)
{
	float sums[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += (a[i + lane] - b[i + lane]) * (a[i + lane] - b[i + lane]);
	for (size_t lane = 0; i + lane < n; lane++)
		sums[lane] += (a[i + lane] - b[i + lane]) * (a[i + lane] - b[i + lane]);
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

struct hashed {
	uint64_t hash;
	size_t row;
};

static int compare(const void *a, const void *b)
{
	const struct hashed *one = a, *other = b;

	if (one->hash != other->hash)
		return one->hash < other->hash ? -1 : 1;
	return one->row < other->row ? -1 : one->row > other->row;
}

int vectors_repeats(const float *rows, size_t n, size_t width, struct repeats *repeats, struct err *err)
{
	const size_t bytes = width * sizeof *rows;
	struct hashed *hashed = calloc(n + 1, sizeof *hashed);

	*repeats = (struct repeats){ 0 };
	if (!hashed)
		return err_memory(err);
	for (size_t i = 0; i < n; i++)
		hashed[i] = (struct hashed){ XXH3_64bits(rows + i * width, bytes), i };
	qsort(hashed, n, sizeof *hashed, compare);
	for (size_t i = 1; i < n; i++) {
		const size_t row = hashed[i].row, earlier = hashed[i - 1].row;
		if (hashed[i].hash != hashed[i - 1].hash || memcmp(rows + row * width, rows + earlier * width, bytes) != 0)
			continue;
		if (repeats->count++ == 0 || row < repeats->row)
			*repeats = (struct repeats){ repeats->count, row, earlier };
	}
	free(hashed);
	return 0;
}

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
		return err_set(err, "%s: contains no numbers", name);
	for (size_t row = 0; row < embedding->rows; row++, squares = 0) {
		for (size_t i = 0; i < embedding->width; i++) {
			const double number = (double)embedding->data[row * embedding->width + i];
			squares += number * number;
		}
		if (squares == 0)
			return err_set(err, "%s: all numbers are zero", name);
		if (!(squares <= largest_square)) /* also false if one is NaN */
			return err_set(err, "%s: contains numbers that are not finite or are too large", name);
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
