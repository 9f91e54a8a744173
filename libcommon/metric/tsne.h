/* t-SNE (van der Maaten and Hinton 2008): a map of high-dimensional points to the plane that keeps neighbours together.  A step takes
 * n log n time with Barnes and Hut's tree (van der Maaten 2014, "Accelerating t-SNE using tree-based algorithms").
 * The result depends on the points and their order, the options and the seed, not on the number of threads. */
#ifndef METRIC_TSNE_H
#define METRIC_TSNE_H

#include "core/err.h"
#include "core/parallel.h"

#include <stddef.h>
#include <stdint.h>

struct tsne_options {
	double perplexity; /* effective number of neighbours; 3 times as many are used */
	double theta;      /* a cell counts as one point at a distance of 1/theta times its size; 0: exact; at most .7 */
	size_t iterations; /* the first quarter, at most 250, with early exaggeration by 12 */
	uint64_t seed;
};

/* Progress of one step. */
struct tsne_report {
	size_t iteration;  /* from 1 */
	double divergence; /* Kullback-Leibler divergence of the current points, in nats */
};

/* Neighbours as a sparse symmetric matrix whose sum is 1: row i is begin[i] .. begin[i + 1]. */
struct tsne_graph {
	size_t n, *begin;
	uint32_t *column;
	double *p;
};

/* x: [n, width], finite.  Errors: perplexity not below (n - 1) / 3; out of memory.  The caller frees with tsne_graph_free, also after
 * an error. */
int tsne_graph(struct tsne_graph *graph, const float *x, size_t n, size_t width, double perplexity, struct pool *pool, struct err *err);
void tsne_graph_free(struct tsne_graph *graph);

/* The gradient [n, 2] of the divergence at y [n, 2], with p multiplied by `pull`; *divergence, which may be NULL, without that factor.
 * -1: out of memory. */
int tsne_gradient(const struct tsne_graph *graph, const double *y, double pull, double theta, struct pool *pool, double *gradient,
	double *divergence, struct err *err);

/* y: [n, 2], the result.  report, which may be NULL, is called every 50 steps and after the last. */
int tsne(const struct tsne_graph *graph, const struct tsne_options *options, struct pool *pool, double *y,
	void (*report)(void *context, const struct tsne_report *report), void *context, struct err *err);

/* A quadtree of points of the plane, for forces that decrease with distance: distant cells count as one point. */

/* Cells are in preorder: a cell's children follow it directly. */
struct cell {
	double x, y;      /* the mean of its points */
	double size;      /* the longer side of its bounding box; 0: all its points coincide */
	uint32_t count;
	uint32_t next;    /* the cell after all of its descendants */
};

struct quadtree {
	struct cell *cells; /* at most 2 n - 1 */
	size_t count;
};

/* points: [n, 2], 1 <= n < 2^31.  order: [n], scratch.  cells must have a capacity of 2 n. */
void quadtree_build(struct quadtree *tree, const double *points, size_t n, uint32_t *order);

/* Sums over all points, including the point itself, with q = 1 / (1 + distance^2): the sum of q (returned), and of q^2 times the vector
 * from the point to `here` (force [2]).  A cell counts as one point if its size is below theta times its distance. */
double quadtree_force(const struct quadtree *tree, const double here[2], double theta, double force[2]);

#endif
