/* Arithmetic on the parameters of whole models. */
#ifndef CLIP_ARITHMETIC_H
#define CLIP_ARITHMETIC_H

#include "clip/clip.h"

/* Weights of a linear interpolation (WiSE-FT, Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"): 0 keeps the first
 * model, 1 takes the second, anything else extrapolates (2 doubles the difference, -1 negates it). */
struct mix_weights {
	double image, text, logit_scale;
};

/* clip = (1 - weight) clip + weight other, in double precision; exact at 0 and 1.  Running statistics of batch norms are interpolated
 * with the weight clamped to [0, 1], since a variance must not become negative.  Errors: the models differ
 * in configuration or in the names and shapes of their parameters; a number of the result is not finite. */
int clip_mix(struct clip *clip, const struct clip *other, const struct mix_weights *weights, struct err *err);

/* New running statistics for the image tower's batch norms: the mean over batches of each batch's own statistics, as
 * torch.optim.swa_utils.update_bn computes them.  No parameter changes. */
struct recalibration {
	struct clip *clip;
	double *sums; /* of all statistics, in the order of the parameters */
	uint64_t batches;
};

/* Error: the model has no batch norm, or no memory.  The caller frees with recalibration_free, also after an error. */
int recalibration_init(struct recalibration *recalibration, struct clip *clip, struct err *err);

/* One batch of n > 1 images, as clip_encode_images takes them.  Resets the tape.  -1: no memory. */
int recalibration_add(struct recalibration *recalibration, struct tape *tape, const uint8_t *pixels, size_t n);

/* Sets the running statistics; at least one batch was added. */
void recalibration_finish(const struct recalibration *recalibration);
void recalibration_free(struct recalibration *recalibration);

#endif
