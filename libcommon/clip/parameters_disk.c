/* Parameters as they lie on disk: those of convolutions with their axes in PyTorch's order. */
#include "clip/parameters.h"

#include <string.h>

void parameter_shape(const struct parameter *parameter, size_t shape[TENSOR_RANK])
{
	const size_t *here = parameter->tensor->shape;

	memcpy(shape, here, TENSOR_RANK * sizeof *shape);
	if (parameter->conv) {
		shape[1] = here[3];
		shape[2] = here[1];
		shape[3] = here[2];
	}
}

/* Where element [o, h, w, i] lies on disk. */
static size_t place_on_disk(const size_t here[4], size_t o, size_t pixel, size_t i)
{
	return (o * here[3] + i) * here[1] * here[2] + pixel;
}

static void convert(const struct parameter *parameter, float *there, const float *from_there)
{
	const size_t *here = parameter->tensor->shape;
	float *value = parameter->tensor->data;

	for (size_t o = 0; o < here[0]; o++)
		for (size_t pixel = 0; pixel < here[1] * here[2]; pixel++)
			for (size_t i = 0; i < here[3]; i++, value++) {
				size_t place = place_on_disk(here, o, pixel, i);
				if (there)
					there[place] = *value;
				else
					*value = from_there[place];
			}
}

void parameter_export(const struct parameter *parameter, float *values)
{
	if (parameter->conv)
		convert(parameter, values, NULL);
	else
		memcpy(values, parameter->tensor->data, tensor_size(parameter->tensor) * sizeof *values);
}

void parameter_import(const struct parameter *parameter, const float *values)
{
	if (parameter->conv)
		convert(parameter, NULL, values);
	else
		memcpy(parameter->tensor->data, values, tensor_size(parameter->tensor) * sizeof *values);
}
