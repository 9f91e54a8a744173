
#include "nn/pieces.h"

size_t partials_rows(size_t rows, size_t columns)
{
	size_t least = pieces_rows(columns), share = pieces_count(rows, PARTIALS);

	return share > least ? share : least;
}

size_t partials_count(size_t rows, size_t columns)
{
	return pieces_count(rows, partials_rows(rows, columns));
}

void partials_sum(size_t count, size_t columns, const float *partial, size_t stride, bool add, float *sum)
{
	for (size_t j = 0; j < columns; j++) {
		double total = add ? (double)sum[j] : 0;
		for (size_t i = 0; i < count; i++)
			total += (double)partial[i * stride + j];
		sum[j] = (float)total;
	}
}
