/* AdamW (Loshchilov and Hutter 2019, "Decoupled weight decay regularization"), as torch.optim.AdamW computes it.
 * Weight decay is for tensors of two and more axes only. */
#ifndef TRAIN_ADAMW_H
#define TRAIN_ADAMW_H

#include "clip/parameters.h"
#include "train/options.h"

struct adamw {
	struct parameters *set;
	float *first, *second;  /* moments; they lie as the set's gradients do */
	uint64_t steps;         /* done */
	struct adamw_piece *pieces;
	size_t count;
};

/* For a set whose gradients are there.  The caller frees with adamw_free, also after an error. */
int adamw_init(struct adamw *adamw, struct parameters *set, struct err *err);
void adamw_free(struct adamw *adamw);

/* Parameters that had no part in the step get gradients of zero. */
void adamw_clear_stale(struct adamw *adamw);

/* The sum of all gradients' squares.  -1: one is not finite; err names the tensor. */
int adamw_norm(struct adamw *adamw, struct pool *pool, double *sum, struct err *err);

/* One step with the gradients as they are.  -1: a parameter is not finite any more; err names it. */
int adamw_step(struct adamw *adamw, struct pool *pool, const struct train_options *options, double rate, struct err *err);

#endif
