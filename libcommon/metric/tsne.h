/* t-SNE: points of many dimensions drawn in two, so that neighbours stay neighbours (van der Maaten and Hinton 2008), in
 * n log n a step by Barnes and Hut's tree (van der Maaten 2014, "Accelerating t-SNE using tree-based algorithms").
 * Deterministic: a function of the points in their order, the options and the seed, at any number of threads. */
#ifndef METRIC_TSNE_H
#define METRIC_TSNE_H

#include "core/err.h"
#include "core/parallel.h"

#include <stddef.h>
#include <stdint.h>

struct tsne_options {
	double perplexity; /* about how many neighbours a point has; 3 times as many are looked at */
	double theta;      /* 0: exact; a cell is one point to who is 1/theta times its size away.  At most .7 */
	size_t iterations; /* of which the first quarter, at most 250, pull 12 times as hard */
	uint64_t seed;
};

/* What a step saw. */
struct tsne_report {
	size_t iteration;  /* from 1 */
	double divergence; /* Kullback and Leibler's, in nats, of the points as they are */
};

/* Neighbours as a sparse symmetric matrix whose sum is 1: row i is begin[i] .. begin[i + 1]. */
struct tsne_graph {
	size_t n, *begin;
	uint32_t *column;
	double *p;
};

/* x: [n, width], finite.  Errors: perplexity not below (n - 1) / 3, no memory.  The caller frees, also after an error. */
int tsne_graph(struct tsne_graph *graph, const float *x, size_t n, size_t width, double perplexity, struct pool *pool, struct err *err);
void tsne_graph_free(struct tsne_graph *graph);

/* The gradient [n, 2] of the divergence at y [n, 2], with p multiplied by `pull`; and the divergence (pull 1) where
 * it is asked for (else NULL).  -1: no memory. */
int tsne_gradient(const struct tsne_graph *graph, const double *y, double pull, double theta, struct pool *pool, double *gradient,
	double *divergence, struct err *err);

/* y: [n, 2].  report may be NULL; it is called each 50 steps and for the last. */
int tsne(const struct tsne_graph *graph, const struct tsne_options *options, struct pool *pool, double *y,
	void (*report)(void *context, const struct tsne_report *report), void *context, struct err *err);

#endif
