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
	bool wants_grad; /* false: input data, frozen parameters, and what was computed from these alone */
	float *grad;     /* same shape; NULL: none is wanted, or nothing was added to that of a result yet */
	bool stale;      /* grad holds the values of an earlier step and counts as zero: the next to write it stores, later ones add */
	bool result;     /* of an op on a tape, which lends the memory of grad */
};

size_t tensor_size(const struct tensor *tensor);    /* elements */
size_t tensor_columns(const struct tensor *tensor); /* the last axis */
size_t tensor_rows(const struct tensor *tensor);    /* all others multiplied */

/* Whether something was added to its gradient in this step. */
bool tensor_has_grad(const struct tensor *tensor);

/* Fills a stale gradient with zeros.  For parameters; see tape_wants_grad for results. */
void tensor_clear_stale(struct tensor *tensor);

#endif
