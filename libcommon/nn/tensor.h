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
	bool unset;  /* nothing was added to grad yet, its bytes mean zero whatever they are: see tensor_begin_grad */
	bool result; /* of an op on a tape: its memory is the tape's, which may hand grad on to another result */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* all others multiplied */

/* Before adding to grad: true where there is something to add to, false where the caller must store instead and so
 * begins the gradient.  This spares a step one pass of zeros over every result. */
bool tensor_begin_grad(struct tensor *tensor);

/* The same for who always adds: an unset gradient becomes zeros. */
void tensor_zero_unset(struct tensor *tensor);

#endif
