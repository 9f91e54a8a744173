/* The training loop: loss, gradients and AdamW, step by step. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "train/optimiser.h"
#include "train/micro_batches.h"
#include "train/recipe.h"

/* Metrics of a step. */
struct step_report {
	uint64_t step; /* from 1 */
	uint64_t epoch;
	double loss, lr, logit_scale, gradient_norm;
	size_t count; /* number of terms of the loss */
	const char *names[LOSS_PARTS];
	double parts[LOSS_PARTS];
	const float *
		cosines; /* [batch], of image and text of each pair, for recipes that remove pairs, else NULL; borrowed until the next step */
};

struct trainer {
	const struct recipe *recipe;
	struct train_options options;
	struct clip *clip;
	struct head *head; /* NULL: the recipe has none */
	struct clip *reference; /* copy of the model at trainer_init; NULL: the recipe needs none */
	struct group group;
	struct tape tape;
	struct arena arena; /* of a step; `most` may be set to limit it */
	struct micro_batches micro; /* used with options.accumulate */
	struct adamw model_adamw, head_adamw;
	float *cosines; /* [options.batch]; NULL: the recipe removes no pairs */
	uint64_t step; /* done */
};

/* clip and head (NULL if the recipe has none) are borrowed and get gradients.  If the recipe needs a reference model, clip is copied.
 * The caller frees with trainer_free, also after an error.  Errors: no memory, everything is frozen, a parameter is not finite. */
int trainer_init(struct trainer *trainer, const struct recipe *recipe, const struct train_options *options, struct clip *clip,
	struct head *head, struct pool *pool, struct err *err);
void trainer_free(struct trainer *trainer);

/* Continues after `step` steps.  The caller has restored parameters, statistics and moments. */
void trainer_resume(struct trainer *trainer, uint64_t step, bool head_unscaled);

/* Trains on one batch.  Errors: no memory; a value is not finite, with step and name. */
int trainer_step(struct trainer *trainer, const struct batch *batch, struct step_report *report, struct err *err);

/* Callbacks of a run.  Batches are requested until there are no more or the schedule ends; each step is reported; at the end the
 * parameters are handed over.  Each returns -1 to end the run with its err. */
struct training {
	int (*next)(void *context, const struct batch **batch,
		struct err *err); /* 1: *batch is set; 0: no more batches.  Borrowed until the next call. */
	int (*report)(void *context, const struct step_report *report, struct err *err);
	int (*finished)(void *context, const struct clip *clip, const struct head *head, struct err *err);
	void *context;
};

/* A run without any batch is an error. */
int trainer_run(struct trainer *trainer, const struct training *training, struct err *err);

#endif
