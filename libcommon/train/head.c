#include "train/head.h"

#include <math.h>
#include <string.h>

int head_init(struct head *head, size_t classes, size_t width, struct err *err)
{
	memset(head, 0, sizeof *head);
	head->classes = classes;
	head->parameters.part = PART_HEAD;
	parameters_add(&head->parameters, &head->weight, 2, (size_t[]){ classes, width }, "head.weight");
	parameters_add(&head->parameters, &head->bias, 1, &classes, "head.bias");
	return parameters_allocate(&head->parameters, err);
}

void head_free(struct head *head)
{
	parameters_free(&head->parameters);
	memset(head, 0, sizeof *head);
}

void head_set_vectors(struct head *head, const float *vectors)
{
	memcpy(head->weight.data, vectors, tensor_size(&head->weight) * sizeof *vectors);
	memset(head->bias.data, 0, head->classes * sizeof *head->bias.data);
	head->unscaled = true;
}

static double mean_length(const struct tensor *features)
{
	size_t rows = tensor_rows(features), width = tensor_columns(features);
	double sum = 0;

	for (size_t i = 0; i < rows; i++) {
		double squares = 0;
		for (size_t k = 0; k < width; k++)
			squares += (double)features->data[i * width + k] * (double)features->data[i * width + k];
		sum += sqrt(squares);
	}
	return sum / (double)rows;
}

void head_scale(struct head *head, const struct tensor *features, float logit_scale)
{
	double length = mean_length(features);
	float factor = length > 0 ? (float)(exp((double)logit_scale) / length) : 1;

	for (size_t i = 0; i < tensor_size(&head->weight); i++)
		head->weight.data[i] *= factor;
	head->unscaled = false;
}
