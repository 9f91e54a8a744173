/* Mean over i of -log softmax(logits[i])[target of i], in nats.   logits, probability [n,m], n and m >= 1.
 * The target of row i is targets[i], or first + i where targets is NULL (row i belongs to column first + i). */
#ifndef NN_CROSS_ENTROPY_H
#define NN_CROSS_ENTROPY_H

#include "core/parallel.h"

#include <stdbool.h>
#include <stdint.h>

struct cross_entropy {
	size_t n, m;
	const int32_t *targets;
	size_t first;
	const float *logits;
	float *probability; /* kept for the backward */
	double *row_loss;   /* [n] of scratch */
};

double cross_entropy_forward(struct pool *pool, struct cross_entropy *ce);

/* d logits (+)= d_loss * (probability - onehot(target)) / n.  d_logits may be probability. */
void cross_entropy_backward(struct pool *pool, const struct cross_entropy *ce, float d_loss, bool add, float *d_logits);

#endif
