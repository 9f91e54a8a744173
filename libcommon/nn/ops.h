/* All ops on the tape.  The file named in front of each has its definition, shapes and backward.
 * Every op returns NULL, and sets tape->failed, if an input is NULL or memory is exhausted.  Shapes are asserted. */
#ifndef NN_OPS_H
#define NN_OPS_H

#include "nn/tape.h"

#include <stdint.h>

/* conv.c       x [n,h,w,c], weight [out,kh,kw,c] -> [n,h',w',out]; square stride, zero padding, no bias */
struct tensor *op_conv2d(struct tape *, struct tensor *x, struct tensor *weight, size_t stride, size_t pad);

/* batch_norm.c over all axes but the last; relu(norm(x) * gain + bias + skip) in one pass; skip may be NULL.
 *              Normalises with the biased variance and keeps the unbiased one; momentum .1, eps 1e-5. */
struct batch_norm {
	struct tensor gain, bias;                  /* [c] */
	struct tensor running_mean, running_var;   /* [c], no gradient */
};
struct tensor *op_batch_norm(struct tape *, struct tensor *x, struct batch_norm *norm, struct tensor *skip, bool relu);

/* layer_norm.c over the last axis, eps 1e-5 */
struct tensor *op_layer_norm(struct tape *, struct tensor *x, struct tensor *gain, struct tensor *bias);

/* linear.c     x [..,in] -> [..,out].  weight [out,in] as in torch.nn.Linear, bias [out] or NULL */
struct tensor *op_linear(struct tape *, struct tensor *x, struct tensor *weight, struct tensor *bias);
/*              x [..,in] @ matrix [in,out], the layout of CLIP's projections */
struct tensor *op_project(struct tape *, struct tensor *x, struct tensor *matrix);

/* attention.c  qkv [n,t,3d] -> [n,t,d]; heads are adjacent columns of d; scale 1/sqrt(d/heads); causal: token i sees 0..i */
struct tensor *op_attention(struct tape *, struct tensor *qkv, size_t heads, bool causal);
/*              q [n,r,d] or [n r,d] attends to other tokens, k, v [n,t,d]; three different tensors -> shape of q */
struct tensor *op_cross_attention(struct tape *, struct tensor *q, struct tensor *k, struct tensor *v, size_t heads);

/* embedding.c  ids [n,t] (borrowed until the tape's reset), table [v,d], positions [>=t,d] -> [n,t,d] */
struct tensor *op_embedding(struct tape *, const int32_t *ids, size_t n, size_t t, struct tensor *table, struct tensor *positions);
/*              pixels [n,..,d] of t pixels -> tokens [n,1+t,d].  Token 0 is `first` [d] or, if that is NULL, the mean of
 *              the pixels.  positions [1+t,d] are added. */
struct tensor *op_tokens(struct tape *, struct tensor *x, struct tensor *first, struct tensor *positions);

/* activation.c */
struct tensor *op_relu(struct tape *, struct tensor *x);
struct tensor *op_gelu(struct tape *, struct tensor *x);       /* exact, not the tanh approximation */
struct tensor *op_quick_gelu(struct tape *, struct tensor *x); /* x * sigmoid(1.702 x) */

/* add.c        equal shapes */
struct tensor *op_add(struct tape *, struct tensor *a, struct tensor *b);
/*              sum of weights[i] * losses[i] -> [1] */
struct tensor *op_weighted_sum(struct tape *, size_t count, struct tensor *const *losses, const float *weights);

/* pool.c       [n,h,w,c] -> [n,h/k,w/k,c] (remaining rows and columns are ignored, as in PyTorch), and -> [n,c] */
struct tensor *op_avg_pool2d(struct tape *, struct tensor *x, size_t k);
struct tensor *op_global_avg_pool(struct tape *, struct tensor *x);

/* rows.c       rows index[i] of x, taken as [rows,d] -> [count,d]; rows first..first+count-1 along axis 0, as a view (no copy) */
struct tensor *op_gather_rows(struct tape *, struct tensor *x, const size_t *index, size_t count);
struct tensor *op_slice(struct tape *, struct tensor *x, size_t first, size_t count);

/* normalise.c  rows divided by their L2 norms */
struct tensor *op_l2_normalise(struct tape *, struct tensor *x);
/*              (x - mean) / std for each channel, the last axis, of at most 4 */
struct tensor *op_standardise(struct tape *, struct tensor *x, const float *mean, const float *std);

/* cross_entropy.c  cross entropy, mean over rows, in nats -> [1].  targets: borrowed until the tape's reset */
struct tensor *op_cross_entropy(struct tape *, struct tensor *logits, const int32_t *targets);
/*              InfoNCE in one direction: cross entropy of exp(logit_scale) * rows @ columns', where the target of row i is
 *              column first + i -> [1].  rows [n,d], columns [m,d] with m >= n: the rows of one worker, the columns of all */
struct tensor *op_info_nce(struct tape *, struct tensor *rows, struct tensor *columns, size_t first, struct tensor *logit_scale);
/*              with several positives: the target of row i is spread evenly over all columns in the group of column first + i.
 *              groups [m], borrowed until the tape's reset; NULL: as above */
struct tensor *op_info_nce_groups(
	struct tape *, struct tensor *rows, struct tensor *columns, size_t first, const uint32_t *groups, struct tensor *logit_scale);
/* losses.c     mean over rows of (a[i] . b[i] - target)^2 -> [1].  a, b [n,d], n >= 1 */
struct tensor *op_cosine_target(struct tape *, struct tensor *a, struct tensor *b, float target);
/*              mean over rows of |a[i] - b[i]|^2 -> [1].  a, b [n,d], n >= 1 */
struct tensor *op_squared_distance(struct tape *, struct tensor *a, struct tensor *b);
/*              a loss [1] computed elsewhere: its value is 0, its gradient for results[i] is gradients[i], of the same size,
 *              borrowed until the backward */
struct tensor *op_given_gradient(struct tape *, size_t count, struct tensor *const *results, const float *const *gradients);

/* recompute.c  the blocks of a tower applied in order, with less memory.
 *              If the tape does not record, the tensors of a block are freed when its result is computed.
 *              If it records and tape->recompute is set, only the results of blocks are kept; the rest is computed again in
 *              the backward (gradient checkpointing; Chen et al. 2016, "Training deep nets with sublinear memory cost"):
 *              the same bits for a third more work. */

/* Applies block i to x.  Must depend on x and parameters only, and give the same bits each time; batch norms update their
 * running statistics only the first time.  context: the caller's, valid until the tape's reset. */
typedef struct tensor *block_forward(struct tape *tape, void *context, size_t i, struct tensor *x);

struct tensor *op_blocks(struct tape *tape, size_t count, block_forward *forward, void *context, struct tensor *x);

#endif
