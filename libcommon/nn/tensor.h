/* float32, row-major.  Images are [n, height, width, channels]; the rest [rows, columns] or [n, tokens, width]. */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include <stddef.h>

enum { TENSOR_RANK = 4 };

struct tensor {
	size_t rank;
	size_t shape[TENSOR_RANK]; /* unused ones are 1 */
	float *data;
	float *grad; /* same shape; NULL: no gradient wanted (input data, frozen parameters) */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* all others multiplied */

#endif
