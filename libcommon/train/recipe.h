/* A recipe: what is learnt from a batch.  One file each, and one line in recipes.def: what it needs, its own numbers, its
 * loss.  Options, help, refusals, memory estimates and the resume check follow from that declaration. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "train/options.h"
#include "train/schedule.h"
#include "train/step.h"

enum { LOSS_PARTS = 3 };

/* A step's loss, and what it is the sum of: tensors of one number, on the tape. */
struct loss {
	struct tensor *total;
	size_t count;
	const char *names[LOSS_PARTS];
	struct tensor *parts[LOSS_PARTS];
};

/* One of a recipe's own numbers, set by the option of that name. */
struct recipe_number {
	const char *name; /* "lambda2"; NULL ends the list */
	enum recipe_number_kind { RECIPE_REAL, RECIPE_SHARE } kind;
	double value, min, max; /* the default, and the range */
	const char *about;      /* for the help, without the default */
};

/* A pair as it was trained on in an epoch. */
struct epoch_pair {
	uint64_t key; /* hash of its key */
	float cosine; /* of image and text */
	uint32_t poisoned; /* by its ledger, to be counted: 0 or 1 */
};

struct recipe {
	const char *name, *about; /* about: one line for the list of recipes: a noun phrase or an imperative */
	const char *text;         /* for its manual page: what it trains, its loss; paragraphs are separated by "\n\n" */

	/* What it needs */
	size_t views;   /* 2: the augmented view of each record too */
	bool texts, labels;
	bool known;     /* which pairs are known to be poisoned */
	bool head;      /* trains a classifier on top */
	bool reference; /* embeddings of the plain view by the model as it was before the first step */
	bool pretrains; /* usually begins with a new model; head and reference cannot */
	unsigned parts; /* of the model that it trains */

	enum schedule schedule;
	struct train_options defaults;
	struct recipe_number numbers[RECIPE_NUMBERS_MOST + 1];

	/* What fails fails the tape. */
	struct loss (*loss)(struct step *step);

	/* NULL, or: how many of `count` pairs later epochs leave out.  Called with pairs NULL for the number alone, to plan the
	 * schedule; else it moves those pairs to the front.  It is called after the epochs of --remove-after. */
	size_t (*end_of_epoch)(const double *numbers, struct epoch_pair *pairs, size_t count);
};

#define RECIPE(name) extern const struct recipe recipe_##name;
#include "train/recipes.def"
#undef RECIPE

/* All of them; NULL ends the list. */
extern const struct recipe *const recipes[];

/* NULL: not found. */
const struct recipe *recipe_find(const char *name);

/* The recipe's defaults, its own numbers included. */
struct train_options recipe_defaults(const struct recipe *recipe);

/* Whether it can begin with a new model. */
bool recipe_takes_new_model(const struct recipe *recipe);

/* The parts whose features its loss needs. */
unsigned recipe_features(const struct recipe *recipe);

/* Whether pairs with the same caption may be positives of one another: recipes that contrast all pairs of a batch. */
bool recipe_takes_multi_positive(const struct recipe *recipe);

/* Losses that several recipes share; each a tensor of one number on the tape, NULL where the tape failed.
 * Symmetric InfoNCE (CLIP, Radford et al. 2021, fig. 3): the mean of both directions over the own rows. */
struct tensor *cross_modal_loss(struct step *step, const struct rows *image, const struct rows *text);

/* CleanCLIP's other half (Bansal et al. 2023): the mean over both modalities of one direction, rows the plain view,
 * columns the augmented one. */
struct tensor *self_supervised_loss(struct step *step);
struct tensor *image_view_loss(struct step *step); /* its two halves */
struct tensor *text_view_loss(struct step *step);

/* Cross entropy of the head's logits, on image features that are not normalised. */
struct tensor *head_loss(struct step *step);

/* InfoNCE of the batch's pairs as the whole loss. */
struct loss pair_loss(struct step *step);

#endif
