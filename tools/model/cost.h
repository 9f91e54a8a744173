/* What it costs to use a model: found by going through a step without doing it. */
#ifndef TOOLS_COST_H
#define TOOLS_COST_H

#include "clip/clip.h"

/* Floating point operations of the matrix products, forward: two for a multiplication and its addition. */
struct cost {
	double image, text;     /* of one image; of one text that fills the context */
	size_t step, step_views; /* bytes of a training step, cross-modal and with two views: parameters, gradients, AdamW's moments, and
				    what the backward needs of the forward */
};

/* The model needs memory for its values, which are not looked at; gradients are taken and left behind.
 * batch: records in a step, texts of full length. */
int cost_of(struct cost *cost, struct clip *clip, size_t batch, struct err *err);

#endif
