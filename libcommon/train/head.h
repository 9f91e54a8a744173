/* A linear classifier on image features that are not normalised: logits = features @ weight' + bias. */
#ifndef TRAIN_HEAD_H
#define TRAIN_HEAD_H

#include "clip/parameters.h"

struct head {
	struct parameters parameters;
	struct tensor weight, bias; /* [classes, width], [classes] */
	size_t classes;
	bool unscaled; /* the weights are class vectors of length 1 */
};

/* Zeros.  The caller frees with head_free, also after an error. */
int head_init(struct head *head, size_t classes, size_t width, struct err *err);
void head_free(struct head *head);

/* Begins as the zero-shot classifier of these class vectors, [classes, width].  How long features are is only known
 * when some are there: then head_scale gives the weights the length that makes the logits those of CLIP on average. */
void head_set_vectors(struct head *head, const float *vectors);
void head_scale(struct head *head, const struct tensor *features, float logit_scale);

#endif
