#include "nn/tensor.h"

#include <assert.h>
#include <string.h>

size_t tensor_size(const struct tensor *tensor)
{
	size_t size = 1;

	for (size_t i = 0; i < tensor->rank; i++)
		size *= tensor->shape[i];
	return size;
}

size_t tensor_columns(const struct tensor *tensor)
{
	return tensor->rank ? tensor->shape[tensor->rank - 1] : 1;
}

size_t tensor_rows(const struct tensor *tensor)
{
	size_t rows = 1;

	for (size_t i = 0; i + 1 < tensor->rank; i++)
		rows *= tensor->shape[i];
	return rows;
}

bool tensor_has_grad(const struct tensor *tensor)
{
	return tensor->grad && !tensor->stale;
}

void tensor_clear_stale(struct tensor *tensor)
{
	assert(!tensor->result);
	if (tensor->stale)
		memset(tensor->grad, 0, tensor_size(tensor) * sizeof *tensor->grad);
	tensor->stale = false;
}
