/* Options of a training run. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { RECIPE_NUMBERS_MOST = 8 };

struct train_options {
	uint64_t batch;  /* records in a step */
	uint64_t steps;  /* of the whole schedule */
	uint64_t warmup; /* steps */
	uint64_t accumulate; /* pieces that a batch is worked on in; 0 is 1 */
	bool recompute;      /* a block's inside once more in the backward, instead of keeping it */
	double lr, weight_decay, beta1, beta2, epsilon;
	double numbers[RECIPE_NUMBERS_MOST]; /* the recipe's own, in the order of its declaration */
	unsigned frozen;         /* parts of the model that stay as they are: enum parameter_part */
	bool multi_positive;     /* pairs of a batch with the same caption are positives of one another */
	bool frozen_bn;          /* batch norms take their running statistics, and leave them as they are */
};

#endif
