/* A recipe: how a batch trains the model.  Each is one file and one line in recipes.def, which declare its needs, its numbers and its
 * loss.  Options, help, checks of the command line, memory estimates and the resume check are derived from the declaration. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "train/optimiser.h"
#include "train/step.h"

enum { LOSS_PARTS = 3 };

/* A step's loss and its terms: tensors of one number, on the tape. */
struct loss {
	struct tensor *total;
	size_t count;
	const char *names[LOSS_PARTS];
	struct tensor *parts[LOSS_PARTS];
};

/* A number of a recipe, set by the option of the same name. */
struct recipe_number {
	const char *name; /* "lambda2"; NULL ends the list */
	enum recipe_number_kind { RECIPE_REAL, RECIPE_SHARE } kind;
	double value, min, max; /* default and range */
	const char *about;      /* for the help, which appends the default */
};

/* A pair that an epoch trained on. */
struct epoch_pair {
	uint64_t key; /* hash of its key */
	float cosine; /* of image and text, when it was trained on */
	uint32_t poisoned; /* 1: it has a ledger; only counted */
};

struct recipe {
	const char *name, *about; /* about: one line for the list of recipes: a noun phrase or an imperative */
	const char *text;         /* for its manual page: what it trains, its loss; paragraphs are separated by "\n\n" */

	/* Needs */
	size_t views;   /* 2: each record's augmented view as well */
	bool texts, labels;
	bool known;     /* needs to know which pairs are poisoned */
	bool head;      /* trains a linear classifier on the image features */
	bool reference; /* embeddings of the plain view by the model before the first step */
	bool pretrains; /* typically starts with a new model; only affects the example of its page */
	unsigned parts; /* parts of the model that it trains */

	enum schedule schedule;
	struct train_options defaults;
	struct recipe_number numbers[RECIPE_NUMBERS_MOST + 1];

	/* An error fails the tape. */
	struct loss (*loss)(struct step *step);

	/* NULL, or chooses the pairs that later epochs leave out, after the epochs listed in --remove-after.  Returns their number and
	 * moves them to the front of `pairs`.  With pairs NULL it only returns the number, to plan the schedule. */
	size_t (*end_of_epoch)(const double *numbers, struct epoch_pair *pairs, size_t count);
};

#define RECIPE(name) extern const struct recipe recipe_##name;
#include "train/recipes.def"
#undef RECIPE

/* Ends with NULL. */
extern const struct recipe *const recipes[];

/* NULL: not found. */
const struct recipe *recipe_find(const char *name);

/* The recipe's defaults, including its numbers. */
struct train_options recipe_defaults(const struct recipe *recipe);

/* Can the recipe start with a new model?  Not with a head or a reference model. */
bool recipe_takes_new_model(const struct recipe *recipe);

/* The towers whose features the loss needs: PART_IMAGE, PART_TEXT. */
unsigned recipe_features(const struct recipe *recipe);

/* Does the recipe support --multi-positive?  Only recipes that contrast all pairs of a batch do. */
bool recipe_takes_multi_positive(const struct recipe *recipe);

/* A linear classifier on image features that are not normalised: logits = features @ weight' + bias. */
struct head {
	struct parameters parameters;
	struct tensor weight, bias; /* [classes, width], [classes] */
	size_t classes;
	bool unscaled; /* the weights are unit class vectors; head_scale is still to be called */
};

/* Weights and bias are 0.  The caller frees with head_free, also after an error. */
int head_init(struct head *head, size_t classes, size_t width, struct err *err);
void head_free(struct head *head);

/* Starts as the zero-shot classifier of the class vectors, [classes, width].  Their scale depends on the length of the features: once
 * a batch has been embedded, head_scale scales the weights so that the logits are on average those of CLIP. */
void head_set_vectors(struct head *head, const float *vectors);
void head_scale(struct head *head, const struct tensor *features, float logit_scale);

/* Losses shared by several recipes.  Each is a tensor of one number on the tape, or NULL if the tape failed. */

/* Symmetric InfoNCE (CLIP, Radford et al. 2021, fig. 3): the mean of both directions over this worker's rows. */
struct tensor *cross_modal_loss(struct step *step, const struct rows *image, const struct rows *text);

/* CleanCLIP's self-supervised loss (Bansal et al. 2023): the mean of image_view_loss and text_view_loss, InfoNCE in one direction with
 * the plain view as rows and the augmented view as columns. */
struct tensor *self_supervised_loss(struct step *step);
struct tensor *image_view_loss(struct step *step);
struct tensor *text_view_loss(struct step *step);

/* Cross entropy of the head's logits on the image features. */
struct tensor *head_loss(struct step *step);

/* cross_modal_loss of the batch's pairs as the only term. */
struct loss pair_loss(struct step *step);

#endif
