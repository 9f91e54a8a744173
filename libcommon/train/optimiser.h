/* The optimiser of a training run: its options, the learning rate schedule, and AdamW (Loshchilov and Hutter 2019, "Decoupled weight
 * decay regularization") as torch.optim.AdamW computes it.  Weight decay applies to tensors of two or more axes only. */
#ifndef TRAIN_OPTIMISER_H
#define TRAIN_OPTIMISER_H

#include "clip/parameters.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECIPE_NUMBERS_MOST = 8 };

/* Options of a training run. */
struct train_options {
	uint64_t batch;      /* records per step */
	uint64_t steps;      /* of the whole schedule */
	uint64_t warmup;     /* steps */
	uint64_t accumulate; /* equal pieces that a batch is split into; 0 means 1 */
	bool recompute;      /* gradient checkpointing: keep only the output of each block */
	double lr, weight_decay, beta1, beta2, epsilon;
	double numbers[RECIPE_NUMBERS_MOST]; /* the recipe's numbers, in the order of their declaration */
	unsigned frozen;     /* parts of the model that are not trained: enum parameter_part */
	bool multi_positive; /* pairs of a batch with the same caption are positives of one another */
	bool frozen_bn;      /* batch norm uses its running statistics and does not update them */
};

enum schedule {
	SCHEDULE_COSINE,        /* half a cosine to 0 (Loshchilov and Hutter 2017, "SGDR") */
	SCHEDULE_LINEAR_COSINE, /* linear to a tenth in the first half, then half a cosine to 0 (PAR) */
};

/* Learning rate of a step, counted from 0: linear warm-up, then the schedule down to 0.  Steps warmup - 1 and warmup have the full
 * rate. */
double schedule_rate(enum schedule schedule, double lr, uint64_t warmup, uint64_t steps, uint64_t step);

/* epochs * floor(records / batch).  Errors: fewer records than one batch, overflow. */
int schedule_steps(uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err);

/* Parses "50" (steps) or "10%" (share of all steps). */
int schedule_warmup(const char *text, uint64_t steps, uint64_t *warmup, struct err *err);

struct adamw {
	struct parameters *set;
	float *first, *second;  /* moments, in the layout of the set's gradients */
	uint64_t steps;         /* done */
	struct adamw_piece *pieces;
	size_t count;
};

/* The gradients of the set must be allocated.  The caller frees with adamw_free, also after an error. */
int adamw_init(struct adamw *adamw, struct parameters *set, struct err *err);
void adamw_free(struct adamw *adamw);

/* Sets the gradients of parameters that took no part in the step to 0. */
void adamw_clear_stale(struct adamw *adamw);

/* Sum of the squares of all gradients.  -1: one is not finite; err names the tensor. */
int adamw_norm(struct adamw *adamw, struct pool *pool, double *sum, struct err *err);

/* Updates the parameters.  -1: one is not finite afterwards; err names it. */
int adamw_step(struct adamw *adamw, struct pool *pool, const struct train_options *options, double rate, struct err *err);

#endif
