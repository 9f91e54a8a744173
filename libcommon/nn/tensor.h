/* float32, row-major.  Images are [n, height, width, channels]; the rest [rows, columns] or [n, tokens, width]. */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

enum { TENSOR_RANK = 4 };

struct tensor {
	size_t rank;
	size_t shape[TENSOR_RANK]; /* unused ones are 1 */
	float *data;
	float *grad; /* same shape; NULL: no gradient wanted (input data, frozen parameters) */
	bool unset;  /* nothing was added to grad yet, and its bytes mean zero, whatever they are */
	bool result; /* of an op on a tape: grad is not NULL where wanted, but has memory only while it is not unset */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* all others multiplied */

/* An unset gradient becomes zeros.  For parameters; see tape_wants_grad for results. */
void tensor_zero_unset(struct tensor *tensor);

#endif
