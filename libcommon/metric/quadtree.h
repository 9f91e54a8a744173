/* Points of the plane in a tree of cells, for forces that fall off with distance: what lies far away is one point. */
#ifndef METRIC_QUADTREE_H
#define METRIC_QUADTREE_H

#include <stddef.h>
#include <stdint.h>

/* In preorder, so that a cell's own begin right behind it. */
struct cell {
	double x, y;      /* the mean of its points */
	double size;      /* the longer side of the box around them; 0: they lie in one place */
	uint32_t count;
	uint32_t next;    /* the cell behind all of its own */
};

struct quadtree {
	struct cell *cells; /* at most 2 n - 1 */
	size_t count;
};

/* points: [n, 2], 1 <= n < 2^31.  order: [n], scratch.  cells has room for 2 n. */
void quadtree_build(struct quadtree *tree, const double *points, size_t n, uint32_t *order);

/* Sums over all points, itself included, with q = 1 / (1 + distance^2): of q (returned), and of q^2 times the way from
 * there to here (force [2]).  A cell counts as one point where its size is below theta times its distance. */
double quadtree_force(const struct quadtree *tree, const double here[2], double theta, double force[2]);

#endif
