/* A linear classifier on image features that are not normalised: logits = features @ weight' + bias. */
#ifndef TRAIN_HEAD_H
#define TRAIN_HEAD_H

#include "clip/parameters.h"

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

#endif
