/* Every op on the tape, one line each; the files named have the shapes, the definition and the backward.
 * (The plain kernels, without a tape, are declared in those files' own headers.) */
#ifndef NN_OPS_H
#define NN_OPS_H

#include "nn/tape.h"

#include <stdint.h>

/* conv.c       x [n,h,w,c], weight [out,kh,kw,c] -> [n,h',w',out]; square stride and zero padding, no bias */
struct tensor *op_conv2d(struct tape *, struct tensor *x, struct tensor *weight, size_t stride, size_t pad);

/* batch_norm.c over all but the last axis; y = norm(x) * gain + bias, then + skip (may be NULL), then relu if asked:
 *              one pass.  Biased variance normalises, unbiased goes into the running one; momentum .1, eps 1e-5. */
struct batch_norm {
	struct tensor gain, bias;                  /* [c] */
	struct tensor running_mean, running_var;   /* [c], no gradient */
};
struct tensor *op_batch_norm(struct tape *, struct tensor *x, struct batch_norm *norm, struct tensor *skip, bool relu);

/* layer_norm.c over the last axis, eps 1e-5 */
struct tensor *op_layer_norm(struct tape *, struct tensor *x, struct tensor *gain, struct tensor *bias);

/* linear.c     x [.., in] -> [.., out].  weight [out,in] as torch.nn.Linear, bias [out] or NULL */
struct tensor *op_linear(struct tape *, struct tensor *x, struct tensor *weight, struct tensor *bias);
/*              x [.., in] @ matrix [in,out]: CLIP's projections are stored this way round */
struct tensor *op_project(struct tape *, struct tensor *x, struct tensor *matrix);

/* attention.c  qkv [n,t,3d] -> [n,t,d]; heads side by side in d; scale 1/sqrt(d/heads); causal: no looking ahead */
struct tensor *op_attention(struct tape *, struct tensor *qkv, size_t heads, bool causal);
/*              q [n,r,d] or [n r,d] over other tokens, k, v [n,t,d]: three tensors -> as q */
struct tensor *op_cross_attention(struct tape *, struct tensor *q, struct tensor *k, struct tensor *v, size_t heads);

/* tokens.c     pixels [n,..,d] become tokens with one more in front, `first` [d] or (NULL) their mean, and positions
 *              [1+t,d] added -> [n,1+t,d] */
struct tensor *op_tokens(struct tape *, struct tensor *x, struct tensor *first, struct tensor *positions);

/* activation.c */
struct tensor *op_relu(struct tape *, struct tensor *x);
struct tensor *op_gelu(struct tape *, struct tensor *x);       /* exact, by erf */
struct tensor *op_quick_gelu(struct tape *, struct tensor *x); /* x * sigmoid(1.702 x) */

/* add.c        same shapes */
struct tensor *op_add(struct tape *, struct tensor *a, struct tensor *b);

/* pool.c       [n,h,w,c] -> [n,h/k,w/k,c] (odd edges dropped, as torch), and -> [n,c] */
struct tensor *op_avg_pool2d(struct tape *, struct tensor *x, size_t k);
struct tensor *op_global_avg_pool(struct tape *, struct tensor *x);

/* embedding.c  ids [n,t] (borrowed until the tape's reset), table [v,d], positions [>=t,d] -> [n,t,d] */
struct tensor *op_embedding(struct tape *, const int32_t *ids, size_t n, size_t t, struct tensor *table, struct tensor *positions);

/* rows.c       rows `index[i]` of x seen as [rows, d] -> [count, d]; rows first.. first+count as a view (no copy) */
struct tensor *op_gather_rows(struct tape *, struct tensor *x, const size_t *index, size_t count);
struct tensor *op_slice(struct tape *, struct tensor *x, size_t first, size_t count); /* along axis 0 */

/* standardise.c  (x - mean) / std for each channel, the last axis, of at most 4 */
struct tensor *op_standardise(struct tape *, struct tensor *x, const float *mean, const float *std);

/* normalise.c  rows divided by their L2 norm */
struct tensor *op_l2_normalise(struct tape *, struct tensor *x);

/* cross_entropy.c  mean over rows, in nats -> [1].  targets borrowed until the tape's reset */
struct tensor *op_cross_entropy(struct tape *, struct tensor *logits, const int32_t *targets);
/* info_nce.c   CE over rows of exp(logit_scale) * rows @ columns', target of row i is column first + i: one direction.
 *              rows [n,d], columns [m,d] with m >= n: the rows of one worker and the columns of all */
struct tensor *op_info_nce(struct tape *, struct tensor *rows, struct tensor *columns, size_t first, struct tensor *logit_scale);
/*              With several positives: the target of row i is spread evenly over all columns whose group is that of column
 *              first + i.  groups: [m], borrowed until the tape's reset; NULL: as above */
struct tensor *op_info_nce_groups(
	struct tape *, struct tensor *rows, struct tensor *columns, size_t first, const uint32_t *groups, struct tensor *logit_scale);
/* losses.c  mean over rows of (a[i] . b[i] - target)^2 -> [1].  a, b [n,d], n >= 1 */
struct tensor *op_cosine_target(struct tape *, struct tensor *a, struct tensor *b, float target);
/* losses.c  mean over rows of |a[i] - b[i]|^2 -> [1].  a, b [n,d], n >= 1 */
struct tensor *op_squared_distance(struct tape *, struct tensor *a, struct tensor *b);
/* add.c  sum of weight[i] * loss[i] -> [1] */
struct tensor *op_weighted_sum(struct tape *, size_t count, struct tensor *const *losses, const float *weights);

/* losses.c  a loss [1] whose value is not known (0); its gradients for these results are given: gradients[i] is as
 * large as results[i], and there until the backward */
struct tensor *op_given_gradient(struct tape *, size_t count, struct tensor *const *results, const float *const *gradients);

#endif
