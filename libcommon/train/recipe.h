/* A recipe: what is learnt from a batch.  One file each, and one line in recipes.def. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "clip/clip.h"
#include "train/batch.h"
#include "train/features.h"
#include "train/head.h"
#include "train/options.h"

enum { LOSS_PARTS = 2 };

/* A step's loss, and what it is the sum of: tensors of one number, on the tape. */
struct loss {
	struct tensor *total;
	size_t count;
	const char *names[LOSS_PARTS];
	struct tensor *parts[LOSS_PARTS];
};

struct recipe {
	const char *name, *about;
	size_t views;   /* 2: the augmented view of each record too */
	bool texts, labels;
	bool known;     /* wants to be told which pairs are poisoned */
	bool removes;   /* pairs that are most alike are left out of later epochs */
	bool head;      /* trains a classifier on top: a model comes first */
	unsigned parts; /* of the model that it trains */
	struct train_options defaults;

	/* head: NULL where the recipe has none.  What fails fails the tape. */
	struct loss (*loss)(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
		const struct features *features, const struct batch *batch);
};

#define RECIPE(name) extern const struct recipe recipe_##name;
#include "train/recipes.def"
#undef RECIPE

/* All of them; NULL ends the list. */
extern const struct recipe *const recipes[];

/* NULL: there is none of that name. */
const struct recipe *recipe_find(const char *name);

/* Symmetric InfoNCE (CLIP, Radford et al. 2021, fig. 3): the mean of both directions.
 * image, text: [n, d], rows L2-normalised; in a group of workers: one's rows and all workers' columns, where its own
 * begin at `first`. */
struct tensor *cross_modal_loss(struct tape *tape, struct clip *clip, struct tensor *image, struct tensor *text,
	struct tensor *all_images, struct tensor *all_texts, size_t first);

/* The same as a recipe's whole loss: what clip and removal learn. */
struct loss pair_loss(struct tape *tape, struct clip *clip, struct head *head, const struct train_options *options,
	const struct features *features, const struct batch *batch);

/* Cross entropy of the head's logits, on image features as they are. */
struct tensor *head_loss(struct tape *tape, struct clip *clip, struct head *head, struct tensor *image, const int32_t *labels);

/* CleanCLIP's other half (Bansal et al. 2023): the mean over both modalities of one direction, rows the original view,
 * columns the augmented one. */
struct tensor *self_supervised_loss(struct tape *tape, struct clip *clip, struct tensor *image, struct tensor *image_view,
	struct tensor *text, struct tensor *text_view, size_t first);

#endif
