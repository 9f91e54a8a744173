#include "nn/tensor.h"

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

bool tensor_begin_grad(struct tensor *tensor)
{
	bool add = !tensor->unset;

	tensor->unset = false;
	return add;
}

void tensor_zero_unset(struct tensor *tensor)
{
	if (!tensor_begin_grad(tensor))
		memset(tensor->grad, 0, tensor_size(tensor) * sizeof *tensor->grad);
}
