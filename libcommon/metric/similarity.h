/* Similarity of two images: structural similarity and mean squared error. */
#ifndef METRIC_SIMILARITY_H
#define METRIC_SIMILARITY_H

#include <stddef.h>

enum { SSIM_WINDOW = 11 }; /* side in pixels, the smallest supported image */

/* Mean over all pixels and channels of (a - b)^2.  a, b: [height, width, 3], 0..255. */
double mean_square_difference(const unsigned char *a, const unsigned char *b, size_t bytes);

/* SSIM (Wang et al. 2004): a Gaussian window of 11 x 11 with sigma 1.5, K1 .01, K2 .03, L 255, population covariance; the mean over all
 * complete windows and the three channels.  The same as scikit-image with gaussian_weights, sigma 1.5 and use_sample_covariance=False.
 * scratch: [SSIM_SCRATCH(width, height)].  width, height >= SSIM_WINDOW. */
#define SSIM_SCRATCH(width, height) (5 * (width) * (height))
double structural_similarity(const unsigned char *a, const unsigned char *b, size_t width, size_t height, double *scratch);

#endif
