/* Training: a recipe's loss, its gradients, AdamW, step by step. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "train/adamw.h"
#include "train/micro_batches.h"
#include "train/recipe.h"

/* What a step came to. */
struct step_report {
	uint64_t step; /* from 1 */
	uint64_t epoch;
	double loss, lr, logit_scale, gradient_norm;
	size_t count; /* parts of the loss */
	const char *names[LOSS_PARTS];
	double parts[LOSS_PARTS];
	const float *cosines; /* [batch] of each pair, where the recipe leaves pairs out; borrowed until the next step */
};

struct trainer {
	const struct recipe *recipe;
	struct train_options options;
	struct clip *clip;
	struct head *head; /* NULL: the recipe has none */
	struct clip *reference; /* the model as it was at trainer_init; NULL: the recipe needs none */
	struct group group;
	struct tape tape;
	struct arena arena; /* of a step; its `most` may be set */
	struct micro_batches micro; /* where a batch is worked on in pieces */
	struct adamw model_adamw, head_adamw;
	float *cosines; /* [options.batch]; NULL: the recipe leaves no pairs out */
	uint64_t step;  /* done */
};

/* clip and head (NULL where the recipe has none) are borrowed; they get gradients.  The caller frees with trainer_free,
 * also after an error.  A recipe with a reference model takes a copy of clip here.  Errors: no memory, everything frozen, a
 * parameter that is not finite. */
int trainer_init(struct trainer *trainer, const struct recipe *recipe, const struct train_options *options, struct clip *clip,
	struct head *head, struct pool *pool, struct err *err);
void trainer_free(struct trainer *trainer);

/* A run that stood after `step` steps goes on: parameters, statistics and moments have been set. */
void trainer_resume(struct trainer *trainer, uint64_t step, bool head_unscaled);

/* Errors: what is not finite, by step and name; no memory. */
int trainer_step(struct trainer *trainer, const struct batch *batch, struct step_report *report, struct err *err);

/* A whole run: batches are asked for until there are no more or the schedule has ended, each step is reported, and the
 * finished parameters are handed over.  Each function returns -1 to end the run with its err. */
struct training {
	int (*next)(void *context, const struct batch **batch, struct err *err); /* 1; 0: no more.  Borrowed until the next. */
	int (*report)(void *context, const struct step_report *report, struct err *err);
	int (*finished)(void *context, const struct clip *clip, const struct head *head, struct err *err);
	void *context;
};

/* Error also where there was no batch at all. */
int trainer_run(struct trainer *trainer, const struct training *training, struct err *err);

#endif
